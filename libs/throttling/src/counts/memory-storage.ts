import { systemClock, type Clock } from '@frontage/core';
import { storeNamespace, type StoreNamespace } from '@frontage/store';
import { BurstTable } from './burst-table.js';
import {
  everyMsOf,
  throttlerKey,
  throttlerRecord,
  type CountedLimit,
  type RatePeers,
  type RateStore,
  type ThrottlerRecord,
} from './rate-store.js';
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
  readonly #maxKeys: number;
  /** Made with the first limit that has a burst. */
  #bursts: BurstTable | undefined;
  readonly #clock: Clock;
  readonly #peerKeys: StoreNamespace;
  #shared: SharedHits | undefined;

  /** @throws RangeError when `maxKeys` is below 2 */
  constructor({ maxKeys = 100_000, clock = systemClock, app = 'frontage' }: MemoryStorageOptions = {}) {
    if (!Number.isInteger(maxKeys) || maxKeys < 2)
      throw new RangeError(`throttling.maxKeys: found ${maxKeys}; write a whole number from 2`);
    this.#table = new SlidingWindowTable(maxKeys);
    this.#maxKeys = maxKeys;
    this.#clock = clock;
    this.#peerKeys = storeNamespace(app, 'cluster-hits');
  }

  /** The number of slots for keys that are taken; at most `maxKeys`. */
  get size(): number {
    return this.#table.size + (this.#bursts?.size ?? 0);
  }

  hit(key: string, windowMs: number, limit: number, blockMs: number): WindowHit {
    const hit = this.#table.hit(key, windowMs, limit, blockMs, this.#clock.now());
    if (hit.admitted) this.#shared?.note(key, windowMs);
    return hit;
  }

  hitAll(limits: readonly CountedLimit[], keys: readonly string[]): readonly WindowHit[] {
    const now = this.#clock.now();
    const hits = limits.map((limit, i) => this.#count(limit, keys[i] ?? '', now));
    const admitted = hits.every((hit) => hit.admitted);
    for (const [i, limit] of limits.entries()) {
      const key = keys[i] ?? '';
      if (admitted) this.#tell(limit, key);
      else if (hits[i]?.admitted === true) this.#add(limit, key, -limit.weight, now);
    }
    return hits;
  }

  /**
   * Takes over the counts of a store that is shared, as its outcomes of one request tell them. The other processes are not told: they hear
   * it there.
   */
  level(limits: readonly CountedLimit[], keys: readonly string[], hits: readonly WindowHit[]): void {
    const now = this.#clock.now();
    const isCounted = hits.every(({ admitted }) => admitted);
    for (const [i, { limit, windowMs, burst, weight }] of limits.entries()) {
      const hit = hits[i];
      const key = keys[i] ?? '';
      if (hit === undefined) continue;
      // A limit that would have admitted the request tells of it, although another one has refused it.
      const uncounted = hit.admitted && !isCounted ? weight : 0;
      if (burst === undefined) this.#table.level(key, windowMs, hit.hits - uncounted, now);
      else this.#burstTable().level(key, hit.nextFreeMs - uncounted * everyMsOf(limit, windowMs), now);
    }
  }

  share(peers: RatePeers): void {
    const { prefix } = this.#peerKeys;
    this.#shared = new SharedHits(peers, this.#peerKeys);
    peers.listen((admitted) => {
      const now = this.#clock.now();
      for (const [told, ms, hits, burst] of admitted) {
        if (!told.startsWith(prefix)) continue;
        const key = told.slice(prefix.length);
        if (burst === undefined) this.#table.add(key, ms, hits, now);
        else this.#burstTable().add(key, ms, hits, now);
      }
    });
  }

  #count({ limit, windowMs, burst, weight }: CountedLimit, key: string, now: number): WindowHit {
    if (burst === undefined) return this.#table.hit(key, windowMs, limit, 0, now, weight);
    return this.#burstTable().hit(key, { burst, everyMs: everyMsOf(limit, windowMs) }, now, weight);
  }

  #add({ limit, windowMs, burst }: CountedLimit, key: string, hits: number, now: number): void {
    if (burst === undefined) this.#table.add(key, windowMs, hits, now);
    else this.#burstTable().add(key, everyMsOf(limit, windowMs), hits, now);
  }

  #tell({ limit, windowMs, burst, weight }: CountedLimit, key: string): void {
    if (weight === 0) return;
    if (burst === undefined) this.#shared?.note(key, windowMs, weight);
    else this.#shared?.note(key, everyMsOf(limit, windowMs), weight, true);
  }

  #burstTable(): BurstTable {
    return (this.#bursts ??= new BurstTable(this.#maxKeys));
  }

  increment(key: string, ttl: number, limit: number, blockDuration: number, name: string): Promise<ThrottlerRecord> {
    return Promise.resolve(throttlerRecord(this.hit(throttlerKey(name, ttl, key), ttl, limit, blockDuration), limit));
  }
}
