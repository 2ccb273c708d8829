import type { Redis } from 'ioredis';
import type { StoreKey } from './store-key.js';

/** A server that accepts a connection and never answers is given up after this time, in milliseconds. */
const withinMs = 2_000;

/** Connects, and writes a key of its own: a replica, a full server and one that loads refuse only that. Never throws. */
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
