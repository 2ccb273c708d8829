import { createHash } from 'node:crypto';
import { LastGoodMemory, type LastGoodStore } from '@frontage/aggregation';
import { decodeRecord, encodeRecord } from '@frontage/caching';
import { isInexact, type Clock } from '@frontage/core';
import type { RedisStore, StoreNamespace, StoreRecords } from '@frontage/store';

/** A value is written to Redis again after this share of the time for which it is used. */
const REWRITTEN_AFTER = 0.1;
/** The same for short times, in milliseconds. */
const REWRITTEN_AFTER_MS = 1_000;
/** Values whose last write is known; what is forgotten is written again. */
const MAX_KNOWN = 10_000;

/**
 * Last good responses in the memory of the process, and in Redis for the processes that have just started or never made the call. Redis sees no
 * arguments and no caller, only a hash of them. A process asks for one where a call failed and its own memory has none, and waits 50 ms at most.
 */
export class SharedLastGood implements LastGoodStore {
  readonly #memory: LastGoodMemory;
  readonly #store: RedisStore;
  readonly #keys: StoreNamespace;
  readonly #records: StoreRecords;
  readonly #clock: Clock;
  readonly #writtenAt = new Map<string, number>();

  constructor(store: RedisStore, clock: Clock) {
    this.#memory = new LastGoodMemory(clock);
    this.#store = store;
    this.#keys = store.namespace('last-good');
    this.#records = store.records('last-good');
    this.#clock = clock;
  }

  read(key: string): ReturnType<LastGoodStore['read']> {
    return this.#memory.read(key);
  }

  keep(key: string, value: unknown, forMs: number): void {
    this.#memory.keep(key, value);
    const now = this.#clock.now();
    const writtenAt = this.#writtenAt.get(key);
    const everyMs = Math.max(REWRITTEN_AFTER_MS, forMs * REWRITTEN_AFTER);
    if (!this.#store.isUp || (writtenAt !== undefined && now - writtenAt < everyMs)) return;
    // A number that a double cannot hold stays in this process, as in the cache.
    if (isInexact(value)) return;
    const keptAt = this.#clock.wallTime();
    this.#remember(key, now);
    this.#write(key, { value, keptAt }, forMs).catch(() => this.#writtenAt.delete(key));
  }

  async #write(key: string, value: { readonly value: unknown; readonly keptAt: number }, forMs: number): Promise<void> {
    const record = await encodeRecord({ value, expiresAt: value.keptAt + forMs });
    if (record !== undefined) await this.#store.set(this.#keys.key(hashOf(key)), record, forMs);
  }

  drop(key: string): void {
    this.#memory.drop(key);
    this.#writtenAt.delete(key);
    if (this.#store.isUp) this.#records.remove(hashOf(key)).catch(() => undefined);
  }

  async find(key: string): Promise<ReturnType<LastGoodStore['read']>> {
    if (!this.#store.isUp) return undefined;
    const record = await this.#store.get(this.#keys.key(hashOf(key))).catch(() => null);
    const found = record === null ? undefined : (await decodeRecord(record))?.value;
    if (typeof found !== 'object' || found === null || !('value' in found) || !('keptAt' in found)) return undefined;
    // The clocks of two machines differ: a value from the future has just been kept.
    const ageMs = Math.max(0, Math.round(this.#clock.wallTime() - Number(found.keptAt)));
    return { value: found.value, ageMs };
  }

  #remember(key: string, now: number): void {
    this.#writtenAt.delete(key);
    this.#writtenAt.set(key, now);
    if (this.#writtenAt.size <= MAX_KNOWN) return;
    for (const oldest of this.#writtenAt.keys()) {
      this.#writtenAt.delete(oldest);
      return;
    }
  }
}

const hashOf = (key: string): string => createHash('sha256').update(key).digest('base64url');
