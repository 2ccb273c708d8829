import { ProblemError } from '@frontage/core';
import { secondsOf } from './rate-store.js';

/** The type of a problem for a request beyond its limits, which names them in `violated-policies` (draft-ietf-httpapi-ratelimit-headers-11, section 3.1). */
export const quotaExceeded = 'https://iana.org/assignments/http-problem-types#quota-exceeded';

/** Clients that were refused together do not come back together: up to a tenth is added to their time. */
const RETRY_SPREAD = 0.1;

/** The value of `Retry-After` for a wait. */
export const retryAfter = (waitMs: number, random: () => number): string =>
  `${secondsOf(waitMs * (1 + random() * RETRY_SPREAD))}`;

export interface ViolatedLimit {
  readonly plainName: string;
  /** The name as a String (RFC 9651). */
  readonly name: string;
  readonly waitMs: number;
}

/**
 * The refusal of a request beyond its limits. `Retry-After` is the longest wait of those that refuse, because a client that comes back
 * after a shorter one is refused again.
 * @param policy value of `RateLimit-Policy`
 * @param violated one or more
 */
export function limitRefusal(policy: string, violated: readonly ViolatedLimit[], random: () => number): ProblemError {
  const waitMs = Math.max(...violated.map((one) => one.waitMs));
  return new ProblemError('GW_RATE_LIMITED', {
    type: quotaExceeded,
    members: { 'violated-policies': violated.map(({ plainName }) => plainName) },
    headers: {
      'retry-after': retryAfter(waitMs, random),
      'ratelimit-policy': policy,
      ratelimit: violated.map((one) => `${one.name};r=0;t=${secondsOf(one.waitMs)}`).join(', '),
    },
  });
}
