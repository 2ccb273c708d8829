import type { Cancellation, Clock } from '@frontage/core';
import type { FollowedEntry } from '../http/entry-of.js';
import type { Asking, Sent } from '../http/followed.options.js';
import { selectedBy, type Selected } from '../http/vary.js';
import type { Mark } from '../invalidation/marks.js';
import { followedRecord, readFollowed, type FollowedResponse } from './followed-record.js';
import { findShared } from './shared-level.js';
import type { SharedPlace, SharedTier } from './shared-tier.js';

/** Outcome of a look into the shared store. */
export interface SharedRead {
  readonly found: FollowedResponse | undefined;
  /** The place for the next response; absent where the store takes none. */
  readonly place: SharedPlace | undefined;
  readonly hasFailed: boolean;
}

/** The longest time for which a response is kept there, in milliseconds; its terms may say less. */
const longestMs = 86_400_000;

/** The responses of one followed operation in the shared store: one for each key, the latest that was written. */
export class FollowedLevel {
  readonly #clock: Clock;
  readonly #operation: Mark;

  constructor(clock: Clock, operation: Mark) {
    this.#clock = clock;
    this.#operation = operation;
  }

  /** Looks for a response that fits the headers of a request. */
  async find(
    tier: SharedTier,
    {
      key,
      asking,
      marks,
      deadlineAt,
    }: { readonly key: string; readonly asking: Asking; readonly marks: readonly Mark[]; readonly deadlineAt: number },
    flight: Cancellation,
  ): Promise<SharedRead> {
    const question = { key, marks: [this.#operation, ...marks], ttlMs: longestMs };
    const lookup = await findShared(tier, question, deadlineAt, { clock: this.#clock, flight });
    const place = lookup.state === 'found' || lookup.state === 'absent' ? lookup.place : undefined;
    const found = lookup.state === 'found' ? readFollowed(lookup.found.value, this.#epoch()) : undefined;
    const fits = found !== undefined && sameValues(found.selected, selectedBy(found.head.fields, asking.sent));
    return { found: fits ? found : undefined, place, hasFailed: lookup.state === 'failed' };
  }

  /** The arguments with which a response is kept. */
  recordOf(
    place: SharedPlace,
    { response, head, keptUntil }: FollowedEntry,
    sent: Sent,
  ): Parameters<SharedTier['keep']> {
    const ttlMs = Math.min(longestMs, Math.max(1, keptUntil - this.#clock.now()));
    const selected = selectedBy(head.fields, sent);
    return [{ ...place, ttlMs }, followedRecord({ response, head, selected }, this.#epoch())];
  }

  /** The wall time at which the monotonic clock of this process was 0. */
  #epoch(): number {
    return this.#clock.wallTime() - this.#clock.now();
  }
}

const sameValues = (one: Selected, other: Selected): boolean => JSON.stringify(one) === JSON.stringify(other);
