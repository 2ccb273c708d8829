import type { CompleteResponse } from '@frontage/aggregation';
import { cacheKey } from '@frontage/caching';
import type { Clock } from '@frontage/core';
import { LRUCache } from 'lru-cache';
import type { Exchange, ScreenInput } from '../exchange/exchange.js';
import type { PartNote } from './part-notes.js';

/** A complete response that is given again. */
export interface KeptScreen {
  readonly response: CompleteResponse;
  /** Of its bytes; absent where the screen has no tags. */
  readonly tag: string | undefined;
  /** As they were when it was made. */
  readonly parts: readonly PartNote[];
  readonly madeAt: number;
}

/** Bytes of an entry beside its body: keys, notes, the head. */
const entryBytes = 1_024;

/** The responses of screens that an app keeps as a whole, in this process, bounded by their bytes. */
export class KeptScreens {
  readonly #screens: LRUCache<string, KeptScreen>;
  readonly #clock: Clock;

  /** @param maxBytes at least 1; those that were not asked for the longest go first */
  constructor(maxBytes: number, clock: Clock) {
    this.#clock = clock;
    this.#screens = new LRUCache({
      maxSize: maxBytes,
      sizeCalculation: ({ response: { body, encoding } }) => entryBytes + body.length * (encoding === 'latin1' ? 1 : 2),
    });
  }

  /** At most `maxBytes`. */
  get bytes(): number {
    return this.#screens.calculatedSize;
  }

  /**
   * @param ttlMs the response may be as old as that
   * @returns undefined too where a part of it was invalidated since it was loaded
   */
  find(key: string, ttlMs: number): KeptScreen | undefined {
    const kept = this.#screens.get(key);
    if (kept === undefined) return undefined;
    const isCurrent = kept.parts.every((part) => part.isCurrent());
    if (isCurrent && this.#clock.now() - kept.madeAt < ttlMs) return kept;
    this.#screens.delete(key);
    return undefined;
  }

  keep(key: string, response: CompleteResponse, tag: string | undefined, parts: readonly PartNote[]): void {
    this.#screens.set(key, { response, tag, parts, madeAt: this.#clock.now() });
  }

  /** The parts of a kept response, as old as they are by now. */
  partsOf({ parts, madeAt }: KeptScreen): readonly PartNote[] {
    const age = this.#clock.now() - madeAt;
    return parts.map((part) => ({
      ...part,
      ageMs: part.ageMs + age,
      freshMs: part.freshMs - age,
      isHit: true,
      isKept: true,
    }));
  }
}

/**
 * The key of a whole response: the plan, its input, all that is known of the caller, the header fields that services get, and the members that an
 * external policy takes out. It is hashed.
 * @param forwarded lower case
 */
export function screenKey(
  plan: string,
  input: ScreenInput,
  { context: { caller, headers } }: Exchange,
  forwarded: readonly string[],
  maskKey: string,
): string {
  const vary = forwarded.map((name) => String(headers[name] ?? ''));
  const args = { body: { input, caller } };
  return cacheKey({ upstream: 'screen', operation: plan, scope: 'public' }, args, undefined, [maskKey, ...vary]);
}
