import { systemClock } from '@frontage/core';
import { RedisStore } from '@frontage/store';
import { redisIsInstalled, RedisServer } from '@frontage/testing/redis';
import { createCache } from 'cache-manager';
import { Redis } from 'ioredis';
import { Keyv } from 'keyv';
import { afterAll, afterEach, beforeAll, describe, expect } from 'vitest';
import { itKeepsEveryValue } from './fixtures/every-value.contract.js';
import { OperationCache, type CachedOperation } from './index.js';

const operation = (cache: OperationCache): CachedOperation =>
  cache.operation({ upstream: 'catalogue', operation: 'getProduct', ttlMs: 60_000 });
const bounds = { maxBytes: 256 * 1024 * 1024 };

describe('a cache in memory', () => {
  itKeepsEveryValue(async () => {
    const cached = operation(new OperationCache(bounds));
    return { store: cached, find: cached, settle: async () => undefined };
  });
});

describe('two processes with a cache of the team between them', () => {
  itKeepsEveryValue(async () => {
    const kept = new Map<string, unknown>();
    const sharedCache = createCache({ stores: [new Keyv({ store: kept })] });
    const [store, find] = [1, 2].map(() => operation(new OperationCache({ ...bounds, sharedCache, app: 'mobile' })));
    if (store === undefined || find === undefined) throw new Error('two were made');
    return {
      store,
      find,
      settle: () => expect.poll(() => [...kept.keys()].some((key) => key.includes(':cache:'))).toBe(true),
    };
  });
});

describe.skipIf(!redisIsInstalled())('two processes with a Redis between them', () => {
  let redis: RedisServer;
  let admin: Redis;
  const stores: RedisStore[] = [];
  const caches: OperationCache[] = [];
  beforeAll(async () => {
    redis = await RedisServer.start();
    admin = new Redis(redis.url);
    for (const _ of [1, 2]) {
      const store = new RedisStore({ app: 'mobile', url: redis.url, timeoutMs: 5_000 });
      await store.start();
      stores.push(store);
    }
  });
  afterEach(() => Promise.all(caches.splice(0).map((cache) => cache.stop())));
  afterAll(async () => {
    for (const store of stores) store.stop();
    admin.disconnect();
    await redis.stop();
  });

  itKeepsEveryValue(async () => {
    await admin.flushall();
    for (const one of stores) caches.push(new OperationCache({ ...bounds, redis: one }, systemClock));
    await expect.poll(() => caches.every((cache) => cache.isInStep), { interval: 2 }).toBe(true);
    const [store, find] = caches.map(operation);
    if (store === undefined || find === undefined) throw new Error('two were made');
    return { store, find, settle };
  });
  const settle = () => expect.poll(() => admin.keys('mobile:cache:*'), { timeout: 5_000 }).toHaveLength(1);
});
