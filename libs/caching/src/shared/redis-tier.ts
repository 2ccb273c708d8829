import { systemClock, type Clock } from '@frontage/core';
import type { RedisStore, StoreNamespace } from '@frontage/store';
import { decodeRecord, encodeRecord } from './record.js';
import type { SharedLookup, SharedTier } from './shared-tier.js';

/** The shared tier in the store of the app, which has the guard: while it is down, lookups find nothing and cost nothing. */
export class RedisTier implements SharedTier {
  readonly #store: RedisStore;
  readonly #keys: StoreNamespace;
  readonly #clock: Clock;

  constructor(store: RedisStore, clock: Clock) {
    this.#store = store;
    this.#keys = store.namespace('cache');
    this.#clock = clock;
  }

  async get(key: string, withinMs: number): Promise<SharedLookup> {
    if (!this.#store.isUp) return 'none';
    const record = await withinTime(
      this.#store.get(this.#keys.key(key)).catch(() => 'failed' as const),
      withinMs,
    );
    if (record === null || record === 'failed') return record ?? 'none';
    const found = decodeRecord(record);
    return found !== undefined && found.expiresAt > this.#clock.wallTime() ? found : 'none';
  }

  set(key: string, value: unknown, ttlMs: number): void {
    if (!this.#store.isUp) return;
    const record = encodeRecord({ value, expiresAt: this.#clock.wallTime() + ttlMs });
    // The store tells of an outage itself.
    if (record !== undefined) this.#store.set(this.#keys.key(key), record, ttlMs).catch(() => undefined);
  }

  /** The connection is of the store, which others use too. */
  stop(): void {}
}

/** The store ends a lookup by itself; a request that has less time than that does not wait so long. */
function withinTime<T>(lookup: Promise<T>, ms: number): Promise<T | 'failed'> {
  if (ms >= longestLookupMs) return lookup;
  return new Promise((resolve) => {
    const timer = systemClock.setTimer(() => resolve('failed'), Math.max(0, ms));
    void lookup.then(resolve).finally(() => systemClock.clearTimer(timer));
  });
}

const longestLookupMs = 1_000;
