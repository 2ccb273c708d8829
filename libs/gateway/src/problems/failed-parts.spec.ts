import { Controller, Get, Param } from '@nestjs/common';
import { each, optional, orNull, pick, plan, required, screen, list } from '@frontage/aggregation';
import { Public } from '@frontage/auth';
import type { Client } from '@frontage/clients';
import type { CallFailure, RequestEnded } from '@frontage/context';
import { channels } from '@frontage/core';
import { rawReplies } from '@frontage/testing/raw-replies';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import * as shop from '../fixtures/shop.js';
import { GatewayUnderTest } from '../fixtures/gateway-under-test.js';
import { InjectClient } from '../nest/inject-client.decorator.js';
import { Screen } from '../screens/screen.decorator.js';

const { getItem, listItems } = shop;
/** As the generator writes a module. */
const shopModule = { contract: getItem.contract, getItem };
type Shop = Client<typeof shopModule>;

const needed = screen(
  plan('spec.needed', { input: { path: z.object({ id: z.string() }) }, deadlineMs: 1000 }, ({ path }) => ({
    item: required(getItem, { path: { id: path.id } }),
  })),
  ({ item }) => pick(item, 'id'),
);
const wanted = screen(
  plan('spec.wanted', { deadlineMs: 1000 }, () => ({
    item: optional(getItem, { path: { id: 'i-1' } }, { timeoutMs: 60 }),
  })),
  ({ item }) => ({ name: orNull(pick(item, 'name')) }),
);
const many = screen(
  plan('spec.many', { deadlineMs: 1000 }, () => {
    const items = required(listItems, {});
    return { items, details: each(items, (item) => optional(getItem, { path: { id: item.id } }), { maxCount: 9 }) };
  }),
  ({ details }) => list(details, (item) => orNull(pick(item, 'id'))),
);

@Public()
@Controller()
class ItemController {
  @Get('needed/:id')
  @Screen(needed)
  needed(@Param() path: object) {
    return { path };
  }
  @Get('wanted')
  @Screen(wanted)
  wanted() {
    return {};
  }
  @Get('many')
  @Screen(many)
  many() {
    return {};
  }
  @Get('by-hand')
  byHand(@InjectClient(shopModule) client: Shop): Promise<unknown> {
    return client.getItem({ path: { id: 'i-1' } });
  }
}

let app: GatewayUnderTest;
beforeAll(async () => {
  app = await GatewayUnderTest.start({
    controllers: [ItemController],
    upstreams: "  shop: { urls: ['${SHOP_URL}'], retry: off, breaker: off }",
  });
});
afterAll(() => app?.stop());

/** The failures that the log line of a request names. */
async function failuresOf(path: string, reply: typeof app.shop.reply): Promise<readonly CallFailure[]> {
  app.shop.reply = reply;
  const ended = new Promise<RequestEnded>((resolve) => {
    const listen = (message: unknown): void => {
      channels.requestEnded.unsubscribe(listen);
      resolve(message as RequestEnded);
    };
    channels.requestEnded.subscribe(listen);
  });
  await (await app.ask(path)).text();
  return (await ended).context.failures?.list ?? [];
}

const ofItem = { upstream: 'shop', operation: 'getItem', count: 1 };

describe('the log of a request names a part that failed, with address, reason and attempt', () => {
  it.each([
    [
      'refuses',
      rawReplies.json({}, {}, 500),
      { reason: 'error', status: 500, attempt: 1, detail: 'responded with status 500' },
    ],
    [
      'hangs up',
      (socket) => void socket.destroy(),
      { reason: 'error', status: 0, attempt: 1, detail: expect.any(String) },
    ],
    ['does not know it', rawReplies.json({}, {}, 404), { reason: 'not_found', status: 404, attempt: 1 }],
    [
      'sends another payload',
      rawReplies.json({ name: 1 }),
      { reason: 'bad_payload', attempt: 1, detail: 'item.id: is missing, though the contract requires it' },
    ],
    [
      'sends no JSON',
      rawReplies.json('{', { 'content-type': 'text/html' }),
      { reason: 'bad_payload', status: 200, attempt: 1, detail: expect.stringContaining('text/html') },
    ],
  ])('a required part whose service %s', async (_, reply, failure) => {
    expect(await failuresOf('/needed/i-1', reply)).toEqual([
      expect.objectContaining({ ...ofItem, part: 'item', address: app.shop.url, ...failure }),
    ]);
  });

  it('a part of which nothing could be sent', async () => {
    expect(await failuresOf('/needed/..%2F', rawReplies.json({}))).toEqual([
      expect.objectContaining({
        ...ofItem,
        part: 'item',
        address: '',
        attempt: 0,
        reason: 'error',
        detail: expect.stringContaining('id'),
      }),
    ]);
  });

  it('an optional part that is late, or violates its contract', async () => {
    expect(await failuresOf('/wanted', rawReplies.silence())).toEqual([
      expect.objectContaining({ ...ofItem, part: 'item', address: app.shop.url, reason: 'timeout', attempt: 1 }),
    ]);
    expect(await failuresOf('/wanted', rawReplies.json({ id: 'i-1' }))).toEqual([
      expect.objectContaining({
        ...ofItem,
        part: 'item',
        reason: 'bad_payload',
        attempt: 1,
        detail: expect.stringContaining('item.name'),
      }),
    ]);
    expect(await failuresOf('/wanted', rawReplies.json({ id: 'i-1', name: 'Lamp' }))).toEqual([]);
  });

  it('the items of a list together', async () => {
    const items = Array.from({ length: 5 }, (_, index) => ({ id: `i-${index}`, name: 'Lamp' }));
    const failures = await failuresOf('/many', (socket, request) =>
      (request.target === '/items' ? rawReplies.json(items) : rawReplies.json({}, {}, 404))(socket, request),
    );
    expect(failures).toEqual([expect.objectContaining({ ...ofItem, part: 'details', reason: 'not_found', count: 5 })]);
  });

  it('a call of a handler', async () => {
    expect(await failuresOf('/by-hand', rawReplies.json({}, {}, 500))).toEqual([
      expect.objectContaining({ ...ofItem, part: '', address: app.shop.url, reason: 'error', status: 500, attempt: 1 }),
    ]);
  });
});
