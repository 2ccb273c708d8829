import type { Clock, Timer } from '@frontage/core';

/**
 * Resolves when `work` has resolved or rejected, or when the time is over; never rejects.
 * @param ms milliseconds above 0; `Infinity` for no bound
 */
export function settledWithin(work: Promise<unknown>, ms: number, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    let timer: Timer;
    const end = (): void => {
      if (timer !== undefined) clock.clearTimer(timer);
      resolve();
    };
    if (ms !== Number.POSITIVE_INFINITY) timer = clock.setTimer(resolve, ms);
    work.then(end, end);
  });
}
