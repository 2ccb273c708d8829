import { RequestContext } from '@frontage/context';
import { RedisStore } from '@frontage/store';
import fc from 'fast-check';
import { redisIsInstalled, RedisServer } from '@frontage/testing/redis';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { itKeepsTheContractOfRateStores } from '../fixtures/rate-store.contract.js';
import { ManualClock } from '@frontage/testing/manual-clock';
import { MemoryThrottlerStorage } from './memory-storage.js';
import { RateLimiter } from '../rate-limiter.js';
import type { AdmittedHits, CountedLimit, RateStore } from './rate-store.js';
import type { WindowHit } from './sliding-window.js';
import { RedisThrottlerStorage, type WhenDown } from './redis-storage.js';

describe.skipIf(!redisIsInstalled())('hits counted in Redis', () => {
  let redis: RedisServer;
  const stores: RedisStore[] = [];
  let prefixes = 0;

  beforeAll(async () => {
    redis = await RedisServer.start();
  });
  afterAll(() => redis.stop());
  afterEach(() => {
    for (const store of stores.splice(0)) store.stop();
  });

  // The time limit is wide because the machine of the tests may be busy. Other tests cover a timeout.
  async function connected(
    whenDown: WhenDown = 'local',
    { url = redis.url, app = 'mobile', timeoutMs = 5_000 } = {},
  ): Promise<{ readonly store: RedisStore; readonly hits: RedisThrottlerStorage }> {
    const store = new RedisStore({ app, url, timeoutMs });
    stores.push(store);
    await store.start();
    return { store, hits: new RedisThrottlerStorage({ store, whenDown }, new MemoryThrottlerStorage()) };
  }
  const hit = async (store: RateStore, key: string, limit: number): Promise<WindowHit> =>
    store.hit(key, 60_000, limit, 0);
  const admitted = async (store: RateStore, key: string, limit: number, count: number): Promise<number> => {
    let passed = 0;
    for (let index = 0; index < count; index++) if ((await hit(store, key, limit)).admitted) passed++;
    return passed;
  };
  const nowhere = { url: 'redis://127.0.0.1:1' };

  describe('by a manual clock', () => {
    let store: RedisStore;
    const clock = new ManualClock();
    beforeAll(async () => {
      store = new RedisStore({ app: 'turned', url: redis.url, timeoutMs: 5_000 });
      await store.start();
    });
    afterAll(() => store.stop());

    itKeepsTheContractOfRateStores(() => {
      const prefix = `${prefixes++}:`;
      const hits = new RedisThrottlerStorage({ store, whenDown: 'closed', clock }, new MemoryThrottlerStorage());
      return {
        clock,
        store: {
          hit: (key, ...rest) => hits.hit(prefix + key, ...rest),
          hitAll: (limits, keys) =>
            hits.hitAll(
              limits,
              keys.map((key) => prefix + key),
            ),
          increment: (key, ...rest) => hits.increment(prefix + key, ...rest),
        },
      };
    });
  });

  describe('by the local counts as its fallback', () => {
    itKeepsTheContractOfRateStores(() => {
      const clock = new ManualClock();
      const store = new RedisStore({ app: 'mobile', ...nowhere }); // never started, as if Redis were down
      return { clock, store: new RedisThrottlerStorage({ store, clock }, new MemoryThrottlerStorage({ clock })) };
    });
  });

  it('are the same as those in memory, for any requests under any limits', async () => {
    const store = new RedisStore({ app: 'compared', url: redis.url, timeoutMs: 5_000 });
    await store.start();
    let runs = 0;
    const limit = fc
      .record({
        limit: fc.integer({ min: 1, max: 8 }),
        windowMs: fc.constantFrom(10_000, 60_000),
        burst: fc.option(fc.integer({ min: 1, max: 8 })),
      })
      .map(({ burst, ...rest }) => ({
        ...rest,
        weight: 1,
        ...(burst !== null && { burst: Math.min(burst, rest.limit) }),
      }));
    const step = fc.record({
      pauseMs: fc.constantFrom(0, 0, 0, 700, 5_000, 61_000),
      weight: fc.integer({ min: 1, max: 3 }),
      who: fc.constantFrom('ada', 'bob'),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(limit, { minLength: 1, maxLength: 3 }),
        fc.array(step, { maxLength: 25 }),
        async (limits, steps) => {
          const run = runs++;
          const clock = new ManualClock();
          const shared = new RedisThrottlerStorage({ store, whenDown: 'closed', clock }, new MemoryThrottlerStorage());
          const local = new MemoryThrottlerStorage({ clock });
          for (const { pauseMs, weight, who } of steps) {
            clock.skip(pauseMs);
            const weighed = limits.map((one) => ({ ...one, weight }));
            const keys = limits.map((_, i) => (i === 0 ? `${run} app` : `${run} ${i} ${who}`));
            const [inRedis, inMemory] = [await shared.hitAll(weighed, keys), local.hitAll(weighed, keys)];
            expect(inRedis.map(({ hits: count, admitted }) => ({ count, admitted }))).toEqual(
              inMemory.map(({ hits: count, admitted }) => ({ count, admitted })),
            );
            // Redis keeps thousandths of a millisecond, and replies in whole ones.
            for (const [i, { retryAfterMs }] of inMemory.entries())
              expect(Math.abs((inRedis[i]?.retryAfterMs ?? Number.NaN) - retryAfterMs)).toBeLessThanOrEqual(1.01);
          }
        },
      ),
      { numRuns: 40 },
    );
    store.stop();
  });

  it('cost one script call for all limits of a check', async () => {
    const { hits } = await connected('closed');
    const { Redis } = await import('ioredis');
    const admin = new Redis(redis.url);
    const calls = async (): Promise<number> =>
      Number(/cmdstat_evalsha:calls=(\d+)/.exec(await admin.info('commandstats'))?.[1] ?? 0);
    const rateClass = new RateLimiter(hits).compile('interactive', [
      { per: 'user', limit: 5, windowMs: 60_000 },
      { per: 'app', limit: 50, windowMs: 1_000 },
      { per: 'user', limit: 100, windowMs: 3_600_000, burst: 20 },
    ]);
    const check = async () => rateClass.byCaller?.(new RequestContext('r', 0, 'GET', '192.0.2.1', {}));
    await check();
    const before = await calls();
    for (let i = 0; i < 4; i++) await check();
    expect((await calls()) - before).toBe(4);
    admin.disconnect();
  });

  it('R1: are one count for all instances, exact under parallel load', async () => {
    const instances = await Promise.all([connected(), connected(), connected()]);
    const hits = await Promise.all(
      Array.from({ length: 600 }, async (_, index) => instances[index % 3]?.hits.hit('shared', 3_600_000, 200, 0)),
    );
    expect(hits.filter((one) => one?.admitted)).toHaveLength(200);
  });

  it('R6: are those of one app, and another app in the same Redis has counts of its own', async () => {
    const apps = ['mobile', 'web', 'mobile:limits', 'mobile%3Alimits'];
    for (const app of apps) {
      const { hits } = await connected('closed', { app });
      expect(await admitted(hits, 'R6', 3, 5), app).toBe(3);
    }
  });

  describe('while Redis is down', () => {
    it('are counted in this process, and the limit holds', async () => {
      const { hits } = await connected('local', nowhere);
      expect(await admitted(hits, 'a', 3, 10)).toBe(3);
      await expect(hits.increment('a', 60_000, 1, 0, 'default')).resolves.toMatchObject({ isBlocked: false });
      await expect(hits.increment('a', 60_000, 1, 0, 'default')).resolves.toMatchObject({ isBlocked: true });
    });

    it('are added to the hits that this process has admitted before', async () => {
      const own = await RedisServer.start();
      const { hits, store } = await connected('local', { url: own.url });
      expect(await admitted(hits, 'a', 5, 3)).toBe(3);
      await own.stop();
      await expect.poll(() => store.isUp, { timeout: 5_000 }).toBe(false);
      expect(await admitted(hits, 'a', 5, 10)).toBe(2);
    });

    it('are added to those of all processes, as far as Redis has told of them', async () => {
      const own = await RedisServer.start();
      const [one, other] = [await connected('local', { url: own.url }), await connected('local', { url: own.url })];
      const window: CountedLimit = { limit: 10, windowMs: 60_000, weight: 1 };
      const burst: CountedLimit = { limit: 8, windowMs: 3_600_000, burst: 8, weight: 1 };
      const limits = [window, burst];
      const left = async (of: CountedLimit, key: string): Promise<number> => {
        for (let passed = 0; ; passed++)
          if (!(await other.hits.hitAll([of], [key])).every((hit) => hit.admitted)) return passed;
      };
      for (let asked = 0; asked < 6; asked++) await one.hits.hitAll(limits, ['a', `a${asked}`]);
      await other.hits.hitAll(limits, ['a', 'b']);
      // Three are left of ten. A refused request has told of the other limits, too, and has taken nothing from them.
      const refusing = [{ limit: 1, windowMs: 60_000, weight: 1 }, ...limits];
      for (let asked = 0; asked < 5; asked++) await other.hits.hitAll(refusing, ['full', 'c', 'd']);
      await own.stop();
      await expect.poll(() => other.store.isUp, { timeout: 5_000 }).toBe(false);
      expect(await left(window, 'a')).toBe(3);
      expect(await left(window, 'c')).toBe(9);
      expect(await left(burst, 'b')).toBe(7);
      expect(await left(burst, 'd')).toBe(7);
    });

    it('are counted with the other processes of the machine', async () => {
      const { hits } = await connected('local', nowhere);
      const told: AdmittedHits[] = [];
      let hear: ((admitted: AdmittedHits) => void) | undefined;
      hits.share({ tell: (of) => told.push(of), listen: (ear) => (hear = ear) });
      hear?.([['frontage:cluster-hits:v2:a', 60_000, 2]]);
      hear?.([['web:cluster-hits:v2:a', 60_000, 100]]);
      expect(await admitted(hits, 'a', 3, 10)).toBe(1);
      await expect.poll(() => told).toEqual([[['frontage:cluster-hits:v2:a', 60_000, 1]]]);
    });

    it('are admitted if the policy is open', async () => {
      const { hits } = await connected('open', nowhere);
      expect(await admitted(hits, 'a', 1, 5)).toBe(5);
      await expect(hits.increment('a', 60_000, 1, 0, 'default')).resolves.toMatchObject({ isBlocked: false });
    });

    it('are refused with 503 if the policy is closed', async () => {
      const { hits } = await connected('closed', nowhere);
      await expect(hit(hits, 'a', 1)).rejects.toMatchObject({
        code: 'GW_OVERLOADED',
        options: { retryAfterMs: 1_000 },
      });
    });

    it('F32: are counted in Redis again within five seconds after it is back, though it has become a replica in between', async () => {
      const [own, other] = [await RedisServer.start(), await RedisServer.start()];
      const { hits, store } = await connected('local', { url: own.url });
      const { Redis } = await import('ioredis');
      const admin = new Redis(own.url);
      await admin.replicaof('127.0.0.1', String(other.port));
      // The hit that reaches the replica is counted locally, and so are the hits after it.
      expect(await admitted(hits, 'a', 3, 10)).toBe(3);
      expect(store.isUp).toBe(false);
      await admin.replicaof('NO', 'ONE');
      await expect.poll(() => store.isUp, { timeout: 5_000 }).toBe(true);
      expect(await admitted(hits, 'b', 3, 10)).toBe(3);
      expect(await admin.keys('*b')).toEqual(['mobile:limits:v2:b']);
      admin.disconnect();
      await own.stop();
      await other.stop();
    });

    it('F32: are still counted while it hangs', async () => {
      const own = await RedisServer.start();
      const { hits } = await connected('local', { url: own.url, timeoutMs: 50 });
      expect(await admitted(hits, 'a', 5, 2)).toBe(2);
      own.freeze();
      const startedAt = performance.now();
      expect(await admitted(hits, 'a', 5, 20)).toBe(3);
      expect(performance.now() - startedAt).toBeLessThan(800); // twenty timeouts would be a second
      own.thaw();
      await own.stop();
    });
  });
});
