import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { StoreKey, StoreNamespace } from './store-key.js';
import { storeScript } from './store-script.js';

/** Records that the processes of an app share, each with its own end. Each method rejects with `StoreDownError` while the store is down. */
export interface StoreRecords {
  /** Tells whether commands are sent. */
  readonly isUp: boolean;
  /** @param extendMs the record ends after this time, from now; absent: its end does not change */
  read(name: string, extendMs?: number): Promise<Buffer | undefined>;
  /** @param ttlMs milliseconds, 1 or more */
  write(name: string, bytes: Buffer, ttlMs: number): Promise<void>;
  /** Replaces a record that exists; its end does not change. @returns whether it does */
  replace(name: string, bytes: Buffer): Promise<boolean>;
  remove(name: string): Promise<void>;
  /** Adds a member to a set, for so long. Members whose time is over leave it then. */
  join(name: string, member: string, ttlMs: number): Promise<void>;
  /** Members of a set whose time is not over. */
  members(name: string): Promise<readonly string[]>;
  /**
   * Takes a lock that ends by itself after this time.
   * @returns its end, which another holder is not affected by; undefined where it is taken
   */
  lock(name: string, ms: number): Promise<(() => Promise<void>) | undefined>;
}

/** Deletes a lock if it is still that of this holder. */
const unlock = storeScript(
  `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`,
);

/** A set ends with its last member. */
const join = storeScript(`redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[3])
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[4]) then redis.call('PEXPIRE', KEYS[1], ARGV[4]) end
return 1`);

/**
 * @param run runs one command, and rejects with `StoreDownError`
 * @param guard tells whether commands are sent
 */
export function storeRecords(
  namespace: StoreNamespace,
  run: <T>(command: (redis: Redis) => Promise<T>) => Promise<T>,
  guard: { readonly isUp: boolean },
): StoreRecords {
  const key = (name: string): StoreKey => namespace.key(name);
  return {
    get isUp() {
      return guard.isUp;
    },
    async read(name, extendMs) {
      const found = await run((redis) =>
        extendMs === undefined ? redis.getBuffer(key(name)) : redis.getexBuffer(key(name), 'PX', Math.ceil(extendMs)),
      );
      return found ?? undefined;
    },
    async write(name, bytes, ttlMs) {
      await run((redis) => redis.set(key(name), bytes, 'PX', Math.ceil(ttlMs)));
    },
    replace: async (name, bytes) => (await run((redis) => redis.set(key(name), bytes, 'KEEPTTL', 'XX'))) === 'OK',
    async remove(name) {
      await run((redis) => redis.del(key(name)));
    },
    async join(name, member, ttlMs) {
      const now = Date.now();
      const args = [member, now + ttlMs, now, Math.ceil(ttlMs)];
      await run((redis) => redis.eval(join.source, 1, key(name), ...args));
    },
    members: (name) => run((redis) => redis.zrangebyscore(key(name), Date.now(), '+inf')),
    async lock(name, ms) {
      const holder = randomUUID();
      const taken = await run((redis) => redis.set(key(name), holder, 'PX', Math.ceil(ms), 'NX'));
      if (taken !== 'OK') return undefined;
      return async () => {
        await run((redis) => redis.eval(unlock.source, 1, key(name), holder));
      };
    },
  };
}
