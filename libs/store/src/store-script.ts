import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { StoreKey } from './store-key.js';

/** A Lua script that touches the keys that it is given, of one Redis. */
export interface StoreScript {
  readonly source: string;
  /** Digest by which Redis finds the script. */
  readonly digest: string;
}

export const storeScript = (source: string): StoreScript => ({
  source,
  digest: createHash('sha1').update(source).digest('hex'),
});

/** Runs a script; texts of its reply are bytes. */
export async function runScript(
  redis: Redis,
  { source, digest }: StoreScript,
  keys: readonly StoreKey[],
  args: readonly (number | string | Buffer)[],
): Promise<unknown> {
  try {
    return await redis.callBuffer('EVALSHA', digest, keys.length, ...keys, ...args);
  } catch (error) {
    // A server does not know the script after a restart or a failover.
    if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
    return await redis.callBuffer('EVAL', source, keys.length, ...keys, ...args);
  }
}
