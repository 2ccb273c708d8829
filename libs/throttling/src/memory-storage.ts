import { systemClock, type Clock } from '@frontage/core';
import { throttlerKey, throttlerRecord, type RateStore, type ThrottlerRecord } from './rate-store.js';
import { SlidingWindowTable, type WindowHit } from './sliding-window.js';

export interface MemoryStorageOptions {
  /** How many keys are remembered, 2 or more; beyond it the longest idle are forgotten. About 110 bytes each. @default 100_000 */
  readonly maxKeys?: number;
  /** @default the machine's */
  readonly clock?: Clock;
}

/** Counts hits in this process: right for one instance; several instances each have a limit of their own. */
export class MemoryThrottlerStorage implements RateStore {
  readonly #table: SlidingWindowTable;
  readonly #clock: Clock;

  /** @throws RangeError when `maxKeys` is below 2 */
  constructor({ maxKeys = 100_000, clock = systemClock }: MemoryStorageOptions = {}) {
    if (!Number.isInteger(maxKeys) || maxKeys < 2)
      throw new RangeError(`throttling.maxKeys: found ${maxKeys}; write a whole number from 2`);
    this.#table = new SlidingWindowTable(maxKeys);
    this.#clock = clock;
  }

  /** How many slots for keys are taken; at most `maxKeys`. */
  get size(): number {
    return this.#table.size;
  }

  hit(key: string, windowMs: number, limit: number, blockMs: number): WindowHit {
    return this.#table.hit(key, windowMs, limit, blockMs, this.#clock.now());
  }

  increment(key: string, ttl: number, limit: number, blockDuration: number, name: string): Promise<ThrottlerRecord> {
    return Promise.resolve(throttlerRecord(this.hit(throttlerKey(name, ttl, key), ttl, limit, blockDuration), limit));
  }
}
