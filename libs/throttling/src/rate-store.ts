import type { ThrottlerStorage } from '@nestjs/throttler';
import type { WindowHit } from './sliding-window.js';

/** What `ThrottlerStorage` answers with; @nestjs/throttler does not export the name. */
export type ThrottlerRecord = Awaited<ReturnType<ThrottlerStorage['increment']>>;

/**
 * Hits that one process admitted since it last told of any: whose (the app's name is in it), in a window of how many milliseconds, and how many. A key belongs to one
 * window for ever.
 */
export type AdmittedHits = readonly (readonly [key: string, windowMs: number, hits: number])[];

/** The other processes that serve the same app under the same limits. */
export interface RatePeers {
  tell(hits: AdmittedHits): void;
  /** Has what the others tell handed over; called once. */
  listen(hear: (hits: AdmittedHits) => void): void;
}

/**
 * Where hits are counted: the seam of rate limits. Also a `ThrottlerStorage`, so that `@Throttle()` on a hand-written controller counts in
 * the same place. All implementations pass one contract suite.
 */
export interface RateStore extends ThrottlerStorage {
  /**
   * Counts one hit in a sliding window unless it goes beyond `limit`. A store in memory answers at once, without a promise.
   * @throws ProblemError (or rejects) `GW_OVERLOADED` when the store is down and declared to fail closed
   */
  hit(key: string, windowMs: number, limit: number, blockMs: number): WindowHit | Promise<WindowHit>;
  /** Counts together with other processes. Absent where the store is outside of all of them. */
  share?(peers: RatePeers): void;
}

/**
 * What a key of a limit begins with: the limits of rate classes, `addressLimit` of policy, and @nestjs/throttler. Fields before the last
 * are written as JSON, so that no name reaches into the next field.
 */
export const limitKey = (purpose: 'class' | 'address-limit' | 'throttler', ...fields: (string | number)[]): string =>
  `${purpose}\n${fields.map((field) => `${JSON.stringify(field)}\n`).join('')}`;

/** The key of a hit that comes through @nestjs/throttler: names and windows are kept apart. */
export const throttlerKey = (name: string, windowMs: number, key: string): string =>
  limitKey('throttler', name, windowMs) + key;

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
