import type { Clock } from '@frontage/core';

interface ManualTimer {
  readonly at: number;
  readonly order: number;
  readonly callback: () => void;
}

/** A clock that moves only when a test turns it: monotonic and wall time together. */
export class ManualClock implements Clock {
  readonly #timers = new Set<ManualTimer>();
  #now = 0;
  #wallAtStart: number;
  #made = 0;

  /** @param wallTime milliseconds since 1970 at which it begins. @default 2030-01-01T00:00:00Z */
  constructor(wallTime: number = Date.UTC(2030, 0, 1)) {
    this.#wallAtStart = wallTime;
  }

  now(): number {
    return this.#now;
  }

  wallTime(): number {
    return this.#wallAtStart + this.#now;
  }

  setTimer(callback: () => void, delayMs: number): ManualTimer {
    const timer = { at: this.#now + Math.max(0, delayMs), order: this.#made++, callback };
    this.#timers.add(timer);
    return timer;
  }

  clearTimer(timer: unknown): void {
    this.#timers.delete(timer as ManualTimer);
  }

  /** Milliseconds until the next timer is due; undefined when none waits. */
  get nextInMs(): number | undefined {
    const next = this.#next();
    return next === undefined ? undefined : next.at - this.#now;
  }

  /** Number of waiting timers: 0 after all work has ended. */
  get timerCount(): number {
    return this.#timers.size;
  }

  /** Moves on by `ms`. Each timer that is due fires at its own time, and the promises that it settles are handled before the next one. */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms;
    await settled();
    for (let next = this.#next(); next !== undefined && next.at <= until; next = this.#next()) {
      this.#now = Math.max(this.#now, next.at);
      this.#timers.delete(next);
      next.callback();
      await settled();
    }
    this.#now = until;
  }

  /** Moves on by `ms` at once, for code that sets no timers: none fires. */
  skip(ms: number): void {
    this.#now += ms;
  }

  /** Turns from timer to timer until `work` has ended. @returns the result of `work` */
  async until<T>(work: Promise<T>): Promise<T> {
    const state = { ended: false };
    const end = (): void => {
      state.ended = true;
    };
    work.then(end, end);
    await settled();
    for (let next = this.nextInMs; !state.ended && next !== undefined; next = this.nextInMs) await this.advance(next);
    return work;
  }

  /** Moves the wall clock alone, as an operator or NTP does. */
  jumpWallTime(ms: number): void {
    this.#wallAtStart += ms;
  }

  #next(): ManualTimer | undefined {
    let next: ManualTimer | undefined;
    for (const timer of this.#timers)
      if (next === undefined || timer.at < next.at || (timer.at === next.at && timer.order < next.order)) next = timer;
    return next;
  }
}

/** Waits until every promise that can settle now has settled: immediates run after all microtasks. */
const settled = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
