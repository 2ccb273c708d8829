import { Controller, Get, Param } from '@nestjs/common';
import { compute, list, pick, plan, required, screen } from '@frontage/aggregation';
import { Public } from '@frontage/auth';
import { loadConfig } from '@frontage/config';
import { RawServer } from '@frontage/testing/raw-server';
import { rawReplies } from '@frontage/testing/raw-replies';
import { Keyv } from 'keyv';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { createGateway, type Gateway } from './create-gateway.js';
import { policyFile, specModule } from './fixtures/gateway-under-test.js';
import { getItem, listItems } from './fixtures/shop.js';
import { Screen } from './screens/screen.decorator.js';

const input = { path: z.object({ id: z.string() }) };
const fetched = plan('cached.items', { input, deadlineMs: 2_000 }, ({ path }) => ({
  item: required(getItem, { path: { id: path.id } }),
  items: required(listItems, {}),
}));
const shown = screen(fetched, ({ item, items }) => ({
  ...pick(item, 'name'),
  others: list(items, (one) => pick(one, 'id')),
}));
const computed = screen(
  plan('cached.computed', { input, deadlineMs: 2_000 }, ({ path }) => ({
    item: required(getItem, { path: { id: path.id } }),
  })),
  ({ item }) => ({ loud: compute(z.string(), pick(item, 'name'), ({ name }) => name.toUpperCase()) }),
);

@Public()
@Controller()
class Items {
  @Get('items/:id')
  @Screen(shown)
  show(@Param() path: Readonly<Record<string, string>>) {
    return { path };
  }
  @Get('loud/:id')
  @Screen(computed)
  loud(@Param() path: Readonly<Record<string, string>>) {
    return { path };
  }
}

let shop: RawServer;
let name = 'Lamp';
const gateways: Gateway[] = [];
beforeEach(async () => {
  name = 'Lamp';
  shop = await RawServer.start((socket, request) => {
    const one = { id: 'i-1', name, note: 'a member that no screen reads' };
    const items = Array.from({ length: 200 }, (_, at) => ({ ...one, id: `i-${at}` }));
    rawReplies.json(request.target === '/items' ? items : one)(socket, request);
  });
});
afterEach(async () => {
  vi.restoreAllMocks();
  await Promise.all(gateways.splice(0).map((gateway) => gateway.close()));
  await shop.stop();
});

async function start(kept?: Map<string, unknown>): Promise<(path: string) => Promise<unknown>> {
  const rule = '{ ttl: 60s, scope: public }';
  const policy = `bff: spec
listen: { port: 0 }
log: { level: silent }
upstreams: { shop: { urls: ['${shop.url}'], cache: { getItem: ${rule}, listItems: ${rule} } } }
`;
  const loaded = loadConfig(policyFile(policy), { env: {}, environment: 'test' });
  const gateway = createGateway(specModule({ controllers: [Items] }), {
    loaded,
    admin: false,
    ...(kept && { cache: [new Keyv({ store: kept, useKeyPrefix: false })] }),
  });
  gateways.push(gateway);
  const { url } = await gateway.start();
  return async (path) => {
    const response = await fetch(`${url}${path}`);
    expect(response.status).toBe(200);
    return response.json();
  };
}

/** The number of texts with this word that were parsed from now on. */
function parses(word: string): () => number {
  const parse = vi.spyOn(JSON, 'parse');
  return () => parse.mock.calls.filter(([text]) => text.includes(word)).length;
}

const page = { name: 'Lamp', others: Array.from({ length: 200 }, (_, at) => ({ id: `i-${at}` })) };

describe('a cached part', () => {
  it('is projected when it arrives and when it hits, and never parsed', async () => {
    const ask = await start();
    const parsed = parses('no screen reads');
    for (const _ of [1, 2, 3]) expect(await ask('/items/i-1')).toEqual(page);
    expect(parsed()).toBe(0);
    expect(shop.requests).toHaveLength(2);
  });

  it('is projected where another process has loaded it', async () => {
    const kept = new Map<string, unknown>();
    const [one, other] = [await start(kept), await start(kept)];
    await one('/items/i-1');
    await expect.poll(() => [...kept.keys()].filter((key) => key.includes(':cache:')).length).toBe(2);
    const parsed = parses('no screen reads');
    for (const _ of [1, 2]) expect(await other('/items/i-1')).toEqual(page);
    expect(parsed()).toBe(0);
    expect(shop.requests).toHaveLength(2);
  });

  it('is one response for screens that read other members of it, without a second call', async () => {
    const ask = await start();
    expect(await ask('/items/i-1')).toEqual(page);
    name = 'Chair';
    for (const _ of [1, 2]) expect(await ask('/loud/i-1')).toEqual({ loud: 'LAMP' });
    expect(shop.requests).toHaveLength(2);
  });
});
