import type { Redis } from 'ioredis';
import type { StoreNamespace } from './store-key.js';

/** A table that the processes of an app share. Each member rejects with `StoreDownError` while the store is down. */
export interface StoreTable {
  /** Changes with each change of the table. */
  version(): Promise<string>;
  entries(): Promise<ReadonlyMap<string, string>>;
  put(name: string, value: string): Promise<void>;
  remove(names: readonly string[]): Promise<void>;
}

/** @param run runs one command, and rejects with `StoreDownError` */
export function storeTable(
  namespace: StoreNamespace,
  run: <T>(command: (redis: Redis) => Promise<T>) => Promise<T>,
): StoreTable {
  const table = namespace.key('table');
  const changes = namespace.key('version');
  const changed = async (change: (redis: Redis) => Promise<unknown>): Promise<void> => {
    await run(change);
    await run((redis) => redis.incr(changes));
  };
  return {
    version: async () => (await run((redis) => redis.get(changes))) ?? '0',
    entries: async () => new Map(Object.entries(await run((redis) => redis.hgetall(table)))),
    put: (name, value) => changed((redis) => redis.hset(table, name, value)),
    remove: async (names) => (names.length === 0 ? undefined : changed((redis) => redis.hdel(table, ...names))),
  };
}
