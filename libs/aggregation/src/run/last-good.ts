import type { Clock } from '@frontage/core';
import type { RequestContext } from '@frontage/context';
import { textOf } from './equal-texts.js';

/** Where the last good answers of calls are kept, for `lastGood(...)`. Reads and writes take no time: a failed call waits for nothing. */
export interface LastGoodStore {
  /** The answer and its age; undefined where none is kept. */
  read(key: string): { readonly value: unknown; readonly ageMs: number } | undefined;
  /** Keeps an answer in the place of the one before. */
  keep(key: string, value: unknown): void;
}

/** Keeps answers in memory; where it is full, the one that was kept longest ago goes. */
export class LastGoodMemory implements LastGoodStore {
  readonly #clock: Clock;
  readonly #maxValues: number;
  readonly #kept = new Map<string, { readonly value: unknown; readonly at: number }>();

  /** @param maxAnswers 1 or more. @default 1000 */
  constructor(clock: Clock, maxAnswers = 1000) {
    this.#clock = clock;
    this.#maxValues = maxAnswers;
  }

  get size(): number {
    return this.#kept.size;
  }

  read(key: string): { readonly value: unknown; readonly ageMs: number } | undefined {
    const kept = this.#kept.get(key);
    return kept && { value: kept.value, ageMs: Math.round(this.#clock.now() - kept.at) };
  }

  keep(key: string, value: unknown): void {
    this.#kept.delete(key);
    if (this.#kept.size >= this.#maxValues) {
      const [oldest] = this.#kept.keys();
      if (oldest !== undefined) this.#kept.delete(oldest);
    }
    this.#kept.set(key, { value, at: this.#clock.now() });
  }
}

/** Two requests share an answer only where the same call, with the same arguments, was made for the same caller with the same rights. */
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
