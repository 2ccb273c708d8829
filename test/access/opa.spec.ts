import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Controller, Get, Param, Post } from '@nestjs/common';
import { given, optional, orNull, orOmit, pick, plan, required, screen, write } from '@frontage/aggregation';
import { Access, Caller, Public } from '@frontage/auth';
import { loadConfig } from '@frontage/config';
import { Screen } from '@frontage/gateway';
import { rawReplies } from '@frontage/testing/raw-replies';
import { RawServer, type RawReply } from '@frontage/testing/raw-server';
import { describe, expect, it, onTestFinished } from 'vitest';
import { GatewayUnderTest, takesTokens } from '../../libs/gateway/src/fixtures/gateway-under-test.js';
import { addItem, getItem } from '../../libs/gateway/src/fixtures/shop.js';
import { policyFile } from './policy-file.js';

const item = (id: string) => ({ path: { id } });
const page = screen(
  plan('opa.page', { input: { caller: given<Caller>() }, deadlineMs: 8_000 }, () => ({
    item: required(getItem, item('i-1')),
    offer: optional(getItem, item('offer'), { access: { scope: 'offers:read' } }),
    other: optional(getItem, item('other')),
  })),
  ({ item, offer, other }) => ({
    item: pick(item, 'id', 'name'),
    offer: orNull(pick(offer, 'name')),
    other: orOmit(pick(other, 'id', 'name')),
  }),
);
const change = screen(
  plan('opa.change', { deadlineMs: 8_000 }, () => ({
    made: write(addItem, { body: { name: 'x' } }),
    item: required(getItem, item('i-1')),
  })),
  ({ item }) => pick(item, 'name'),
);

@Access()
@Controller()
class Pages {
  @Get('pages/:id')
  @Screen(page)
  page(@Caller() caller: Caller) {
    return { caller };
  }
  @Post('change')
  @Screen(change)
  change() {
    return {};
  }
  @Get('hand/:id')
  hand(@Param('id') id: string): { readonly id: string } {
    return { id };
  }
  @Public()
  @Get('open')
  open(): string {
    return 'open';
  }
}

/** An agent as its documentation describes it: `{"result": ...}`, or `{}` for a rule that is not defined. */
async function started(result: unknown, more = '', reply?: RawReply) {
  const agent = await RawServer.start(reply ?? rawReplies.json(result === undefined ? {} : { result }));
  const policy = takesTokens.replace('access: {', `access: { opa: { url: '${agent.url}', path: shop/access${more} },`);
  const app = await GatewayUnderTest.start({ controllers: [Pages], policy });
  onTestFinished(async () => {
    await app.stop();
    await agent.stop();
  });
  const token = await app.token('ada', 'offers:read');
  return { agent, app, ask: (path: string, method = 'GET') => app.ask(path, { token, method }), token };
}
const answer = async (response: Response) => [response.status, JSON.parse(await response.text())] as const;
const lamp = { id: 'i-1', name: 'Lamp' };

describe('an Open Policy Agent', () => {
  it('is asked once about a request and all parts of its screen, over its documented API', async () => {
    const { agent, app, ask } = await started(true);
    expect(await answer(await ask('/pages/7?mode=short&mode=long&lang=de'))).toEqual([
      200,
      { item: lamp, offer: { name: 'Lamp' }, other: lamp },
    ]);
    expect(agent.requests).toHaveLength(1);
    const [request] = agent.requests;
    expect([request?.method, request?.target, request?.headers['content-type']]).toEqual([
      'POST',
      '/v1/data/shop/access',
      'application/json',
    ]);
    expect(JSON.parse(request?.body ?? '')).toEqual({
      input: {
        bff: 'spec',
        route: { method: 'GET', path: '/pages/:id' },
        path: { id: '7' },
        query: { lang: 'de' },
        caller: expect.objectContaining({ subject: 'ada', scopes: ['offers:read'], roles: [] }),
        parts: {
          item: { upstream: 'shop', operation: 'getItem', need: 'required' },
          offer: {
            upstream: 'shop',
            operation: 'getItem',
            need: 'optional',
            access: { allScopes: ['offers:read'], anyScopes: [], anyRoles: [] },
          },
          other: { upstream: 'shop', operation: 'getItem', need: 'optional' },
        },
      },
    });
    expect((await app.ask('/open')).status).toBe(200);
    expect(agent.requests).toHaveLength(1);
  });

  it.each([[false], [undefined], [{ allow: false }], [{}], [{ allow: 'true' }]])(
    'allows nothing with the result %j: 403, and nothing is sent',
    async (result) => {
      const { app, ask } = await started(result);
      expect(await answer(await ask('/pages/7'))).toEqual([403, expect.objectContaining({ code: 'GW_FORBIDDEN' })]);
      expect((await ask('/hand/7')).status).toBe(403);
      expect(app.shop.requests).toEqual([]);
    },
  );

  it('denies parts: an optional one is forbidden, a required one ends the request before a change is made', async () => {
    const { app, ask } = await started({ allow: true, parts: { offer: false, item: true, other: 'yes' } });
    expect(await answer(await ask('/pages/7'))).toEqual([
      200,
      {
        item: lamp,
        offer: null,
        _parts: { offer: { status: 'forbidden', source: 'none' }, other: { status: 'forbidden', source: 'none' } },
      },
    ]);
    expect(app.shop.requests.map(({ target }) => target)).toEqual(['/items/i-1']);
    const strict = await started({ allow: true, parts: { item: false } });
    expect(await answer(await strict.ask('/change', 'POST'))).toEqual([
      403,
      expect.objectContaining({ code: 'GW_FORBIDDEN', part: 'item' }),
    ]);
    expect(strict.app.shop.requests).toEqual([]);
  });

  it('obliges to mask members: removed where they are optional, refused before anything is sent where they cannot be', async () => {
    const { ask } = await started({ allow: true, mask: ['other', 'offer', 'nothing.here'] });
    expect(await answer(await ask('/pages/7'))).toEqual([200, { item: lamp, offer: null }]);
    const impossible = await started({ allow: true, mask: ['item.name'] });
    expect(await answer(await impossible.ask('/pages/7'))).toEqual([
      403,
      expect.objectContaining({ code: 'GW_FORBIDDEN' }),
    ]);
    expect(impossible.app.shop.requests).toEqual([]);
    const byHand = await started({ allow: true, mask: ['id'] });
    expect((await byHand.ask('/hand/7')).status).toBe(403);
  });

  it.each<[string, RawReply]>([
    ['an error', rawReplies.json({ code: 'internal_error' }, {}, 500)],
    ['a reset', rawReplies.reset()],
    ['silence', rawReplies.silence()],
    ['no JSON', rawReplies.bytes('HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n{')],
    ['a list', rawReplies.json([])],
    ['a result of another kind', rawReplies.json({ result: 'yes' })],
    ['a mask of another kind', rawReplies.json({ result: { allow: true, mask: 'user' } })],
    ['a redirect', rawReplies.redirect(307, 'http://127.0.0.1:1/')],
  ])('that responds with %s decides nothing: 503, and nothing is sent', async (_, reply) => {
    const { app, ask } = await started(true, ', timeout: 200ms', reply);
    expect(await answer(await ask('/pages/7'))).toEqual([503, expect.objectContaining({ code: 'GW_UNAVAILABLE' })]);
    expect(app.shop.requests).toEqual([]);
  });

  it('that fails is left alone: requests are refused at once', async () => {
    const { agent, ask } = await started(true, ', cache: 0ms', rawReplies.json({}, {}, 500));
    for (let time = 0; time < 10; time++) expect((await ask('/hand/7')).status).toBe(503);
    expect(await answer(await ask('/hand/7'))).toEqual([
      503,
      expect.objectContaining({ code: 'GW_UPSTREAM_OPEN_CIRCUIT' }),
    ]);
    expect(agent.requests).toHaveLength(10);
  });

  it('is asked again for another caller, another path and another query, and not for the same within the cache', async () => {
    const { agent, app, ask } = await started(true, ', cache: 60s, token: s3cret');
    for (const path of ['/hand/1', '/hand/1', '/hand/2', '/hand/2?a=b']) expect((await ask(path)).status).toBe(200);
    expect(agent.requests).toHaveLength(3);
    expect((await app.ask('/hand/1', { token: await app.token('bob') })).status).toBe(200);
    expect([agent.requests.length, agent.requests[0]?.headers['authorization']]).toEqual([4, 'Bearer s3cret']);
  });

  it('is not asked for a caller whom the route refuses', async () => {
    const { agent, app } = await started(true);
    expect((await app.ask('/hand/7')).status).toBe(401);
    expect(agent.requests).toEqual([]);
  });
});

describe('docs/access.md', () => {
  const text = readFileSync(join(import.meta.dirname, '../../docs/access.md'), 'utf8');
  const section = text.slice(text.indexOf('### Open Policy Agent'));

  it('has lines for an agent that the start accepts, and a response that has every obligation', () => {
    const [, lines = ''] = /```yaml\n([\s\S]*?)```/.exec(section) ?? [];
    const { access } = loadConfig(policyFile(lines), { env: {}, environment: 'test' });
    expect(access?.opa).toEqual({ url: 'http://127.0.0.1:8181', path: 'shop/access', cacheMs: 5_000, timeoutMs: 500 });
    const [, response = ''] = /```json\n([\s\S]*?)```/.exec(section) ?? [];
    expect(JSON.parse(response)).toEqual({ result: { allow: true, parts: { offers: false }, mask: ['user.email'] } });
  });

  it('says what is refused: an agent that is reached over http: on another machine', () => {
    const lines =
      "access: { opa: { url: 'http://opa.test', path: a }, jwt: { issuer: https://i.test, audience: a, jwks: https://i.test/k } }";
    expect(() => loadConfig(policyFile(lines), { env: {}, environment: 'test' })).toThrow(/write https:/);
  });
});
