import type { Clock, Timer } from '@frontage/core';

/** Something that ends at a time unless it is removed before. The links belong to the watch that holds it. */
export interface Watched {
  /** Monotonic milliseconds. */
  readonly deadlineAt: number;
  expire(): void;
  before: Watched | undefined;
  after: Watched | undefined;
}

/**
 * Ends what outlives its deadline, all with one timer: under load, setting and clearing a timer per call costs more than the rest of the
 * stack. The timer runs towards the earliest deadline that was seen, and none runs while nothing is watched.
 */
export class DeadlineWatch {
  readonly #clock: Clock;
  #first: Watched | undefined;
  #timer: Timer;
  #firesAt = Number.POSITIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @param now monotonic milliseconds */
  add(watched: Watched, now: number): void {
    watched.before = undefined;
    watched.after = this.#first;
    if (this.#first !== undefined) this.#first.before = watched;
    this.#first = watched;
    if (watched.deadlineAt < this.#firesAt) this.#fireAt(watched.deadlineAt, now);
  }

  /** Once for everything added, whether it expired or not. */
  remove(watched: Watched): void {
    const { before, after } = watched;
    if (after !== undefined) after.before = before;
    if (before !== undefined) before.after = after;
    else this.#first = after;
    watched.before = watched.after = undefined;
    if (this.#first === undefined) this.#stop();
  }

  #fireAt(deadlineAt: number, now: number): void {
    this.#stop();
    this.#firesAt = deadlineAt;
    this.#timer = this.#clock.setTimer(() => this.#fire(), Math.max(1, Math.ceil(deadlineAt - now)));
  }

  #stop(): void {
    if (this.#firesAt !== Number.POSITIVE_INFINITY) this.#clock.clearTimer(this.#timer);
    this.#firesAt = Number.POSITIVE_INFINITY;
  }

  #fire(): void {
    const now = this.#clock.now();
    this.#firesAt = Number.POSITIVE_INFINITY;
    const expired: Watched[] = [];
    let earliest = Number.POSITIVE_INFINITY;
    for (let watched = this.#first; watched !== undefined; watched = watched.after) {
      if (watched.deadlineAt <= now) expired.push(watched);
      else if (watched.deadlineAt < earliest) earliest = watched.deadlineAt;
    }
    if (earliest !== Number.POSITIVE_INFINITY) this.#fireAt(earliest, now);
    for (const watched of expired) watched.expire();
  }
}
