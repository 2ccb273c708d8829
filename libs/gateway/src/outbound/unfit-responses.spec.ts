import { Controller, Get } from '@nestjs/common';
import {
  each,
  lastGood,
  list,
  optional,
  orNull,
  pick,
  plan,
  required,
  screen,
  step,
  type Screen as ScreenOf,
} from '@frontage/aggregation';
import { Public } from '@frontage/auth';
import { loadConfig } from '@frontage/config';
import { rawReplies } from '@frontage/testing/raw-replies';
import { RawServer } from '@frontage/testing/raw-server';
import { Keyv } from 'keyv';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createGateway, type Gateway } from '../create-gateway.js';
import { policyFile, specModule } from '../fixtures/gateway-under-test.js';
import { getItem, listItems } from '../fixtures/shop.js';
import type { GatewayOptions } from '../runtime/gateway.options.js';
import { Screen } from '../screens/screen.decorator.js';

const options = { deadlineMs: 2_000 };
const one = { path: { id: 'i-1' } };

const itself = screen(
  plan('unfit.itself', options, () => ({ item: required(getItem, one) })),
  ({ item }) => pick(item, 'id', 'name'),
);
const maybe = screen(
  plan('unfit.maybe', options, () => ({ item: optional(getItem, one) })),
  ({ item }) => ({ item: orNull(pick(item, 'id', 'name')) }),
);
const remembered = screen(
  plan('unfit.remembered', options, () => ({
    item: optional(getItem, one, { fallback: lastGood({ maxAgeMs: 60_000 }) }),
  })),
  ({ item }) => ({ item: orNull(pick(item, 'id', 'name')) }),
);
const items = screen(
  plan('unfit.items', options, () => ({ items: required(listItems, {}) })),
  (parts) => ({ items: list(parts.items, (item) => pick(item, 'id', 'name')) }),
);
const details = screen(
  plan('unfit.details', options, () => {
    const all = required(listItems, {});
    return { all, details: each(all, (item) => required(getItem, { path: { id: item.id } }), { maxCount: 5 }) };
  }),
  (parts) => ({ details: list(parts.details, (item) => pick(item, 'id', 'name')) }),
);
const firstDetail = screen(
  plan('unfit.first', options, () => {
    const all = required(listItems, {});
    const id = step({ all }, (seen) => seen.all[0]?.id.trim() ?? 'i-1');
    return { all, id, item: required(getItem, { path: { id } }) };
  }),
  ({ item }) => pick(item, 'id', 'name'),
);
/** Policy caches both operations, so that a screen of the app must call each of them. */
const calling = screen(
  plan('unfit.calling', options, () => ({ item: required(getItem, one), items: required(listItems, {}) })),
  ({ item }) => pick(item, 'id'),
);

function showing(shown: ScreenOf<object>) {
  @Public()
  @Controller()
  class Shown {
    @Get('screen')
    @Screen(shown)
    show() {
      return {};
    }

    @Get('calling')
    @Screen(calling)
    call() {
      return {};
    }
  }
  return Shown;
}

const lamp = { id: 'i-1', name: 'Lamp' };
const well = { '/items': [lamp], '/items/i-1': lamp };
let bodies: Readonly<Record<string, unknown>> = well;
let shop: RawServer;
const gateways: Gateway[] = [];
beforeEach(async () => {
  bodies = well;
  shop = await RawServer.start((socket, request) => rawReplies.json(bodies[request.target])(socket, request));
});
afterEach(async () => {
  await Promise.all(gateways.splice(0).map((gateway) => gateway.close()));
  await shop.stop();
});

async function gatewayOf(shown: ScreenOf<object>, given: Partial<GatewayOptions> = {}, policy = both): Promise<string> {
  const text = `bff: spec\nlisten: { port: 0 }\nlog: { level: silent }\nupstreams: { shop: { urls: ['${shop.url}']${policy} } }\n`;
  const loaded = loadConfig(policyFile(text), { env: {}, environment: 'test' });
  const gateway = createGateway(specModule({ controllers: [showing(shown)] }), { loaded, admin: false, ...given });
  gateways.push(gateway);
  return `${(await gateway.start()).url}/screen`;
}
const both = ', cache: { getItem: { ttl: 24h, scope: public }, listItems: { ttl: 24h, scope: public } }';

const cases: Readonly<Record<string, readonly [ScreenOf<object>, Readonly<Record<string, unknown>>]>> = {
  'has no member that the view needs': [itself, { '/items/i-1': { id: 'i-1' } }],
  'is null': [itself, { '/items/i-1': null }],
  'is another kind of value': [itself, { '/items/i-1': 'moved' }],
  'is of an optional part': [maybe, { '/items/i-1': { id: 'i-1' } }],
  'has an item that does not fit': [items, { '/items': [lamp, { id: 'i-2' }] }],
  'is no list, for the calls of its items': [details, { '/items': { list: [lamp] } }],
  'has items without the argument of another call': [details, { '/items': [{ name: 'Lamp' }] }],
  'has items with an argument that no call can have': [details, { '/items': [{ id: '..', name: 'Lamp' }] }],
  'has another type than a step takes': [firstDetail, { '/items': [{ id: 1, name: 'Lamp' }] }],
};

describe('R4: a cached response that does not fit its contract', () => {
  it.each(Object.entries(cases))('is not given to the next request: it %s', async (_, [shown, broken]) => {
    const url = await gatewayOf(shown);
    bodies = { ...well, ...broken };
    const failed = await fetch(url);
    const body = await failed.json();
    if (failed.status === 200) expect(body).toMatchObject({ _parts: { item: { status: 'bad_payload' } } });
    else expect([failed.status, body]).toMatchObject([502, { code: 'GW_UPSTREAM_BAD_PAYLOAD' }]);
    bodies = well;
    const healed = await fetch(url);
    expect(healed.status).toBe(200);
    expect(await healed.json()).not.toHaveProperty('_parts');
    const asked = shop.requests.length;
    expect((await fetch(url)).status).toBe(200);
    expect(shop.requests.length).toBe(asked);
  });

  it('is not given to other processes, by a cache that they share', async () => {
    const store = new Map<string, unknown>();
    const cache = () => [new Keyv({ store, useKeyPrefix: false })];
    bodies = { '/items/i-1': { id: 'i-1' } };
    expect((await fetch(await gatewayOf(itself, { cache: cache() }))).status).toBe(502);
    bodies = well;
    expect((await fetch(await gatewayOf(itself, { cache: cache() }))).status).toBe(200);
    expect([...store.keys()].filter((key) => key.includes(':cache:'))).toHaveLength(1);
  });

  it('costs the other responses of its screen nothing', async () => {
    const url = await gatewayOf(details);
    bodies = { ...well, '/items/i-1': { id: 'i-1' } };
    for (const _ of [1, 2, 3]) expect((await fetch(url)).status).toBe(502);
    expect(shop.requests.map(({ target }) => target)).toEqual(['/items', '/items/i-1', '/items/i-1', '/items/i-1']);
  });

  it('is not the last good one either', async () => {
    const url = await gatewayOf(remembered, {}, '');
    bodies = { '/items/i-1': { id: 'i-1' } };
    expect(await (await fetch(url)).json()).toMatchObject({ _parts: { item: { status: 'bad_payload' } } });
    shop.reply = rawReplies.json({}, {}, 500);
    expect(await (await fetch(url)).json()).toMatchObject({ _parts: { item: { status: 'error', source: 'none' } } });
  });
});
