/** A handle of a running timer; opaque to everyone but its clock. */
export type Timer = unknown;

/**
 * Time as a dependency: mechanisms take a clock, so that tests turn it by hand.
 * `now()` is monotonic (a jump of the wall clock never moves it); use `wallTime()` only for dates that people or protocols read.
 */
export interface Clock {
  /** Monotonic milliseconds with fractions, from an arbitrary start. */
  now(): number;
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  wallTime(): number;
  /** Runs `callback` once after `delayMs` (0 or more). */
  setTimer(callback: () => void, delayMs: number): Timer;
  clearTimer(timer: Timer): void;
}

/** The clock of the machine. */
export const systemClock: Clock = {
  now: () => performance.now(),
  wallTime: () => Date.now(),
  setTimer: (callback, delayMs) => setTimeout(callback, delayMs),
  clearTimer: (timer) => clearTimeout(timer as NodeJS.Timeout),
};
