import { ProblemError, type Clock } from '@frontage/core';
import type { RedisStore, StoreNamespace } from '@frontage/store';
import type { MemoryThrottlerStorage } from './memory-storage.js';
import {
  throttlerKey,
  throttlerRecord,
  type CountedLimit,
  type RatePeers,
  type RateStore,
  type ThrottlerRecord,
} from './rate-store.js';
import { slicesPerWindow, type WindowHit } from './sliding-window.js';
import { limitsScript, readHits } from './window-script.js';

export interface RedisStorageOptions {
  readonly store: RedisStore;
  /**
   * The behaviour while Redis cannot be used. `local`: counts in this process, and with the processes of the same `frontage serve`. `open`:
   * admits every hit. `closed`: refuses every hit with `GW_OVERLOADED`. @default 'local'
   */
  readonly whenDown?: WhenDown;
  /** Counts by this clock, for tests. @default the clock of the Redis server, so that all instances agree */
  readonly clock?: Clock;
}

export type WhenDown = 'local' | 'open' | 'closed';

/**
 * Counts hits in Redis: one limit for all instances of a BFF. With `local`, this process remembers the counts that Redis tells it, so that
 * an outage, or a single reply that is late, does not begin with an empty count.
 */
export class RedisThrottlerStorage implements RateStore {
  readonly #store: RedisStore;
  readonly #keys: StoreNamespace;
  readonly #whenDown: WhenDown;
  readonly #local: MemoryThrottlerStorage;
  readonly #clock: Clock | undefined;

  /** @param local counts while Redis is down */
  constructor({ store, whenDown = 'local', clock }: RedisStorageOptions, local: MemoryThrottlerStorage) {
    this.#store = store;
    this.#keys = store.namespace('limits');
    this.#whenDown = whenDown;
    this.#local = local;
    this.#clock = clock;
  }

  hit(key: string, windowMs: number, limit: number, blockMs: number): WindowHit | Promise<WindowHit> {
    const limits = [{ limit, windowMs, weight: 1 }];
    const alone = (): WindowHit =>
      this.#whenDown === 'local' ? this.#local.hit(key, windowMs, limit, blockMs) : this.#uncounted(windowMs);
    return this.#store.isUp ? this.#hitShared(limits, [key], blockMs).then((hits) => hits?.[0] ?? alone()) : alone();
  }

  hitAll(
    limits: readonly CountedLimit[],
    keys: readonly string[],
  ): readonly WindowHit[] | Promise<readonly WindowHit[]> {
    const alone = (): readonly WindowHit[] =>
      this.#whenDown === 'local'
        ? this.#local.hitAll(limits, keys)
        : limits.map(({ windowMs }) => this.#uncounted(windowMs));
    return this.#store.isUp ? this.#hitShared(limits, keys, 0).then((hits) => hits ?? alone()) : alone();
  }

  /** While Redis is down, the processes of one machine tell each other of the hits that they admit. */
  share(peers: RatePeers): void {
    this.#local.share(peers);
  }

  async increment(
    key: string,
    ttl: number,
    limit: number,
    blockDuration: number,
    name: string,
  ): Promise<ThrottlerRecord> {
    return throttlerRecord(await this.hit(throttlerKey(name, ttl, key), ttl, limit, blockDuration), limit);
  }

  /** `undefined` if Redis did not reply. The store has published a warning of its outage; this hit is counted like those during the outage. */
  async #hitShared(
    limits: readonly CountedLimit[],
    keys: readonly string[],
    blockMs: number,
  ): Promise<readonly WindowHit[] | undefined> {
    const now = this.#clock === undefined ? -1 : this.#clock.now();
    const args = [slicesPerWindow, now];
    for (const { windowMs, limit, burst = 0, weight } of limits) args.push(windowMs, limit, blockMs, burst, weight);
    let hits: readonly WindowHit[];
    try {
      const shared = keys.map((key) => this.#keys.key(key));
      hits = readHits(await this.#store.evaluate(limitsScript, shared, args), limits.length);
    } catch {
      return undefined;
    }
    if (this.#whenDown === 'local') this.#local.level(limits, keys, hits);
    return hits;
  }

  /** @throws ProblemError `GW_OVERLOADED` if the policy is closed */
  #uncounted(windowMs: number): WindowHit {
    if (this.#whenDown === 'open') return { hits: 0, admitted: true, nextFreeMs: windowMs, retryAfterMs: 0 };
    throw new ProblemError('GW_OVERLOADED', { detail: 'Rate limits cannot be checked now', retryAfterMs: 1_000 });
  }
}
