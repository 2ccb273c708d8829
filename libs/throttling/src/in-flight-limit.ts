import { ProblemError } from '@frontage/core';
import type { RequestContext } from '@frontage/context';
import { callerKey } from './addresses/caller-key.js';
import { addressKey, type AddressKey } from './addresses/client-address.js';
import { quotaExceeded } from './counts/refusal.js';

const NAME = 'in-flight';
/** A request of the caller ends soon: the time until then is not known. */
const RETRY_AFTER_MS = 1_000;

/**
 * Bounds the requests of one caller that are under way at the same time; without a caller, those of one address. It counts in this process:
 * a request that is under way ends with its process, so no store has to be told.
 */
export class InFlightLimit {
  readonly #limit: number;
  readonly #keyOf: (context: RequestContext) => string;
  readonly #counts = new Map<string, number>();
  /** Value of `RateLimit-Policy`: a quota of concurrent requests (draft-ietf-httpapi-ratelimit-headers-11, section 2.1). */
  readonly policy: string;

  /** @param limit 1 or more */
  constructor(limit: number, keyOfAddress: AddressKey = addressKey) {
    this.#limit = limit;
    this.#keyOf = callerKey(keyOfAddress);
    this.policy = `"${NAME}";q=${limit};qu="concurrent-requests"`;
  }

  /** Callers with a request under way. */
  get size(): number {
    return this.#counts.size;
  }

  /**
   * Takes a place. Give it back by {@link leave} with the key that this returns, once.
   * @throws ProblemError `GW_RATE_LIMITED` if the caller has as many requests under way as it may
   */
  enter(context: RequestContext): string {
    const key = this.#keyOf(context);
    const count = this.#counts.get(key) ?? 0;
    if (count >= this.#limit)
      throw new ProblemError('GW_RATE_LIMITED', {
        type: quotaExceeded,
        members: { 'violated-policies': [NAME] },
        retryAfterMs: RETRY_AFTER_MS,
      });
    this.#counts.set(key, count + 1);
    return key;
  }

  leave(key: string): void {
    const left = (this.#counts.get(key) ?? 1) - 1;
    if (left > 0) this.#counts.set(key, left);
    else this.#counts.delete(key);
  }
}
