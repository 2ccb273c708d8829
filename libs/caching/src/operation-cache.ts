import { systemClock, type Clock } from '@frontage/core';
import { storeNamespace, type RedisStore } from '@frontage/store';
import { CachedOperation, type CachedOperationOptions } from './cached-operation.js';
import { MemoryStore } from './memory-store.js';
import { OwnCacheTier, type OwnCache } from './shared/own-cache.js';
import { RedisTier } from './shared/redis-tier.js';
import type { SharedTier } from './shared/shared-tier.js';
import { SingleFlight } from './single-flight.js';

export interface OperationCacheOptions {
  /** Number of responses kept in this process; at least 1. @default 10_000 */
  readonly maxEntries?: number;
  /** Estimated size of the responses kept in this process, in bytes; at least 1. @default 64 MiB */
  readonly maxBytes?: number;
  /** A second tier in Redis, shared between the processes of its app. Its owner stops it. @default none */
  readonly redis?: RedisStore;
  /** A second tier of your own, a cache of cache-manager. Closed by `stop`. Not together with `redis`. @default none */
  readonly sharedCache?: OwnCache;
  /** Prefix of the keys in `sharedCache`, so that apps that use one cache share no entries. Required with `sharedCache`. */
  readonly app?: string;
  /** From 0 to 1, for the time at which a response is loaded anew. @default Math.random */
  readonly random?: () => number;
}

/** Keeps responses of upstreams for a while: in this process, and in a store shared between processes if one is given. */
export class OperationCache {
  readonly #clock: Clock;
  readonly #memory: MemoryStore;
  readonly #shared: SharedTier | undefined;
  readonly #flights: SingleFlight;
  readonly #random: () => number;

  /**
   * @throws TypeError for both a `redis` and a `sharedCache`, or a `sharedCache` without an `app`
   * @throws RangeError for a `maxEntries` or `maxBytes` that is no whole number from 1
   */
  constructor(options: OperationCacheOptions = {}, clock: Clock = systemClock) {
    const { maxEntries = 10_000, maxBytes = 64 * 1024 * 1024, redis, sharedCache, app, random = Math.random } = options;
    if (redis !== undefined && sharedCache !== undefined)
      throw new TypeError('give a redis or a sharedCache, not both');
    if (sharedCache !== undefined && app === undefined)
      throw new TypeError(
        'a sharedCache needs the name of the app, with which its keys begin: write { sharedCache, app }',
      );
    this.#clock = clock;
    this.#random = random;
    this.#memory = new MemoryStore(maxEntries, maxBytes);
    this.#flights = new SingleFlight(clock);
    if (redis !== undefined) this.#shared = new RedisTier(redis, clock);
    else if (sharedCache !== undefined && app !== undefined)
      this.#shared = new OwnCacheTier(sharedCache, storeNamespace(app, 'cache'), clock);
  }

  /** Number of responses in this process. */
  get size(): number {
    return this.#memory.size;
  }

  /** Estimated bytes in this process. */
  get bytes(): number {
    return this.#memory.bytes;
  }

  /** @throws RangeError for a `ttlMs` that is not above 0 */
  operation(options: CachedOperationOptions): CachedOperation {
    if (!(options.ttlMs > 0)) throw new RangeError(`ttlMs must be above 0, not ${options.ttlMs}`);
    return new CachedOperation(options, this.#clock, this.#memory, this.#shared, this.#flights, this.#random);
  }

  /** Closes a shared cache of your own. */
  async stop(): Promise<void> {
    await this.#shared?.stop();
  }
}
