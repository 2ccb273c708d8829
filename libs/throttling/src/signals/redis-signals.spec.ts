import { RedisStore } from '@frontage/store';
import { ManualClock } from '@frontage/testing/manual-clock';
import { redisIsInstalled, RedisServer } from '@frontage/testing/redis';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { itKeepsTheContractOfSignalStores } from '../fixtures/signal-store.contract.js';
import { MemorySignals } from './memory-signals.js';
import { RedisSignals } from './redis-signals.js';
import type { Observation } from './signal-rule.js';

describe.skipIf(!redisIsInstalled())('observations in Redis', () => {
  let redis: RedisServer;
  let admin: Redis;
  const stores: RedisStore[] = [];
  let apps = 0;

  beforeAll(async () => {
    redis = await RedisServer.start();
    admin = new Redis(redis.url);
  });
  afterAll(async () => {
    for (const store of stores) store.stop();
    admin.disconnect();
    await redis.stop();
  });
  async function connected(app: string, url = redis.url): Promise<RedisStore> {
    const store = new RedisStore({ app, url, timeoutMs: 5_000 });
    stores.push(store);
    await store.start();
    return store;
  }
  const refused: Observation = {
    kind: 'share',
    key: 'guessing\nada',
    windowMs: 60_000,
    threshold: 4,
    share: 0.5,
    value: 1,
    forMs: 60_000,
  };

  describe('by a manual clock', () => {
    let store: RedisStore;
    beforeAll(async () => {
      store = await connected('turned');
    });
    itKeepsTheContractOfSignalStores(() => {
      const clock = new ManualClock();
      const prefix = `${apps++}:`;
      const signals = new RedisSignals(store, new MemorySignals(clock), clock);
      return {
        clock,
        store: { observe: (seen) => signals.observe(seen.map((one) => ({ ...one, key: prefix + one.key }))) },
      };
    });
  });

  describe('that cannot be used', () => {
    itKeepsTheContractOfSignalStores(() => {
      const clock = new ManualClock();
      const down = new RedisStore({ app: 'down', url: 'redis://127.0.0.1:1' }); // never started
      return { clock, store: new RedisSignals(down, new MemorySignals(clock)) };
    });
  });

  it('are those of all processes together, in one script call for a request', async () => {
    const processes = [await connected('shared'), await connected('shared')].map(
      (store) => new RedisSignals(store, new MemorySignals(new ManualClock())),
    );
    const calls = async (): Promise<number> =>
      Number(/cmdstat_evalsha:calls=(\d+)/.exec(await admin.info('commandstats'))?.[1] ?? 0);
    const distinct: Observation = { ...refused, kind: 'distinct', key: 'farm\nada' };
    await processes[0]?.observe([refused, distinct]);
    const before = await calls();
    const raised: (boolean | undefined)[] = [];
    for (let i = 0; i < 4; i++) raised.push((await processes[i % 2]?.observe([refused, distinct]))?.[0]?.isNew);
    expect(raised).toEqual([false, false, true, false]);
    expect((await calls()) - before).toBe(4);
  });

  it('leave nothing behind when their time is over', async () => {
    const store = await connected('gone');
    const signals = new RedisSignals(store, new MemorySignals(new ManualClock()));
    await signals.observe([
      { ...refused, windowMs: 1_000, forMs: 1_000 },
      { ...refused, kind: 'distinct', key: 'farm\nada', windowMs: 1_000, forMs: 1_000 },
      { ...refused, kind: 'mark', key: 'jump\nada', value: 1_000 },
    ]);
    const keys = await admin.keys('gone:signals:*');
    expect(keys.length).toBe(4);
    for (const key of keys) expect(await admin.pttl(key)).toBeGreaterThan(0);
    await expect.poll(() => admin.keys('gone:signals:*'), { timeout: 10_000 }).toEqual([]);
  });
});
