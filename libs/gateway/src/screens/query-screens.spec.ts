import { Body, Controller, Get, QueryMethod } from '@nestjs/common';
import { plan, required, screen } from '@frontage/aggregation';
import { Access, Public } from '@frontage/auth';
import { rawReplies } from '@frontage/testing/raw-replies';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { loadConfig } from '@frontage/config';
import { createGateway } from '../create-gateway.js';
import { GatewayUnderTest, policyFile, policyText, specModule, takesTokens } from '../fixtures/gateway-under-test.js';
import { findItems, listItems } from '../fixtures/shop.js';
import { Screen } from './screen.decorator.js';

const Filter = z.object({ ids: z.array(z.string().max(20)).max(500) });
const search = screen(
  plan('query.search', { input: { body: Filter }, deadlineMs: 1000 }, ({ body }) => ({
    found: required(findItems, { body: { ids: body.ids } }, { safe: true }),
  })),
  ({ found }, { body }) => ({ asked: body.ids, found }),
);
const all = screen(
  plan('query.all', { deadlineMs: 1000 }, () => ({ items: required(listItems, {}) })),
  ({ items }) => ({ items }),
);

@Controller('items')
class Items {
  @Public()
  @Get()
  @Screen(all)
  all() {
    return {};
  }
  @Public()
  @QueryMethod()
  @Screen(search)
  search(@Body() body: object) {
    return { body };
  }
}
@Controller('own')
class Own {
  @Access({ owner: { body: 'ids' } })
  @QueryMethod()
  @Screen(search)
  search(@Body() body: object) {
    return { body };
  }
}

const policy = `${takesTokens}cors: { origins: ['https://shop.example.com'], headers: [content-type] }
screens: { query.search: { etag: true, ttl: 1m } }
`;
let app: GatewayUnderTest;
beforeAll(async () => {
  app = await GatewayUnderTest.start({ controllers: [Items, Own], policy });
});
beforeEach(() => {
  app.shop.requests.length = 0;
  app.shop.reply = (socket, request) => rawReplies.json([{ id: `i-${request.index}`, name: 'Lamp' }])(socket, request);
});
afterAll(() => app?.stop());

const query = (ids: readonly string[], headers: Readonly<Record<string, string>> = {}): Promise<Response> =>
  fetch(`${app.url}/items`, {
    method: 'QUERY',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ ids }),
  });

describe('a screen of QUERY (RFC 10008)', () => {
  it('takes its filter as a body', async () => {
    const ids = Array.from({ length: 400 }, (_, index) => `item-${index}`);
    const response = await query(ids);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ asked: ids, found: [{ name: 'Lamp' }] });
    expect(app.shop.requests.map(({ method, body }) => [method, JSON.parse(body)])).toEqual([['POST', { ids }]]);
  });

  it('R3: has its body in every key', async () => {
    const bodies = await Promise.all([['a'], ['b'], ['a', 'b']].map(async (ids) => (await query(ids)).text()));
    expect(new Set(bodies).size).toBe(3);
    const calls = app.shop.requests.length;
    expect(await (await query(['a'])).text()).toBe(bodies[0]);
    expect(app.shop.requests.length).toBe(calls);
  });

  it('is safe: a client that holds the response gets 304', async () => {
    const etag = (await query(['c'])).headers.get('etag') ?? '';
    expect((await query(['c'], { 'if-none-match': etag })).status).toBe(304);
    expect((await query(['d'], { 'if-none-match': etag })).status).toBe(200);
  });

  it('is told of by each response of its path: Accept-Query', async () => {
    expect((await query(['a'])).headers.get('accept-query')).toBe('application/json');
    expect((await app.ask('/items')).headers.get('accept-query')).toBe('application/json');
    const wrong = await query(['a'], { 'content-type': 'text/plain' });
    expect([wrong.status, wrong.headers.get('accept-query')]).toEqual([415, 'application/json']);
    expect((await app.ask('/items', { method: 'DELETE' })).headers.get('allow')).toBe('GET, HEAD, QUERY');
  });

  it('refuses what is no filter', async () => {
    expect((await fetch(`${app.url}/items`, { method: 'QUERY' })).status).toBe(400);
    const wrong = await fetch(`${app.url}/items`, {
      method: 'QUERY',
      headers: { 'content-type': 'application/json' },
      body: '{"ids":7}',
    });
    expect(wrong.status).toBe(400);
    expect(await wrong.json()).toMatchObject({ errors: [{ pointer: '/body/ids' }] });
    const typeless = await app.send(
      'QUERY /items HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}',
    );
    expect(typeless).toMatch(/^HTTP\/1\.1 4\d\d /);
  });

  it('is asked for by pages of other origins with a preflight alone', async () => {
    const preflight = (origin: string) =>
      app.ask('/items', { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'QUERY' } });
    const allowed = await preflight('https://shop.example.com');
    expect([allowed.status, allowed.headers.get('access-control-allow-methods')]).toEqual([204, 'GET, HEAD, QUERY']);
    expect((await preflight('https://evil.example.com')).status).toBe(403);
  });

  it('stands in the document of the app with its filter, as OpenAPI 3.2 has it', async () => {
    const loaded = loadConfig(policyFile(policyText({ policy })), {
      env: { SHOP_URL: 'http://shop.invalid', ISSUER_URL: 'https://issuer.invalid' },
      environment: 'test',
    });
    const document = await createGateway(specModule({ controllers: [Items, Own] }), { loaded }).openApi();
    expect(document).toMatchObject({
      openapi: '3.2.0',
      paths: { '/items': { query: { requestBody: { required: true, content: { 'application/json': {} } } } } },
    });
  });

  it('keeps to the access rule about its body, and to the limit of a body', async () => {
    expect(
      (
        await fetch(`${app.url}/own`, {
          method: 'QUERY',
          headers: { 'content-type': 'application/json' },
          body: '{"ids":["ada"]}',
        })
      ).status,
    ).toBe(401);
    expect((await query(['x'.repeat(2_000_000)])).status).toBe(413);
  });
});
