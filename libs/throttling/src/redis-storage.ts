import { ProblemError, type Clock } from '@frontage/core';
import type { RedisStore, StoreNamespace } from '@frontage/store';
import type { MemoryThrottlerStorage } from './memory-storage.js';
import { throttlerKey, throttlerRecord, type RatePeers, type RateStore, type ThrottlerRecord } from './rate-store.js';
import { slicesPerWindow, type WindowHit } from './sliding-window.js';
import { readHit, windowScript } from './window-script.js';

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
 * Counts hits in Redis: one limit for all instances of a BFF. With `local`, the hits that this process admits are counted in its memory too,
 * so that an outage does not begin with an empty count.
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
    return this.#store.isUp
      ? this.#hitShared(key, windowMs, limit, blockMs)
      : this.#hitAlone(key, windowMs, limit, blockMs);
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

  async #hitShared(key: string, windowMs: number, limit: number, blockMs: number): Promise<WindowHit> {
    const now = this.#clock === undefined ? -1 : this.#clock.now();
    let hit: WindowHit;
    try {
      const args = [windowMs, limit, blockMs, slicesPerWindow, now];
      hit = readHit(await this.#store.evaluate(windowScript, this.#keys.key(key), args));
    } catch {
      // The store has published a warning of its outage. This hit is counted like those during the outage.
      return this.#hitAlone(key, windowMs, limit, blockMs);
    }
    if (hit.admitted && this.#whenDown === 'local') this.#local.note(key, windowMs);
    return hit;
  }

  #hitAlone(key: string, windowMs: number, limit: number, blockMs: number): WindowHit {
    if (this.#whenDown === 'local') return this.#local.hit(key, windowMs, limit, blockMs);
    if (this.#whenDown === 'open') return { hits: 0, admitted: true, nextFreeMs: windowMs, retryAfterMs: 0 };
    throw new ProblemError('GW_OVERLOADED', {
      detail: 'Rate limits cannot be checked now',
      headers: { 'retry-after': '1' },
    });
  }
}
