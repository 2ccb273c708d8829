import type { ThrottlerStorage } from '@nestjs/throttler';
import type { WindowHit } from './sliding-window.js';

/** What `ThrottlerStorage` answers with; @nestjs/throttler does not export the name. */
export type ThrottlerRecord = Awaited<ReturnType<ThrottlerStorage['increment']>>;

/**
 * Where hits are counted: the seam of rate limits. Also a `ThrottlerStorage`, so that `@Throttle()` on a hand-written controller counts in
 * the same place. All implementations pass one contract suite.
 */
export interface RateStore extends ThrottlerStorage {
  /**
   * Counts one hit in a sliding window unless it goes beyond `limit`. A store in memory answers at once, without a promise.
   * @throws ProblemError (rejects) `GW_OVERLOADED` when the store is down and declared to fail closed
   */
  hit(key: string, windowMs: number, limit: number, blockMs: number): WindowHit | Promise<WindowHit>;
}

/** The key of a hit that comes through @nestjs/throttler: names and windows are kept apart. */
export const throttlerKey = (name: string, windowMs: number, key: string): string =>
  `throttler\n${name}\n${windowMs}\n${key}`;

/** Speaks @nestjs/throttler's language: whole seconds, and a count beyond the limit where the hit was refused. */
export function throttlerRecord(
  { hits, admitted, nextFreeMs, retryAfterMs }: WindowHit,
  limit: number,
): ThrottlerRecord {
  return {
    totalHits: admitted ? hits : Math.max(hits, limit) + 1,
    timeToExpire: Math.ceil(nextFreeMs / 1000),
    isBlocked: !admitted,
    timeToBlockExpire: Math.ceil(retryAfterMs / 1000),
  };
}
