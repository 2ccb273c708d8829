import { requireCount } from '@frontage/core';

export interface BulkheadOptions {
  /** Calls at once; at least 1. @default 64 */
  readonly maxConcurrent?: number;
  /** Calls that may wait for a place; 0 sheds at once. @default 2 * maxConcurrent */
  readonly maxQueued?: number;
}

/** A call that waits for its place. */
export interface Waiting {
  /** Leaves the queue. `false` where the place had already been given, and must be released as usual. */
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
 * Keeps one slow upstream from taking everything: so many calls at once, so many waiting in order of arrival, the rest shed.
 *
 * ```ts
 * if (bulkhead.tryAcquire()) start();
 * else if ((waiting = bulkhead.enqueue(start)) === undefined) shed();
 * // after the call, however it ended:
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

  /** Calls turned away since the start. */
  get shed(): number {
    return this.#shed;
  }

  /** Takes a place if one is free and nobody waits. Whoever got one calls `release` once. */
  tryAcquire(): boolean {
    if (this.#active >= this.maxConcurrent || this.#first !== undefined) return false;
    this.#active++;
    return true;
  }

  /** Waits for a place: `onReady` is called holding it, never before this returns. `undefined` where the queue is full: shed the call. */
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

  /** Gives the place back; the first that waits gets it. */
  release(): void {
    this.#active--;
    // A call that ends within its own onReady releases from inside this loop: it must not nest as deep as the queue is long.
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
