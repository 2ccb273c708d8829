import type { Clock } from '@frontage/core';
import type { RequestContext } from '@frontage/context';
import { LRUCache } from 'lru-cache';
import { textOf } from './equal-texts.js';

/** Stores the last good values of calls for `lastGood(...)`. Reads and writes are synchronous: a failed call does not wait for them. */
export interface LastGoodStore {
  /** The value and its age in milliseconds; undefined where none is kept. */
  read(key: string): { readonly value: unknown; readonly ageMs: number } | undefined;
  /**
   * Keeps a value and drops the one before.
   * @param forMs the longest age at which it is used, in milliseconds
   */
  keep(key: string, value: unknown, forMs: number): void;
  /** Forgets the value of a key: a reader found that it is not what its contract says. */
  drop(key: string): void;
  /**
   * A value that another process has kept, where the store is shared: asked where this process has none that is young enough, and before the
   * deadline. Never rejects.
   */
  find?(key: string): Promise<{ readonly value: unknown; readonly ageMs: number } | undefined>;
}

/** Keeps values in memory. When it is full, the value that was kept longest ago is evicted. */
export class LastGoodMemory implements LastGoodStore {
  readonly #clock: Clock;
  readonly #kept: LRUCache<string, { readonly value: unknown; readonly at: number }>;

  /**
   * @param maxValues a whole number, 1 or more. @default 1000
   * @throws TypeError for another number
   */
  constructor(clock: Clock, maxValues = 1000) {
    this.#clock = clock;
    this.#kept = new LRUCache({ max: maxValues });
  }

  get size(): number {
    return this.#kept.size;
  }

  read(key: string): { readonly value: unknown; readonly ageMs: number } | undefined {
    // A read does not count as a use: the age of a response decides which one is evicted.
    const kept = this.#kept.peek(key);
    return kept && { value: kept.value, ageMs: Math.round(this.#clock.now() - kept.at) };
  }

  keep(key: string, value: unknown): void {
    this.#kept.set(key, { value, at: this.#clock.now() });
  }

  drop(key: string): void {
    this.#kept.delete(key);
  }
}

/** Two requests share a value only where the same call had the same arguments for the same caller with the same rights. */
export function lastGoodKey(operation: string, args: unknown, { caller }: RequestContext): string {
  const asker = caller && [
    caller.subject,
    caller.tenant,
    caller.app,
    caller.scopes.toSorted(),
    caller.roles.toSorted(),
  ];
  return textOf([operation, args, asker]);
}
