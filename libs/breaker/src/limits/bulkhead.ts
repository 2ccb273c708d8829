import { requireCount, systemClock, type Clock } from '@frontage/core';
import { CallerUsage } from './caller-usage.js';
import type { Pressure } from './pressure.js';
import { isNeeded } from './priority.js';
import { WaitingCalls, type WaitingCall } from './waiting-calls.js';

export interface BulkheadOptions {
  /** Concurrent calls; at least 1. @default 64 */
  readonly maxConcurrent?: number;
  /** Calls that may wait for a permit; with 0 a surplus call is shed at once. @default twice the concurrent calls */
  readonly maxQueued?: number | undefined;
  /** Gets to know of waiting calls, together with the other bulkheads of the process. */
  readonly pressure?: Pressure | undefined;
}

/** A call that would wait for a permit. */
export interface QueuedCall {
  /** Higher ones get their permit first, and are shed last: {@link rankOf}. */
  readonly rank: number;
  /** Of those of one rank, the one whose caller got the fewest permits lately comes first. */
  readonly caller: string;
  /** It has its permit. Never called before `enqueue` returns. */
  onReady(): void;
  /** It gave up its place for another call that matters more. */
  onShed(): void;
}

/** A call that waits for its permit. */
export interface Waiting {
  /** Leaves the queue. `false` if the call waits no longer: a permit that it has must be released as usual. */
  cancel(): boolean;
}

class Place implements Waiting, WaitingCall {
  readonly call: QueuedCall;
  readonly #bulkhead: Bulkhead;
  before: WaitingCall | undefined = undefined;
  after: WaitingCall | undefined = undefined;
  waits = true;

  constructor(bulkhead: Bulkhead, call: QueuedCall) {
    this.#bulkhead = bulkhead;
    this.call = call;
  }

  get rank(): number {
    return this.call.rank;
  }

  get caller(): string {
    return this.call.caller;
  }

  cancel(): boolean {
    return this.#bulkhead.leave(this);
  }
}

/**
 * Bounds the concurrent calls to one upstream, so that a slow upstream does not use up everything. A bounded number of calls waits, those that
 * matter more in front, and the rest is shed, those that matter less first.
 *
 * ```ts
 * if (bulkhead.tryAcquire()) start();
 * else if ((waiting = bulkhead.enqueue({ rank, caller, onReady: start, onShed: shed })) === undefined) shed();
 * // after the call, also after a failed one:
 * bulkhead.release();
 * ```
 */
export class Bulkhead {
  readonly #clock: Clock;
  readonly #pressure: Pressure | undefined;
  readonly #maxQueued: number | undefined;
  readonly #waiting = new WaitingCalls<Place>();
  readonly #usage = new CallerUsage();
  #maxConcurrent: number;
  #active = 0;
  #needed = 0;
  #shed = 0;
  #admitting = false;
  /** One time for all callers that are compared with each other. */
  #comparedAt = 0;

  /** @throws RangeError for an option outside its range */
  constructor({ maxConcurrent = 64, maxQueued, pressure }: BulkheadOptions = {}, clock: Clock = systemClock) {
    requireCount('maxConcurrent', maxConcurrent);
    if (maxQueued !== undefined && maxQueued !== 0) requireCount('maxQueued', maxQueued);
    this.#maxConcurrent = maxConcurrent;
    this.#maxQueued = maxQueued;
    this.#pressure = pressure;
    this.#clock = clock;
    pressure?.register(this);
  }

  get maxConcurrent(): number {
    return this.#maxConcurrent;
  }

  get maxQueued(): number {
    return this.#maxQueued ?? 2 * this.#maxConcurrent;
  }

  get active(): number {
    return this.#active;
  }

  get queued(): number {
    return this.#waiting.size;
  }

  /** True if a call would get its permit now. */
  get hasFree(): boolean {
    return this.#active < this.#maxConcurrent && this.#waiting.size === 0;
  }

  /** Calls that were shed since the start. */
  get shed(): number {
    return this.#shed;
  }

  /** Waiting calls that their pages cannot do without, as a share of the queue. */
  get neededShare(): number {
    return this.maxQueued === 0 ? 0 : Math.min(1, this.#needed / this.maxQueued);
  }

  /** Takes a permit if one is free and no call waits. Call `release` once for each permit. */
  tryAcquire(): boolean {
    if (this.#active >= this.#maxConcurrent || this.#waiting.size !== 0) return false;
    this.#active++;
    return true;
  }

  /**
   * Waits for a permit. Where the queue is full, a call that matters less gives up its place.
   * @returns `undefined` where no waiting call matters less: shed this one
   */
  enqueue(call: QueuedCall): Waiting | undefined {
    if (this.#waiting.size >= this.maxQueued && !this.#makeRoomFor(call)) {
      this.#shed++;
      return undefined;
    }
    const place = new Place(this, call);
    this.#waiting.push(place);
    if (isNeeded(call.rank)) this.#needed++;
    this.#pressure?.began(call.rank);
    return place;
  }

  /** Gives the permit back; the waiting call that matters most gets it. */
  release(): void {
    this.#active--;
    this.#admit();
  }

  /** Changes how many calls there may be at once. Calls under way end as usual. */
  resize(maxConcurrent: number): void {
    requireCount('maxConcurrent', maxConcurrent);
    this.#maxConcurrent = maxConcurrent;
    this.#admit();
  }

  /** For {@link Waiting}. */
  leave(place: Place): boolean {
    if (!place.waits) return false;
    this.#remove(place);
    return true;
  }

  #makeRoomFor(call: QueuedCall): boolean {
    this.#comparedAt = this.#clock.now();
    const worst = this.#waiting.worst(this.#usageOf);
    if (worst === undefined || worst.rank > call.rank) return false;
    if (worst.rank === call.rank && this.#usageOf(worst.caller) <= this.#usageOf(call.caller)) return false;
    this.#remove(worst);
    this.#shed++;
    worst.call.onShed();
    return true;
  }

  #admit(): void {
    // A call that ends within its own onReady releases inside this loop, so a loop replaces a recursion as deep as the queue.
    if (this.#admitting) return;
    this.#admitting = true;
    try {
      while (this.#active < this.#maxConcurrent && this.#waiting.size > 0) {
        this.#comparedAt = this.#clock.now();
        const next = this.#waiting.next(this.#usageOf);
        if (next === undefined) break;
        this.#remove(next);
        this.#usage.add(next.caller, this.#comparedAt);
        this.#active++;
        next.call.onReady();
      }
    } finally {
      this.#admitting = false;
    }
  }

  #remove(place: Place): void {
    place.waits = false;
    this.#waiting.remove(place);
    if (isNeeded(place.rank)) this.#needed--;
    this.#pressure?.ended(place.rank);
  }

  readonly #usageOf = (caller: string): number => this.#usage.of(caller, this.#comparedAt);
}
