import type { Cancellation, Clock } from '@frontage/core';
import type { SharedLookup, SharedQuestion, SharedTier } from './shared-tier.js';

/** Longest time of a lock, in milliseconds: a process that has died holds the others up no longer. */
const longestLockMs = 5_000;
/** Pauses between two looks for a response that another process loads, in milliseconds. */
const [firstPauseMs, longestPauseMs] = [5, 50];

/**
 * Looks for a response in the shared tier. Where another process loads it, this one waits for it, for half of its own time at most; then it
 * loads by itself.
 * @param deadlineAt monotonic milliseconds
 */
export async function findShared(
  tier: SharedTier,
  question: SharedQuestion,
  deadlineAt: number,
  { clock, flight }: { readonly clock: Clock; readonly flight: Cancellation },
): Promise<SharedLookup> {
  const startedAt = clock.now();
  const patientUntil = startedAt + (deadlineAt - startedAt) / 2;
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
    const now = clock.now();
    const isPatient = now < patientUntil && !flight.cancelled;
    const lockMs = isPatient ? Math.min(deadlineAt - now, longestLockMs) : 0;
    const lookup = await tier.find(question, deadlineAt - now, lockMs);
    if (lookup.state !== 'loading') return lookup;
    await pause(Math.min(pauseMs, Math.max(0, patientUntil - clock.now())), clock, flight);
  }
}

function pause(ms: number, clock: Clock, flight: Cancellation): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clock.clearTimer(timer);
      flight.offCancel(end);
      resolve();
    };
    const timer = clock.setTimer(end, ms);
    flight.onCancel(end);
  });
}
