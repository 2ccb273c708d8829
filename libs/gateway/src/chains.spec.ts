import { Body, Controller, Get, Headers, Post } from '@nestjs/common';
import {
  atLeastOne,
  each,
  fixed,
  given,
  list,
  optional,
  orNull,
  plan,
  problem,
  required,
  screen,
  write,
} from '@frontage/aggregation';
import { Public } from '@frontage/auth';
import { rawReplies } from '@frontage/testing/raw-replies';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { GatewayUnderTest } from './fixtures/gateway-under-test.js';
import { addLine, dropLine, findItems, getItem, listItems } from './fixtures/shop.js';
import { Screen } from './screens/screen.decorator.js';

let app: GatewayUnderTest | undefined;
afterEach(() => app?.stop());

const Lines = z.object({ lines: z.array(z.object({ sku: z.string() })).max(50) });
const fill = screen(
  plan('spec.fill', { input: { key: given<string>(), body: Lines }, deadlineMs: 5_000 }, ({ key, body }) => {
    const added = each(
      body.lines,
      (line) =>
        write(
          addLine,
          { header: { 'Idempotency-Key': key }, body: { sku: line.sku } },
          { undo: (made) => write(dropLine, { path: { id: made.id } }) },
        ),
      { maxCount: 3 },
    );
    const after = required(listItems, {}, { after: [added] });
    return { added, after };
  }),
  ({ added }) => ({ ids: list(added, (line) => line.id) }),
);
const shelf = screen(
  plan('spec.shelf', { deadlineMs: 5_000 }, () => {
    const items = optional(listItems, {});
    const groups = each(items, (item) => optional(findItems, { body: { ids: [], of: item.id } }, { safe: true }), {
      maxCount: 5,
    });
    const details = each(
      groups,
      (group) => each(group, (found) => optional(getItem, { path: { id: found.id } }), { maxCount: 5 }),
      { maxCount: 5 },
    );
    const lone = optional(getItem, { path: { id: 'lone' } });
    atLeastOne([items, lone], problem(503, 'nothing_here', 'Nothing is here.'));
    return { items, groups, details, lone };
  }),
  ({ details }) => ({
    details: orNull(list(details, (group) => orNull(list(group, (item) => orNull(item.name))))),
    is: fixed(true),
  }),
);

@Public()
@Controller('chains')
class Chains {
  @Post('lines')
  @Screen(fill)
  fill(@Body() body: unknown, @Headers('idempotency-key') key: string) {
    return { key, body };
  }

  @Get('shelf')
  @Screen(shelf)
  shelf() {
    return {};
  }
}

/** The item that a search asks about. */
const idIn = (body: string): string => /"of":"(\w+)"/.exec(body)?.[1] ?? '';

describe.each(['undici', 'direct'])('chains over the transport %s', (transport) => {
  const start = () =>
    GatewayUnderTest.start({
      controllers: [Chains],
      upstreams: `  shop: { urls: ['\${SHOP_URL}'], transport: ${transport}, retry: { attempts: 2, budget: 50% } }`,
    });
  const asked = () => app?.shop.requests.map(({ method, target, body }) => `${method} ${target} ${body}`.trim());

  it('write per item, each with a key of its own, and take back what was made when one fails', async () => {
    app = await start();
    const { shop } = app;
    shop.reply = (socket, request) => {
      if (request.method === 'DELETE') return rawReplies.json(null, {}, 204)(socket, request);
      if (request.body.includes('"bad"')) return rawReplies.json({}, {}, 409)(socket, request);
      return rawReplies.json(request.method === 'GET' ? [] : { id: `l-${request.index}` })(socket, request);
    };
    const headers = { 'idempotency-key': 'order-4711' };
    const good = await app.post('/chains/lines', { lines: [{ sku: 'a' }, { sku: 'a' }] }, headers);
    expect([good.status, await good.json()]).toEqual([201, { ids: ['l-0', 'l-1'] }]);
    const keys = shop.requests.flatMap(({ headers: sent }) => sent['idempotency-key'] ?? []);
    expect(new Set(keys).size).toBe(2);
    expect(asked()).toEqual(['POST /lines {"sku":"a"}', 'POST /lines {"sku":"a"}', 'GET /items']);

    shop.requests.length = 0;
    await app.post('/chains/lines', { lines: [{ sku: 'a' }, { sku: 'a' }] }, headers);
    expect(shop.requests.flatMap(({ headers: sent }) => sent['idempotency-key'] ?? [])).toEqual(keys);

    shop.requests.length = 0;
    const bad = await app.post('/chains/lines', { lines: [{ sku: 'a' }, { sku: 'bad' }, { sku: 'c' }] }, headers);
    expect([bad.status, await bad.json()]).toMatchObject([
      502,
      {
        part: 'added',
        writes: { done: [], undone: ['added[0]'], refused: ['added[1]'], unknown: [], notSent: ['added[2]'] },
      },
    ]);
    expect(asked()?.map((line) => line.split(' ')[0])).toEqual(['POST', 'POST', 'DELETE']);

    shop.requests.length = 0;
    const many = await app.post('/chains/lines', { lines: Array.from({ length: 4 }, () => ({ sku: 'a' })) }, headers);
    expect([many.status, await many.json(), asked()]).toMatchObject([
      400,
      { code: 'GW_INVALID_INPUT', writes: { notSent: ['added'] } },
      [],
    ]);
  });

  it('read through lists of lists, where a broken item costs itself', async () => {
    app = await start();
    app.shop.reply = (socket, request) => {
      const { target, body } = request;
      const found = (...ids: readonly unknown[]) => ids.map((id) => ({ id, name: `n-${String(id)}` }));
      if (target === '/items') return rawReplies.json(found('a', 'b', 'c'))(socket, request);
      if (body.includes('"b"')) return rawReplies.json({}, {}, 500)(socket, request);
      if (target === '/items/search')
        return rawReplies.json([...found(`${idIn(body)}1`, '..', 'gone'), 7])(socket, request);
      if (target.endsWith('/gone')) return rawReplies.json({}, {}, 404)(socket, request);
      return rawReplies.json({ id: 'x', name: target })(socket, request);
    };
    const answer = await app.ask('/chains/shelf');
    expect([answer.status, await answer.json()]).toMatchObject([
      200,
      {
        details: [['/items/a1', null, null, null], null, ['/items/c1', null, null, null]],
        _parts: {
          groups: { items: { 1: 'error' } },
          details: {
            items: {
              '0.1': 'bad_payload',
              '0.2': 'not_found',
              '0.3': 'bad_payload',
              1: 'skipped',
              '2.1': 'bad_payload',
              '2.2': 'not_found',
              '2.3': 'bad_payload',
            },
          },
        },
      },
    ]);
  });

  it('end the request where none of the parts is there that it needs one of', async () => {
    app = await start();
    app.shop.reply = rawReplies.json({}, {}, 500);
    const answer = await app.ask('/chains/shelf');
    expect([answer.status, await answer.json()]).toMatchObject([
      503,
      { code: 'nothing_here', detail: 'Nothing is here.' },
    ]);
  });
});
