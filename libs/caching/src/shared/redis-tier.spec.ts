import { Cancellation, systemClock, type Clock, type Outcome } from '@frontage/core';
import { RedisStore } from '@frontage/store';
import { redisIsInstalled, RedisServer } from '@frontage/testing/redis';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { OperationCache, type CachedOperation, type Load, type Waiter } from '../index.js';

const clock: Clock = systemClock;
const waiter = (): Waiter => ({ cancellation: new Cancellation(), deadlineAt: clock.now() + 10_000 });
const loadOf =
  (value: unknown): Load =>
  async () => ({ ok: true, value });
const nothing: Load = async () => ({ ok: false, status: 'error', code: 'GW_UPSTREAM_FAILED' });

describe.skipIf(!redisIsInstalled())('a cache in Redis', () => {
  let redis: RedisServer;
  let keys = 0;
  const stores: RedisStore[] = [];
  const caches: OperationCache[] = [];

  async function processWithCache(app = 'mobile', timeoutMs = 50): Promise<CachedOperation> {
    const store = new RedisStore({ app, url: redis.url, timeoutMs });
    stores.push(store);
    await store.start();
    const cache = new OperationCache({ redis: store }, clock);
    caches.push(cache);
    await cache.start();
    return cache.operation({ upstream: 'catalogue', operation: 'getProduct', ttlMs: 60_000 });
  }

  /** One process loads and the other one finds the value. New keys are tried until both are connected. */
  async function expectShared(one: CachedOperation, other: CachedOperation, value: unknown): Promise<void> {
    const seen = async (): Promise<Outcome<unknown>> => {
      const key = `key ${keys++}`;
      await one.getOrLoad(key, waiter(), loadOf(value));
      return other.getOrLoad(key, waiter(), nothing);
    };
    await expect.poll(seen, { timeout: 10_000 }).toEqual({ ok: true, value });
  }

  beforeAll(async () => {
    redis = await RedisServer.start();
  });
  afterEach(async () => {
    await Promise.all(caches.splice(0).map((cache) => cache.stop()));
    for (const store of stores.splice(0)) store.stop();
  });
  afterAll(() => redis.stop());

  it('R6: keeps apps that share it apart', async () => {
    const [mobile, mobileToo, web] = [
      await processWithCache(),
      await processWithCache(),
      await processWithCache('web'),
    ];
    await expectShared(mobile, mobileToo, 'of mobile');
    expect(await web.getOrLoad(`key ${keys - 1}`, waiter(), nothing)).toMatchObject({ ok: false });
  });

  it('does not read records of another version, and overwrites them', async () => {
    const one = await processWithCache();
    const admin = new Redis(redis.url);
    await admin.set('mobile:cache:v3:old', '{"value":{"type":"Buffer","data":[1]},"expiresAt":9999999999999}');
    expect(await one.getOrLoad('old', waiter(), loadOf('new'))).toEqual({ ok: true, value: 'new' });
    await expect.poll(() => admin.get('mobile:cache:v3:old')).toContain('frontage-4 json');
    admin.disconnect();
  });

  it('F21: adds less than 5 ms when it hangs, after three lookups without a reply', async () => {
    const [one, other] = [await processWithCache(), await processWithCache()];
    await expectShared(one, other, 1);
    redis.freeze();
    try {
      for (let i = 0; i < 3; i++) await one.getOrLoad(`hang ${i}`, waiter(), loadOf(i));
      const startedAt = performance.now();
      for (let i = 0; i < 100; i++) {
        expect(await one.getOrLoad(`hung ${i}`, waiter(), loadOf(i))).toEqual({ ok: true, value: i });
      }
      expect((performance.now() - startedAt) / 100).toBeLessThan(5);
    } finally {
      redis.thaw();
    }
  });

  it('delays no request longer than it can wait', async () => {
    const one = await processWithCache('patient', 5_000);
    await expectShared(one, one, 1);
    redis.freeze();
    try {
      const startedAt = performance.now();
      const hurried = { cancellation: new Cancellation(), deadlineAt: clock.now() + 60 };
      await one.getOrLoad('hurried', hurried, loadOf(1));
      expect(performance.now() - startedAt).toBeLessThan(1_000);
    } finally {
      redis.thaw();
    }
  });

  it('F21, F32: goes on in memory while it is down, and uses it again when it is back', async () => {
    const [one, other] = [await processWithCache(), await processWithCache()];
    await expectShared(one, other, 'before');
    await redis.stop();
    for (let i = 0; i < 10; i++) {
      expect(await one.getOrLoad(`down ${i}`, waiter(), loadOf(i))).toEqual({ ok: true, value: i });
      expect(one.peek(`down ${i}`)).toEqual({ ok: true, value: i });
    }
    redis = await RedisServer.start(redis.port);
    await expectShared(one, other, 'after');
  });

  it('F21: starts without it, and uses it once it is there', async () => {
    await redis.stop();
    const [one, other] = [await processWithCache(), await processWithCache()];
    expect(await one.getOrLoad('early', waiter(), loadOf(1))).toEqual({ ok: true, value: 1 });
    redis = await RedisServer.start(redis.port);
    await expectShared(one, other, 'late');
  });
});
