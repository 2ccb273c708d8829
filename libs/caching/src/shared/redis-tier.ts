import { systemClock, type Clock } from '@frontage/core';
import type { RedisStore, StoreNamespace, StoreRecords } from '@frontage/store';
import { decodeRecord, encodeRecord } from './record.js';
import type { SharedLookup, SharedTier } from './shared-tier.js';

/** The shared tier in the store of the app. While the store is down, its guard ends each lookup at once without a value. */
export class RedisTier implements SharedTier {
  readonly #store: RedisStore;
  readonly #keys: StoreNamespace;
  readonly #records: StoreRecords;
  readonly #clock: Clock;

  constructor(store: RedisStore, clock: Clock) {
    this.#store = store;
    this.#keys = store.namespace('cache');
    this.#records = store.records('cache');
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
    // The store itself publishes a warning of an outage.
    if (record !== undefined) this.#store.set(this.#keys.key(key), record, ttlMs).catch(() => undefined);
  }

  delete(key: string): void {
    if (this.#store.isUp) this.#records.remove(key).catch(() => undefined);
  }

  /** The connection belongs to the store, which other code uses too. */
  stop(): void {}
}

/** The store bounds a lookup; a request with less time than that waits less. */
function withinTime<T>(lookup: Promise<T>, ms: number): Promise<T | 'failed'> {
  if (ms >= longestLookupMs) return lookup;
  return new Promise((resolve) => {
    const timer = systemClock.setTimer(() => resolve('failed'), Math.max(0, ms));
    void lookup.then(resolve).finally(() => systemClock.clearTimer(timer));
  });
}

const longestLookupMs = 1_000;
