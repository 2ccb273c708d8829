import { systemClock, type Clock, type Timer } from '@frontage/core';

/**
 * The machine's clock, on which time passes more slowly. Whole processes that share a busy machine cannot be measured in
 * milliseconds: on this clock a timeout still ends a call that hangs, and not one that is merely late.
 */
export class SlowClock implements Clock {
  readonly #factor: number;

  /** @param factor by which time passes more slowly, above 0 */
  constructor(factor: number) {
    this.#factor = factor;
  }

  now(): number {
    return systemClock.now() / this.#factor;
  }

  /** The real time, because tokens and certificates are dated by it. */
  wallTime(): number {
    return systemClock.wallTime();
  }

  setTimer(callback: () => void, delayMs: number): Timer {
    return systemClock.setTimer(callback, delayMs * this.#factor);
  }

  clearTimer(timer: Timer): void {
    systemClock.clearTimer(timer);
  }
}
