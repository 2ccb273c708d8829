/**
 * Exponential back-off: the time doubles with each step, up to a bound.
 * @param step 0 for the first time
 * @returns milliseconds
 */
export const backOffMs = (step: number, initialMs: number, maxMs: number): number =>
  Math.min(maxMs, initialMs * 2 ** step);
