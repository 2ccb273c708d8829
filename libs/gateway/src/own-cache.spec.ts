import { Controller, Get, Param } from '@nestjs/common';
import { pick, plan, required, screen } from '@frontage/aggregation';
import { Public } from '@frontage/auth';
import { loadConfig } from '@frontage/config';
import { rawReplies } from '@frontage/testing/raw-replies';
import { RawServer } from '@frontage/testing/raw-server';
import { createCache } from 'cache-manager';
import { Keyv } from 'keyv';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { createGateway, type Gateway } from './create-gateway.js';
import { policyFile, specModule } from './fixtures/gateway-under-test.js';
import { getItem } from './fixtures/shop.js';
import type { GatewayOptions } from './runtime/gateway.options.js';
import { Screen } from './screens/screen.decorator.js';

const itemScreen = screen(
  plan('own-cache.item', { input: { path: z.object({ id: z.string() }) }, deadlineMs: 2_000 }, ({ path }) => ({
    item: required(getItem, { path: { id: path.id } }),
  })),
  ({ item }) => pick(item, 'id', 'name'),
);

@Public()
@Controller()
class Items {
  @Get('items/:id')
  @Screen(itemScreen)
  show(@Param() path: Readonly<Record<string, string>>) {
    return { path };
  }
}

let shop: RawServer;
const gateways: Gateway[] = [];
beforeEach(async () => {
  shop = await RawServer.start(rawReplies.json({ id: 'i-1', name: 'Lamp' }));
});
afterEach(async () => {
  await Promise.all(gateways.splice(0).map((gateway) => gateway.close()));
  await shop.stop();
});

/** One of several processes of an app, or of apps, as far as its cache goes. */
function gatewayWith(cache: NonNullable<GatewayOptions['cache']>, bff = 'spec'): Gateway {
  const policy = `bff: ${bff}
listen: { port: 0 }
log: { level: silent }
upstreams: { shop: { urls: ['${shop.url}'], cache: { getItem: { ttl: 60s, scope: public } } } }
`;
  const loaded = loadConfig(policyFile(policy), { env: {}, environment: 'test' });
  const gateway = createGateway(specModule({ controllers: [Items] }), { loaded, cache, admin: false });
  gateways.push(gateway);
  return gateway;
}

async function ask(gateway: Gateway): Promise<unknown> {
  const { url } = await gateway.start();
  const response = await fetch(`${url}/items/i-1`);
  expect(response.status).toBe(200);
  return response.json();
}

const lamp = { id: 'i-1', name: 'Lamp' };
const storeOf = (store: Map<string, unknown>): Keyv => new Keyv({ store, useKeyPrefix: false });

describe('a cache of the team, given to createGateway', () => {
  const sources: Readonly<Record<string, (kept: Map<string, unknown>) => NonNullable<GatewayOptions['cache']>>> = {
    'made by cache-manager': (kept) => createCache({ stores: [storeOf(kept)] }),
    'as stores of Keyv': (kept) => [storeOf(kept)],
  };
  it.each(Object.keys(sources))('keeps a response for all processes of the app: %s', async (how) => {
    const kept = new Map<string, unknown>();
    const source = sources[how]!;
    expect(await ask(gatewayWith(source(kept)))).toEqual(lamp);
    await vi.waitFor(() =>
      expect([...kept.keys()].toSorted()).toEqual([
        'spec:cache-marks:v1:operation:shop.getItem',
        expect.stringMatching(/^spec:cache:v3:/),
      ]),
    );
    shop.reply = rawReplies.json({ id: 'i-1', name: 'changed' });
    expect(await ask(gatewayWith(source(kept)))).toEqual(lamp);
    expect(await ask(gatewayWith(source(kept), 'other'))).toEqual({ id: 'i-1', name: 'changed' });
    expect(shop.requests.length).toBe(2);
  });

  it('that fails, or loses its connection, costs no request its response', async () => {
    const store = Object.assign(storeOf(new Map()), {});
    const broken = new Keyv({
      store: {
        get: () => Promise.reject(new Error('broken')),
        set: () => Promise.reject(new Error('broken')),
        delete: () => Promise.resolve(true),
        clear: () => Promise.resolve(),
      },
    });
    expect(await ask(gatewayWith([broken, store]))).toEqual(lamp);
    const gateway = gatewayWith([store]);
    expect(await ask(gateway)).toEqual(lamp);
    expect(() => store.emit('error', new Error('connection lost'))).not.toThrow();
  });

  it('is closed with the app, and left alone by an app that only tells what it is', async () => {
    const cache = createCache({ stores: [storeOf(new Map())] });
    const disconnect = vi.spyOn(cache, 'disconnect');
    const gateway = gatewayWith(cache);
    await gateway.describe();
    expect(disconnect).not.toHaveBeenCalled();
    await ask(gateway);
    await gateway.close();
    expect(disconnect).toHaveBeenCalledOnce();
  });

  it.each([[[]], [[new Map()]], [new Map()], [{}]])('is refused at the start where it is none: %#', async (wrong) => {
    // The value of a team may come from untyped code.
    const gateway = gatewayWith(wrong as unknown as NonNullable<GatewayOptions['cache']>);
    await expect(gateway.start()).rejects.toThrow(/^cache: /);
  });
});
