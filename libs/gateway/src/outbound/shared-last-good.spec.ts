import { Controller, Get, Param } from '@nestjs/common';
import { lastGood, optional, orNull, pick, plan, screen } from '@frontage/aggregation';
import { Public } from '@frontage/auth';
import { loadConfig } from '@frontage/config';
import { systemClock, markInexact } from '@frontage/core';
import { RedisStore } from '@frontage/store';
import { ManualClock } from '@frontage/testing/manual-clock';
import { redisIsInstalled, RedisServer } from '@frontage/testing/redis';
import { rawReplies } from '@frontage/testing/raw-replies';
import { RawServer } from '@frontage/testing/raw-server';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createGateway, type Gateway } from '../create-gateway.js';
import { policyFile, specModule } from '../fixtures/gateway-under-test.js';
import { getItem } from '../fixtures/shop.js';
import { Screen } from '../screens/screen.decorator.js';
import { SharedLastGood } from './shared-last-good.js';

const itemScreen = screen(
  plan('last-good.item', { input: { path: z.object({ id: z.string() }) }, deadlineMs: 5_000 }, ({ path }) => ({
    item: optional(getItem, { path: { id: path.id } }, { fallback: lastGood({ maxAgeMs: 600_000 }) }),
  })),
  ({ item }) => ({ item: orNull(pick(item, 'name')) }),
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

describe.skipIf(!redisIsInstalled())('last good responses of two processes with a Redis between them', () => {
  let redis: RedisServer;
  let admin: Redis;
  const stores: RedisStore[] = [];
  const clock = new ManualClock();
  beforeAll(async () => {
    redis = await RedisServer.start();
    admin = new Redis(redis.url);
    for (const app of ['mobile', 'mobile', 'web']) {
      const store = new RedisStore({ app, url: redis.url, timeoutMs: 5_000 });
      await store.start();
      stores.push(store);
    }
  });
  afterAll(async () => {
    for (const store of stores) store.stop();
    admin.disconnect();
    await redis.stop();
  });
  const processes = () =>
    stores.map((store) => new SharedLastGood(store, clock)) as [SharedLastGood, SharedLastGood, SharedLastGood];
  const found = (store: SharedLastGood, key: string) =>
    expect.poll(() => store.find(key), { interval: 5, timeout: 10_000 });

  it('are found by the other one with their age, and not by another app', async () => {
    const [one, other, web] = processes();
    one.keep('key', { name: 'Ada', at: new Date(5) }, 60_000);
    expect(other.read('key')).toBeUndefined();
    await found(other, 'key').toEqual({ value: { name: 'Ada', at: new Date(5) }, ageMs: 0 });
    clock.skip(1_500);
    expect(await other.find('key')).toMatchObject({ ageMs: 1_500 });
    expect(await web.find('key')).toBeUndefined();
  });

  it('stand under a hash of what was asked, and live as long as they are used', async () => {
    const [one, other] = processes();
    one.keep('getUser ada@example.test', 1, 30_000);
    await found(other, 'getUser ada@example.test').toMatchObject({ value: 1 });
    const keys = await admin.keys('mobile:last-good:v2:*');
    expect(keys.length).toBeGreaterThan(0);
    for (const key of keys) expect(key).toMatch(/^mobile:last-good:v2:[\w-]{43}$/);
    const times = await Promise.all(keys.map((key) => admin.pttl(key)));
    expect(Math.max(...times)).toBeLessThanOrEqual(60_000);
    expect(Math.min(...times)).toBeGreaterThan(0);
  });

  it('are written again after a tenth of the time for which they are used, not with each call', async () => {
    const [one, other] = processes();
    one.keep('often', 1, 60_000);
    await found(other, 'often').toMatchObject({ value: 1 });
    one.keep('often', 2, 60_000);
    clock.skip(5_999);
    one.keep('often', 3, 60_000);
    expect(one.read('often')).toMatchObject({ value: 3 });
    expect(await other.find('often')).toMatchObject({ value: 1 });
    clock.skip(1);
    one.keep('often', 4, 60_000);
    await found(other, 'often').toMatchObject({ value: 4 });
  });

  it('with a number that a double cannot hold stay in their process', async () => {
    const [one, other] = processes();
    const value = { id: 1 };
    markInexact(value);
    one.keep('exact', value, 60_000);
    expect(one.read('exact')).toMatchObject({ value });
    one.keep('marker', 1, 60_000);
    await found(other, 'marker').toMatchObject({ value: 1 });
    expect(await other.find('exact')).toBeUndefined();
  });

  it('serve a screen of a process that has just started, where the service is down', async () => {
    const shop = await RawServer.start(rawReplies.json({ id: 'i-1', name: 'Lamp' }));
    const gatewayOf = (): Gateway => {
      const policy = `bff: spec
listen: { port: 0 }
log: { level: silent }
redis: { url: '${redis.url}', lastGood: true }
upstreams: { shop: { urls: ['${shop.url}'] } }
`;
      const loaded = loadConfig(policyFile(policy), { env: {}, environment: 'test' });
      return createGateway(specModule({ controllers: [Items] }), { loaded, admin: false });
    };
    const ask = async (gateway: Gateway): Promise<unknown> => {
      const { url } = await gateway.start();
      return (await fetch(`${url}/items/i-1`)).json();
    };
    const gateways = [gatewayOf(), gatewayOf()] as const;
    try {
      expect(await ask(gateways[0])).toEqual({ item: { name: 'Lamp' } });
      await expect.poll(async () => (await admin.keys('spec:last-good:v2:*')).length, { timeout: 10_000 }).toBe(1);
      shop.reply = (socket) => socket.resetAndDestroy();
      expect(await ask(gateways[1])).toMatchObject({
        item: { name: 'Lamp' },
        _parts: { item: { status: 'error', source: 'last_good' } },
      });
    } finally {
      for (const gateway of gateways) await gateway.close();
      await shop.stop();
    }
  });

  it('are those of the process alone while Redis is away, and nothing waits', async () => {
    const away = new RedisStore({ app: 'mobile', url: 'redis://127.0.0.1:1', timeoutMs: 50 });
    const alone = new SharedLastGood(away, systemClock);
    alone.keep('key', 1, 60_000);
    expect(alone.read('key')).toMatchObject({ value: 1 });
    expect(await alone.find('key')).toBeUndefined();
    away.stop();
  });
});
