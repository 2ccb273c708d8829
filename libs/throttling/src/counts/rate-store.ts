import type { ThrottlerStorage } from '@nestjs/throttler';
import type { WindowHit } from './sliding-window.js';

/** The record that `ThrottlerStorage` returns; @nestjs/throttler does not export its name. */
export type ThrottlerRecord = Awaited<ReturnType<ThrottlerStorage['increment']>>;

/** The amount that is admitted, and the way of counting. */
export interface CountedLimit {
  /** Hits per window, 0 (none at all) or more. */
  readonly limit: number;
  /** Milliseconds, 1,000 or more. */
  readonly windowMs: number;
  /** Hits at once, 1 to `limit`; the rest come at the steady rate of `limit` per window. @default a sliding window, and all of `limit` at once */
  readonly burst?: number | undefined;
  /** The number of hits that this one counts as, 1 or more; 0 only looks: it is admitted and changes nothing. */
  readonly weight: number;
}

/**
 * Hits that one process admitted since its last report: the key (with the name of the app), the window in milliseconds, and the number of
 * hits. A key always has the same window; for a limit with a burst it is the time between two hits of the steady rate.
 */
export type AdmittedHits = readonly (readonly [key: string, windowMs: number, hits: number, burst?: 'burst'])[];

/** The other processes that serve the same app under the same limits. */
export interface RatePeers {
  tell(hits: AdmittedHits): void;
  /** Sets the function that gets the hits of the other processes; called once. */
  listen(hear: (hits: AdmittedHits) => void): void;
}

/**
 * Counts the hits of rate limits. It is a `ThrottlerStorage` too, so that `@Throttle()` on a hand-written controller counts in the same place.
 * All implementations pass one contract suite.
 */
export interface RateStore extends ThrottlerStorage {
  /**
   * Counts one hit in a sliding window unless it goes beyond `limit`. A store in memory gives no promise.
   * @throws ProblemError (or rejects) `GW_OVERLOADED` when the store is down and declared to fail closed
   */
  hit(key: string, windowMs: number, limit: number, blockMs: number): WindowHit | Promise<WindowHit>;
  /**
   * Counts one hit under each limit, or under none of them if one refuses it: a refused request takes nothing from anybody. It is one step,
   * also in Redis. The outcomes stand in the order of the limits. A store in memory gives no promise.
   * @throws ProblemError as `hit`
   */
  hitAll(
    limits: readonly CountedLimit[],
    keys: readonly string[],
  ): readonly WindowHit[] | Promise<readonly WindowHit[]>;
  /** Counts together with other processes. Absent for a store outside of all processes. */
  share?(peers: RatePeers): void;
}

/**
 * The prefix of the keys of a limit: of a rate class, of `addressLimit`, or of @nestjs/throttler. Fields before the last are JSON, so that
 * no name can reach into the next field.
 */
export const limitKey = (purpose: 'class' | 'address-limit' | 'throttler', ...fields: (string | number)[]): string =>
  `${purpose}\n${fields.map((field) => `${JSON.stringify(field)}\n`).join('')}`;

/** The key of a hit of @nestjs/throttler, with the name and the window of its limit. */
export const throttlerKey = (name: string, windowMs: number, key: string): string =>
  limitKey('throttler', name, windowMs) + key;

/** Whole seconds of a time, 1 or more. */
export const secondsOf = (ms: number): number => Math.max(1, Math.ceil(ms / 1000));

/** The time between two hits of a steady rate, in milliseconds. */
export const everyMsOf = (limit: number, windowMs: number): number => windowMs / limit;

/** Gives a record of @nestjs/throttler: whole seconds, and a count beyond the limit for a refused hit. */
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
