import type { Directives } from './directives.js';
import type { Terms } from './terms.js';

/** A stored response in time. */
export interface Dated {
  readonly terms: Terms;
  /** The moment at which its age was 0, in monotonic milliseconds. */
  readonly bornAt: number;
}

/**
 * `fresh`: it is given. `stale`: it is given, and loaded anew in the background. `validate`: its upstream is asked first.
 */
export type Verdict = 'fresh' | 'stale' | 'validate';

/**
 * Judges whether a stored response may be given (RFC 9111 sections 4.2 and 5.2.1).
 * @param now monotonic milliseconds
 * @param asked `Cache-Control` of the request as it is sent; absent without one
 */
export function judge({ terms, bornAt }: Dated, now: number, asked: Directives | undefined): Verdict {
  const leftMs = bornAt + terms.lifetimeMs - now;
  if (asked !== undefined && isRefused(asked, terms, now - bornAt, leftMs)) return 'validate';
  if (leftMs > 0) return 'fresh';
  if (leftMs > -terms.staleWhileRevalidateMs) return 'stale';
  return asked !== undefined && !terms.isStrict && -leftMs <= acceptedMs(asked) ? 'fresh' : 'validate';
}

/** True if a stale response may take the place of one that its upstream failed to give (RFC 5861 section 4). */
export const mayStandIn = ({ terms, bornAt }: Dated, now: number): boolean =>
  now < bornAt + terms.lifetimeMs + terms.staleIfErrorMs;

/** True if a request wants another response, whatever the terms of the stored one. */
function isRefused(asked: Directives, terms: Terms, ageMs: number, leftMs: number): boolean {
  if (asked.isBroken || asked.restricts('no-cache') || asked.restricts('no-store')) return true;
  const maxAge = asked.seconds('max-age');
  const isReload = maxAge === 'invalid' || (maxAge !== undefined && ageMs > maxAge * 1_000);
  if (isReload && !(terms.isImmutable && leftMs > 0)) return true;
  const minFresh = asked.seconds('min-fresh');
  return minFresh === 'invalid' || (minFresh !== undefined && leftMs < minFresh * 1_000);
}

/** The staleness that a request accepts, in milliseconds; `max-stale` without an argument accepts any. */
function acceptedMs(asked: Directives): number {
  if (asked.permits('max-stale')) return Number.POSITIVE_INFINITY;
  const seconds = asked.seconds('max-stale');
  return typeof seconds === 'number' ? seconds * 1_000 : -1;
}
