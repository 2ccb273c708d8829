import {
  channels,
  isInexact,
  systemClock,
  type CacheUsed,
  type CallArgs,
  type Clock,
  type Outcome,
  type Success,
} from '@frontage/core';
import type { Cache } from 'cache-manager';
import { cacheKey, type Asker } from './cache-key.js';
import { MemoryStore } from './memory-store.js';
import { connectRedis, SharedStore } from './shared-store.js';
import { SingleFlight, type Load, type Waiter } from './single-flight.js';

export interface OperationCacheOptions {
  /** Answers kept in this process; at least 1. @default 10_000 */
  readonly maxEntries?: number;
  /** Estimated size of what is kept in this process, in bytes. @default 64 MiB */
  readonly maxBytes?: number;
  /** A second tier in Redis, shared between processes: `redis://host:6379`. @default none */
  readonly redisUrl?: string;
  /** A second tier of your own: any cache-manager cache. Closed by `stop`. Not together with `redisUrl`. @default none */
  readonly sharedCache?: Cache;
  /** Keeps apps apart that share a Redis. @default 'frontage' */
  readonly namespace?: string;
}

/** What is cached of one operation; made at boot. */
export interface CachedOperationOptions {
  readonly upstream: string;
  readonly operation: string;
  /** How long an answer may be used, in milliseconds; above 0. */
  readonly ttlMs: number;
  /** The answer is the same for everybody: entries are shared between callers. Never for an upstream that sees who asks. @default false */
  readonly isPublic?: boolean;
}

/** Answers of upstreams, kept for a while: in this process, and in a store shared between processes where one is given. */
export class OperationCache {
  readonly #clock: Clock;
  readonly #memory: MemoryStore;
  readonly #shared: SharedStore | undefined;
  readonly #flights: SingleFlight;

  /** @throws TypeError where both a `redisUrl` and a `sharedCache` are given */
  constructor(options: OperationCacheOptions = {}, clock: Clock = systemClock) {
    const { maxEntries = 10_000, maxBytes = 64 * 1024 * 1024, redisUrl, sharedCache, namespace = 'frontage' } = options;
    if (redisUrl !== undefined && sharedCache !== undefined)
      throw new TypeError('give a redisUrl or a sharedCache, not both');
    this.#clock = clock;
    this.#memory = new MemoryStore(maxEntries, maxBytes);
    this.#flights = new SingleFlight(clock);
    if (redisUrl !== undefined) this.#shared = connectRedis(redisUrl, namespace, clock);
    else if (sharedCache !== undefined) this.#shared = new SharedStore(sharedCache, clock);
  }

  /** Answers in this process. */
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

  /** Closes the connection to the shared store. */
  async stop(): Promise<void> {
    await this.#shared?.stop();
  }
}

/** The cache of one operation. Values are handed out as they are stored: nobody may change them. */
export class CachedOperation {
  readonly #options: Required<CachedOperationOptions>;
  readonly #clock: Clock;
  readonly #memory: MemoryStore;
  readonly #shared: SharedStore | undefined;
  readonly #flights: SingleFlight;

  /** Made by {@link OperationCache.operation}. */
  constructor(
    options: CachedOperationOptions,
    clock: Clock,
    memory: MemoryStore,
    shared: SharedStore | undefined,
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

  /** The answer where this process has it, without a promise. */
  peek(key: string): Success<unknown> | undefined {
    const answer = this.#memory.get(key, this.#clock.now());
    if (answer !== undefined) this.#publish('hit');
    return answer;
  }

  /**
   * The answer from this process, from the shared store, or from `load`: one load however many ask at once. Only a success is kept. A
   * waiter that is cancelled or out of time leaves alone; the load is cancelled when the last has left.
   */
  async getOrLoad(key: string, waiter: Waiter, load: Load): Promise<Outcome<unknown>> {
    const known = this.peek(key);
    if (known !== undefined) return known;
    if (this.#flights.has(key)) this.#publish('coalesced');
    return this.#flights.run(key, waiter, async (flight) => {
      if (this.#shared === undefined) this.#publish('miss');
      else {
        const shared = await this.#shared.get(key, waiter.deadlineAt - this.#clock.now());
        if (typeof shared === 'object') {
          const answer: Success<unknown> = { ok: true, value: shared.value };
          const leftMs = Math.min(this.#options.ttlMs, shared.expiresAt - this.#clock.wallTime());
          this.#memory.set(key, answer, this.#clock.now() + leftMs);
          this.#publish('hit');
          return answer;
        }
        this.#publish(shared === 'failed' ? 'error' : 'miss');
      }
      const outcome = await load(flight);
      if (outcome.ok) {
        this.#memory.set(key, outcome, this.#clock.now() + this.#options.ttlMs);
        // JSON would bend the numbers that the value holds in a way of its own.
        if (!isInexact(outcome.value)) this.#shared?.set(key, outcome.value, this.#options.ttlMs);
      }
      return outcome;
    });
  }

  #publish(result: CacheUsed['result']): void {
    if (!channels.cacheUsed.hasSubscribers) return;
    const { upstream, operation } = this.#options;
    channels.cacheUsed.publish({ upstream, operation, result } satisfies CacheUsed);
  }
}
