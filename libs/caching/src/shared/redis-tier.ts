import { newId } from './new-id.js';
import { systemClock, type Clock } from '@frontage/core';
import type { RedisStore, StoreNamespace } from '@frontage/store';
import { decodeRecord, encodeRecord, recordVersion } from './record.js';
import type { SharedLookup, SharedPlace, SharedQuestion, SharedTier, SharedValue } from './shared-tier.js';
import { findScript, keepScript, releaseScript } from './tier-scripts.js';

/** The shared tier in the store of the app. While the store is down, its guard ends each lookup at once without a value. */
export class RedisTier implements SharedTier {
  readonly #store: RedisStore;
  readonly #keys: StoreNamespace;
  readonly #marks: StoreNamespace;
  readonly #locks: StoreNamespace;
  readonly #clock: Clock;

  constructor(store: RedisStore, clock: Clock) {
    this.#store = store;
    this.#keys = store.namespace('cache');
    this.#marks = store.namespace('cache-marks');
    this.#locks = store.namespace('cache-locks');
    this.#clock = clock;
  }

  async find(question: SharedQuestion, withinMs: number, lockMs: number): Promise<SharedLookup> {
    if (!this.#store.isUp) return { state: 'absent' };
    const { key, marks, ttlMs } = question;
    const id = newId();
    const keys = [this.#keys.key(key), this.#locks.key(key), ...marks.map((mark) => this.#marks.key(mark))];
    const args = [id, tokenMs(ttlMs), id, Math.max(0, Math.floor(lockMs)), recordVersion];
    const reply = await withinTime(
      this.#store.evaluate(findScript, keys, args).catch(() => 'failed' as const),
      withinMs,
    );
    if (!Array.isArray(reply)) return { state: 'failed' };
    const [state, tokens, seen, record] = reply as readonly Buffer[];
    if (String(state) === 'loading') return { state: 'loading' };
    const place = {
      ...question,
      tokens: String(tokens),
      seen: String(seen),
      holder: lockMs > 0 && record === undefined ? id : '',
    };
    const found = record && (await decodeRecord(record));
    return found !== undefined && found.expiresAt > this.#clock.wallTime()
      ? { state: 'found', found, place }
      : { state: 'absent', place };
  }

  keep(place: SharedPlace, value: unknown): void {
    if (!this.#store.isUp) return;
    // The store itself publishes a warning of an outage.
    this.#write(place, { value, expiresAt: this.#clock.wallTime() + place.ttlMs }).catch(() => undefined);
  }

  async #write(place: SharedPlace, value: SharedValue): Promise<void> {
    const { key, ttlMs, tokens, seen, holder } = place;
    const record = await encodeRecord(value);
    if (record === undefined) return this.release(place);
    const keys = [this.#keys.key(key), this.#locks.key(key)];
    const args = [holder, seen, Math.ceil(ttlMs), tokens, record];
    await this.#store.evaluate(keepScript, keys, args);
  }

  release({ key, holder }: SharedPlace): void {
    if (holder === '' || !this.#store.isUp) return;
    this.#store.evaluate(releaseScript, [this.#locks.key(key)], [holder]).catch(() => undefined);
  }

  delete(key: string): void {
    if (this.#store.isUp)
      this.#store
        .records('cache')
        .remove(key)
        .catch(() => undefined);
  }

  /** The connection belongs to the store, which other code uses too. */
  stop(): void {}
}

/** A token lives for longer than the records that hold it; without one they are not read. */
const tokenMs = (ttlMs: number): number => Math.ceil(2 * ttlMs) + 1_000;

/** The store bounds a lookup; a request with less time than that waits less. */
function withinTime<T>(lookup: Promise<T>, ms: number): Promise<T | 'failed'> {
  if (ms >= longestLookupMs) return lookup;
  return new Promise((resolve) => {
    const timer = systemClock.setTimer(() => resolve('failed'), Math.max(0, ms));
    void lookup.then(resolve).finally(() => systemClock.clearTimer(timer));
  });
}

const longestLookupMs = 1_000;
