import { Cancellation, systemClock, type Outcome } from '@frontage/core';
import { RedisStore } from '@frontage/store';
import { redisIsInstalled, RedisServer } from '@frontage/testing/redis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tagMark } from '../invalidation/marks.js';
import { OperationCache, type CachedOperation } from '../index.js';

const clock = systemClock;
const tags = [tagMark('item:7')];
const waiter = () => ({ cancellation: new Cancellation(), deadlineAt: clock.now() + 2_000 });
const line = (text: string): void => void process.stdout.write(`${text}\n`);
const at = (sorted: readonly number[], share: number): string =>
  `${(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0).toFixed(2)} ms`;
const spread = (times: readonly number[]): string => {
  const sorted = times.toSorted((a, b) => a - b);
  return `median ${at(sorted, 0.5)}, p99 ${at(sorted, 0.99)}, longest ${at(sorted, 1)}`;
};

/** Prints figures, and holds them against what the docs promise. `FRONTAGE_FIGURES=1 npx vitest run libs/caching/src/shared/figures.spec.ts` */
describe.runIf(process.env['FRONTAGE_FIGURES'] !== undefined && redisIsInstalled())('figures of a shared cache', () => {
  let redis: RedisServer;
  const instances: { readonly cache: OperationCache; readonly cached: CachedOperation; readonly store: RedisStore }[] =
    [];
  beforeAll(async () => {
    redis = await RedisServer.start();
    for (let index = 0; index < 4; index++) {
      const store = new RedisStore({ app: 'figures', url: redis.url });
      await store.start();
      const cache = new OperationCache({ redis: store }, clock);
      await cache.start();
      const cached = cache.operation({ upstream: 'shop', operation: 'getItem', ttlMs: 600_000 });
      instances.push({ cache, cached, store });
    }
  });
  afterAll(async () => {
    for (const { cache, store } of instances) {
      await cache.stop();
      store.stop();
    }
    await redis.stop();
  });

  const timed = async (work: () => Promise<unknown>): Promise<number> => {
    const startedAt = clock.now();
    await work();
    return clock.now() - startedAt;
  };
  const load = async (): Promise<Outcome<unknown>> => ({ ok: true, value: 1 });

  it('1,000 readers of a cold key in four instances', async () => {
    let calls = 0;
    const slow = async (): Promise<Outcome<unknown>> => {
      calls++;
      await new Promise((resolve) => setTimeout(resolve, 100));
      return { ok: true, value: 1 };
    };
    const times = await Promise.all(
      Array.from({ length: 1_000 }, (_, reader) =>
        timed(async () => instances[reader % 4]?.cached.getOrLoad('cold', waiter(), slow, tags)),
      ),
    );
    line(`1,000 readers of a cold key, 4 instances, a call of 100 ms: ${calls} calls of the service, ${spread(times)}`);
    expect(calls).toBe(1);
  });

  it('an invalidation on its way to the other instances', async () => {
    const [one, ...others] = instances;
    const [told, reached]: [number[], number[]] = [[], []];
    for (let round = 0; round < 200; round++) {
      for (const { cached } of instances) await cached.getOrLoad('hot', waiter(), load, tags);
      const startedAt = clock.now();
      const telling = one?.cache.invalidate(tags).then(() => told.push(clock.now() - startedAt));
      while (others.some(({ cached }) => cached.peek('hot') !== undefined))
        await new Promise((resolve) => setImmediate(resolve));
      reached.push(clock.now() - startedAt);
      await telling;
    }
    line(
      `an invalidation: Redis knows after ${spread(told)}; gone from the memory of all instances after ${spread(reached)}`,
    );
    expect(Math.max(...reached)).toBeLessThan(1_000);
  });

  it('a miss while Redis hangs, while it is gone, and after it is back', async () => {
    const [one, other] = instances;
    let keys = 0;
    const miss = () => timed(async () => one?.cached.getOrLoad(`miss ${keys++}`, waiter(), load, tags));
    const misses = async (count: number) => {
      const times: number[] = [];
      for (let index = 0; index < count; index++) times.push(await miss());
      return times;
    };
    line(`a miss with Redis: ${spread(await misses(500))}`);
    redis.freeze();
    const until: number[] = [];
    while (one?.store.isUp) until.push(await miss());
    line(
      `a miss while Redis hangs: the first ${until.length} wait ${spread(until)}; then ${spread(await misses(500))}`,
    );
    redis.thaw();
    await expect.poll(() => one?.store.isUp, { timeout: 10_000 }).toBe(true);
    await redis.stop();
    await expect.poll(() => one?.store.isUp).toBe(false);
    const gone = await misses(500);
    line(`a miss while Redis is gone: ${spread(gone)}`);
    await one?.cache.invalidate(tags);
    const back = await timed(async () => {
      redis = await RedisServer.start(redis.port);
      await expect.poll(() => one?.cache.isInStep && other?.store.isUp, { timeout: 10_000, interval: 5 }).toBe(true);
    });
    line(`Redis restarted: used again, with what was invalidated meanwhile, ${back.toFixed(0)} ms after its start`);
    expect(gone.reduce((sum, time) => sum + time, 0) / gone.length).toBeLessThan(5);
  });
});
