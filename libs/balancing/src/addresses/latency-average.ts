/** The time in which a measurement loses most of its weight, in milliseconds (Finagle's `decayTime`). */
const decayMs = 10_000;
/** No measurement counts for more, in milliseconds. */
const longestMs = 60_000;
/** The least that a failure counts for, in milliseconds: the usual timeout. */
const failureMs = 1_000;

/**
 * The average latency of one address. Measurements lose weight with time, not with their number, so that it means the same under little and much
 * traffic. An address without calls becomes cheaper with time, and so is tried again.
 */
export class LatencyAverage {
  #ms: number | undefined = undefined;
  #at = 0;

  /** @returns milliseconds; `undefined` before the first measurement */
  at(now: number): number | undefined {
    return this.#ms === undefined ? undefined : this.#ms * Math.exp((this.#at - now) / decayMs);
  }

  /** @param ms of a call that succeeded */
  record(ms: number, now: number): void {
    const bounded = Math.min(ms, longestMs);
    const weight = this.#ms === undefined ? 0 : Math.exp((this.#at - now) / decayMs);
    this.#ms = (this.#ms ?? 0) * weight + bounded * (1 - weight);
    this.#at = now;
  }

  /** A call failed: it counts as one of a second at least, so that an address that fails quickly does not draw calls. */
  recordFailure(ms: number, now: number): void {
    this.record(Math.max(ms, failureMs), now);
  }
}
