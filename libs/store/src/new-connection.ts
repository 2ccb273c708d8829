import type { Redis } from 'ioredis';
import type { RedisStoreOptions } from './redis-store.options.js';
import type { StoreKey } from './store-key.js';

/** Longest time that a connection waits for an address, in milliseconds. */
const lookupMs = 1_000;

/** A client that is not connected yet. Its library is loaded by apps that use it. */
export async function newClient({ url, timeoutMs = 50, names }: RedisStoreOptions): Promise<Redis> {
  const { redisClient } = await import('./redis-client.js');
  return redisClient(new URL(url), timeoutMs, names?.lookupWithin(lookupMs));
}

/** Time after which a server that accepts a connection and never replies is given up, in milliseconds. */
const withinMs = 2_000;

/** Connects and writes a key of its own, because a replica, a full server and a server that loads its data refuse only writes. Never throws. */
export async function takesWrites(redis: Redis, probeKey: StoreKey): Promise<boolean> {
  let late: NodeJS.Timeout | undefined;
  const gaveUp = new Promise<boolean>((resolve) => (late = setTimeout(resolve, withinMs, false)));
  const written = redis
    .connect()
    .then(() => redis.set(probeKey, '1', 'PX', 10_000))
    .then(
      () => true,
      () => false,
    );
  const isFit = await Promise.race([written, gaveUp]);
  clearTimeout(late);
  return isFit;
}
