import { requireCount } from '@frontage/core';

export interface BulkheadOptions {
  /** Concurrent calls; at least 1. @default 64 */
  readonly maxConcurrent?: number;
  /** Calls that may wait for a permit; with 0 a surplus call is shed at once. @default 2 * maxConcurrent */
  readonly maxQueued?: number;
}

/** A call that waits for its permit. */
export interface Waiting {
  /** Leaves the queue. `false` if the call has its permit already, which must be released as usual. */
  cancel(): boolean;
}

class Place implements Waiting {
  readonly onReady: () => void;
  readonly #bulkhead: Bulkhead;
  before: Place | undefined = undefined;
  after: Place | undefined = undefined;
  waits = true;

  constructor(bulkhead: Bulkhead, onReady: () => void) {
    this.#bulkhead = bulkhead;
    this.onReady = onReady;
  }

  cancel(): boolean {
    return this.#bulkhead.leave(this);
  }
}

/**
 * Bounds the concurrent calls to one upstream, so that a slow upstream does not use up everything. A bounded number of calls waits in order of
 * arrival, and the rest is shed.
 *
 * ```ts
 * if (bulkhead.tryAcquire()) start();
 * else if ((waiting = bulkhead.enqueue(start)) === undefined) shed();
 * // after the call, also after a failed one:
 * bulkhead.release();
 * ```
 */
export class Bulkhead {
  readonly maxConcurrent: number;
  readonly maxQueued: number;
  #active = 0;
  #queued = 0;
  #shed = 0;
  #first: Place | undefined;
  #last: Place | undefined;
  #admitting = false;

  /** @throws RangeError for an option outside its range */
  constructor(options: BulkheadOptions = {}) {
    this.maxConcurrent = options.maxConcurrent ?? 64;
    this.maxQueued = options.maxQueued ?? 2 * this.maxConcurrent;
    requireCount('maxConcurrent', this.maxConcurrent);
    if (this.maxQueued !== 0) requireCount('maxQueued', this.maxQueued);
  }

  get active(): number {
    return this.#active;
  }

  get queued(): number {
    return this.#queued;
  }

  /** True if a call would get its permit now. */
  get hasFree(): boolean {
    return this.#active < this.maxConcurrent && this.#first === undefined;
  }

  /** Calls that were shed since the start. */
  get shed(): number {
    return this.#shed;
  }

  /** Takes a permit if one is free and no call waits. Call `release` once for each permit. */
  tryAcquire(): boolean {
    if (this.#active >= this.maxConcurrent || this.#first !== undefined) return false;
    this.#active++;
    return true;
  }

  /** Waits for a permit. `onReady` is called with the permit taken, never before this returns. `undefined` if the queue is full: shed the call. */
  enqueue(onReady: () => void): Waiting | undefined {
    if (this.#queued >= this.maxQueued) {
      this.#shed++;
      return undefined;
    }
    const place = new Place(this, onReady);
    place.before = this.#last;
    if (this.#last === undefined) this.#first = place;
    else this.#last.after = place;
    this.#last = place;
    this.#queued++;
    return place;
  }

  /** Gives the permit back; the first waiting call gets it. */
  release(): void {
    this.#active--;
    // A call that ends within its own onReady releases inside this loop, so a loop replaces a recursion as deep as the queue.
    if (this.#admitting) return;
    this.#admitting = true;
    try {
      while (this.#first !== undefined && this.#active < this.maxConcurrent) {
        const next = this.#first;
        this.#unlink(next);
        this.#active++;
        next.onReady();
      }
    } finally {
      this.#admitting = false;
    }
  }

  /** For {@link Waiting}. */
  leave(place: Place): boolean {
    if (!place.waits) return false;
    this.#unlink(place);
    return true;
  }

  #unlink(place: Place): void {
    place.waits = false;
    this.#queued--;
    if (place.before === undefined) this.#first = place.after;
    else place.before.after = place.after;
    if (place.after === undefined) this.#last = place.before;
    else place.after.before = place.before;
    place.before = place.after = undefined;
  }
}
