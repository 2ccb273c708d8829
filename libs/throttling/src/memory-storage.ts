import { systemClock, type Clock } from '@frontage/core';
import { storeNamespace, type StoreNamespace } from '@frontage/store';
import { throttlerKey, throttlerRecord, type RatePeers, type RateStore, type ThrottlerRecord } from './rate-store.js';
import { SharedHits } from './shared-hits.js';
import { SlidingWindowTable, type WindowHit } from './sliding-window.js';

export interface MemoryStorageOptions {
  /** The number of keys that are remembered, 2 or more, about 110 bytes each. Beyond it the longest idle keys are forgotten. @default 100_000 */
  readonly maxKeys?: number;
  /** @default the clock of the machine */
  readonly clock?: Clock;
  /** Name of the app: processes share only the hits of their own app. @default 'frontage' */
  readonly app?: string;
}

/**
 * Counts the hits of this process, and with `share` those of the other processes under one `frontage serve`. This is right for one machine:
 * each of several machines has a limit of its own.
 */
export class MemoryThrottlerStorage implements RateStore {
  readonly #table: SlidingWindowTable;
  readonly #clock: Clock;
  readonly #peerKeys: StoreNamespace;
  #shared: SharedHits | undefined;

  /** @throws RangeError when `maxKeys` is below 2 */
  constructor({ maxKeys = 100_000, clock = systemClock, app = 'frontage' }: MemoryStorageOptions = {}) {
    if (!Number.isInteger(maxKeys) || maxKeys < 2)
      throw new RangeError(`throttling.maxKeys: found ${maxKeys}; write a whole number from 2`);
    this.#table = new SlidingWindowTable(maxKeys);
    this.#clock = clock;
    this.#peerKeys = storeNamespace(app, 'cluster-hits');
  }

  /** The number of slots for keys that are taken; at most `maxKeys`. */
  get size(): number {
    return this.#table.size;
  }

  hit(key: string, windowMs: number, limit: number, blockMs: number): WindowHit {
    const hit = this.#table.hit(key, windowMs, limit, blockMs, this.#clock.now());
    if (hit.admitted) this.#shared?.note(key, windowMs);
    return hit;
  }

  /** Counts a hit that was admitted elsewhere. The other processes are not told of it. */
  note(key: string, windowMs: number): void {
    this.#table.add(key, windowMs, 1, this.#clock.now());
  }

  share(peers: RatePeers): void {
    const { prefix } = this.#peerKeys;
    this.#shared = new SharedHits(peers, this.#peerKeys);
    peers.listen((admitted) => {
      const now = this.#clock.now();
      for (const [key, windowMs, hits] of admitted)
        if (key.startsWith(prefix)) this.#table.add(key.slice(prefix.length), windowMs, hits, now);
    });
  }

  increment(key: string, ttl: number, limit: number, blockDuration: number, name: string): Promise<ThrottlerRecord> {
    return Promise.resolve(throttlerRecord(this.hit(throttlerKey(name, ttl, key), ttl, limit, blockDuration), limit));
  }
}
