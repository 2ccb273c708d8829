import { channels } from '@frontage/core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { itKeepsTheContractOfRateStores } from './fixtures/rate-store.contract.js';
import { redisIsThere, startRedis, type RedisServer } from './fixtures/redis-server.js';
import { TurnedClock } from './fixtures/turned-clock.js';
import { RedisThrottlerStorage, type RedisStorageOptions } from './redis-storage.js';

describe.skipIf(!redisIsThere())('hits counted in Redis', () => {
  let redis: RedisServer;
  const stores: RedisThrottlerStorage[] = [];
  let prefixes = 0;

  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.stop());
  afterEach(() => {
    for (const store of stores.splice(0)) store.onApplicationShutdown();
  });

  async function connected(options: Partial<RedisStorageOptions> = {}): Promise<RedisThrottlerStorage> {
    // The time limit is wide because the machine that tests may be busy; what happens beyond it has tests of its own.
    const store = new RedisThrottlerStorage({ url: redis.url, whenDown: 'closed', timeoutMs: 5_000, ...options });
    stores.push(store);
    await store.onModuleInit();
    return store;
  }

  describe('by a clock that is turned', () => {
    let store: RedisThrottlerStorage;
    const clock = new TurnedClock();
    beforeAll(async () => {
      store = new RedisThrottlerStorage({ url: redis.url, whenDown: 'closed', timeoutMs: 5_000, clock });
      await store.onModuleInit();
    });
    afterAll(() => store.onApplicationShutdown());

    itKeepsTheContractOfRateStores(() => {
      const prefix = `${prefixes++}:`;
      return {
        clock,
        store: {
          hit: (key, ...rest) => store.hit(prefix + key, ...rest),
          increment: (key, ...rest) => store.increment(prefix + key, ...rest),
        },
      };
    });
  });

  it('R1: are one count for all instances, exact under parallel load', async () => {
    const instances = await Promise.all([connected(), connected(), connected()]);
    const hits = await Promise.all(
      Array.from({ length: 600 }, (_, index) => instances[index % 3]?.hit('shared', 3_600_000, 200, 0)),
    );
    expect(hits.filter((hit) => hit?.admitted)).toHaveLength(200);
  });

  it('go on being counted when the server has forgotten the script', async () => {
    const own = await startRedis();
    const store = await connected({ url: own.url });
    await expect(store.hit('a', 60_000, 5, 0)).resolves.toMatchObject({ hits: 1 });
    await own.stop();
    const again = await startRedis(Number(new URL(own.url).port));
    await expect
      .poll(() => store.hit('a', 60_000, 5, 0).catch(() => undefined), { timeout: 10_000 })
      .toMatchObject({ hits: 1 });
    await again.stop();
  });

  describe('while Redis is down', () => {
    const nowhere = 'redis://127.0.0.1:1';

    it('are admitted where the store is declared to fail open', async () => {
      const store = await connected({ url: nowhere, whenDown: 'open' });
      for (let index = 0; index < 5; index++)
        await expect(store.hit('a', 60_000, 1, 0)).resolves.toMatchObject({ admitted: true });
      await expect(store.increment('a', 60_000, 1, 0, 'default')).resolves.toMatchObject({ isBlocked: false });
    });

    it('are refused with 503 where it is declared to fail closed', async () => {
      const store = await connected({ url: nowhere, whenDown: 'closed' });
      await expect(store.hit('a', 60_000, 1, 0)).rejects.toMatchObject({
        code: 'GW_OVERLOADED',
        options: { headers: { 'retry-after': '1' } },
      });
    });

    it('are complained about once', async () => {
      const complaints: unknown[] = [];
      const listen = (message: unknown): void => void complaints.push(message);
      channels.complaint.subscribe(listen);
      const store = await connected({ url: nowhere, whenDown: 'open' });
      for (let index = 0; index < 5; index++) await store.hit('a', 60_000, 1, 0);
      channels.complaint.unsubscribe(listen);
      expect(complaints).toMatchObject([{ from: 'throttling', message: 'Redis cannot count hits; failing open' }]);
    });

    it('wait no longer than told when it hangs, and then not at all for a while', async () => {
      const own = await startRedis();
      const store = await connected({ url: own.url, whenDown: 'open', timeoutMs: 200 });
      await store.hit('a', 60_000, 1, 0);
      own.freeze();
      const startedAt = performance.now();
      for (let index = 0; index < 20; index++)
        await expect(store.hit('a', 60_000, 1, 0)).resolves.toMatchObject({ admitted: true });
      expect(performance.now() - startedAt).toBeLessThan(1_900); // twenty timeouts would be 4 s
      own.thaw();
      await own.stop();
    });
  });
});
