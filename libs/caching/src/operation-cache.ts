import {
  channels,
  handOut,
  isInexact,
  share,
  systemClock,
  type CacheUsed,
  type CallArgs,
  type Cancellation,
  type Clock,
  type Outcome,
  type ResponseFields,
  type Success,
} from '@frontage/core';
import { storeNamespace, type RedisStore } from '@frontage/store';
import { cacheKey, type Asker } from './cache-key.js';
import { MemoryStore } from './memory-store.js';
import { OwnCacheTier, type OwnCache } from './shared/own-cache.js';
import { RedisTier } from './shared/redis-tier.js';
import type { SharedTier } from './shared/shared-tier.js';
import { SingleFlight, type Load, type Waiter } from './single-flight.js';

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
}

/** Cache options of one operation; made at the start. */
export interface CachedOperationOptions {
  readonly upstream: string;
  readonly operation: string;
  /** Time that a response may be used, in milliseconds; above 0. */
  readonly ttlMs: number;
  /** All callers get the same response, and share its entry. Never true for an upstream that gets the caller. @default false */
  readonly isPublic?: boolean;
}

/** The value alone, or a map of value and headers; a value that is a map stands in such a map too, so that both are told apart. */
function recordOf({ value, headers }: Success<unknown>): unknown {
  if (headers === undefined && !(value instanceof Map)) return value;
  const record = new Map<string, unknown>([['value', value]]);
  return headers === undefined ? record : record.set('headers', headers);
}

function successOf(record: unknown): Success<unknown> {
  if (!(record instanceof Map)) return { ok: true, value: record };
  const headers = record.get('headers') as ResponseFields | undefined;
  return { ok: true, value: record.get('value'), ...(headers !== undefined && { headers }) };
}

/** Keeps responses of upstreams for a while: in this process, and in a store shared between processes if one is given. */
export class OperationCache {
  readonly #clock: Clock;
  readonly #memory: MemoryStore;
  readonly #shared: SharedTier | undefined;
  readonly #flights: SingleFlight;

  /**
   * @throws TypeError for both a `redis` and a `sharedCache`, or a `sharedCache` without an `app`
   * @throws RangeError for a `maxEntries` or `maxBytes` that is no whole number from 1
   */
  constructor(options: OperationCacheOptions = {}, clock: Clock = systemClock) {
    const { maxEntries = 10_000, maxBytes = 64 * 1024 * 1024, redis, sharedCache, app } = options;
    if (redis !== undefined && sharedCache !== undefined)
      throw new TypeError('give a redis or a sharedCache, not both');
    if (sharedCache !== undefined && app === undefined)
      throw new TypeError(
        'a sharedCache needs the name of the app, with which its keys begin: write { sharedCache, app }',
      );
    this.#clock = clock;
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
    return new CachedOperation(options, this.#clock, this.#memory, this.#shared, this.#flights);
  }

  /** Closes a shared cache of your own. */
  async stop(): Promise<void> {
    await this.#shared?.stop();
  }
}

/**
 * The cache of one operation. A value that it gives is frozen, or a copy if it holds bytes and the like, so that no request can change the
 * value of another one. That holds for the request that loaded the value too, and for failures that several requests wait for.
 */
export class CachedOperation {
  readonly #options: Required<CachedOperationOptions>;
  readonly #clock: Clock;
  readonly #memory: MemoryStore;
  readonly #shared: SharedTier | undefined;
  readonly #flights: SingleFlight;

  /** Made by {@link OperationCache.operation}. */
  constructor(
    options: CachedOperationOptions,
    clock: Clock,
    memory: MemoryStore,
    shared: SharedTier | undefined,
    flights: SingleFlight,
  ) {
    this.#options = { isPublic: false, ...options };
    this.#clock = clock;
    this.#memory = memory;
    this.#shared = shared;
    this.#flights = flights;
  }

  /** See {@link cacheKey}. */
  key(args: CallArgs, asker: Asker | undefined, vary: readonly (string | undefined)[] = []): string {
    return cacheKey(this.#options, args, asker, vary);
  }

  /** The response if this process has it, without a promise. */
  peek(key: string): Success<unknown> | undefined {
    const response = this.#memory.get(key, this.#clock.now());
    if (response === undefined) return undefined;
    this.#publish('hit');
    return handOut(response);
  }

  /**
   * The response from this process, from the shared store, or from `load`. Concurrent requests share one load. Only a success is kept. A waiter
   * that is cancelled or out of time leaves alone; the load is cancelled when the last waiter has left.
   */
  async getOrLoad(key: string, waiter: Waiter, load: Load): Promise<Outcome<unknown>> {
    const known = this.peek(key);
    if (known !== undefined) return known;
    if (this.#flights.has(key)) this.#publish('coalesced');
    const outcome = await this.#flights.run(key, waiter, (flight) => this.#load(key, waiter, load, flight));
    return handOut(outcome);
  }

  /** Forgets the response of a key, here and in the shared store: a reader found that it is not what its contract says. */
  drop(key: string): void {
    this.#memory.delete(key);
    this.#shared?.delete(key);
  }

  async #load(key: string, waiter: Waiter, load: Load, flight: Cancellation): Promise<Outcome<unknown>> {
    if (this.#shared === undefined) this.#publish('miss');
    else {
      const shared = await this.#shared.get(key, waiter.deadlineAt - this.#clock.now());
      if (typeof shared === 'object') {
        const response = share<Success<unknown>>(successOf(shared.value));
        const leftMs = Math.min(this.#options.ttlMs, shared.expiresAt - this.#clock.wallTime());
        this.#memory.set(key, response, this.#clock.now() + leftMs);
        this.#publish('hit');
        return response;
      }
      this.#publish(shared === 'failed' ? 'error' : 'miss');
    }
    const outcome = share(await load(flight));
    if (outcome.ok) {
      this.#memory.set(key, outcome, this.#clock.now() + this.#options.ttlMs);
      // A record has no form for a number that a double cannot hold.
      if (!isInexact(outcome.value)) this.#shared?.set(key, recordOf(outcome), this.#options.ttlMs);
    }
    return outcome;
  }

  #publish(result: CacheUsed['result']): void {
    if (!channels.cacheUsed.hasSubscribers) return;
    const { upstream, operation } = this.#options;
    channels.cacheUsed.publish({ upstream, operation, result } satisfies CacheUsed);
  }
}
