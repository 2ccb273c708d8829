import { requireAtLeast, requireCount, requireRatio } from '@frontage/core';
import { LatencyWindow } from './latency/latency-window.js';

export interface HedgeDelayOptions {
  /** A fixed delay in milliseconds, at least 1. Absent: the rolling quantile. */
  readonly afterMs?: number | undefined;
  /** The share of calls that are not hedged, as their latency of the last minute shows it; above 0, at most 1. @default 0.95 */
  readonly quantile?: number | undefined;
  /** With fewer latencies in the last minute there is no quantile, and nothing is hedged; at least 1. @default 50 */
  readonly minimumCalls?: number | undefined;
}

/** After this many latencies the quantile is read again: it costs a walk over all buckets. */
const READ_EVERY = 32;
/** The same for an operation that is called seldom, in milliseconds. */
const READ_EVERY_MS = 1_000;

/**
 * The time after which a second attempt of an operation is worth its load: most calls have ended by then (Dean and Barroso, The Tail at
 * Scale, 2013: the 95th percentile adds about 5 % of load).
 */
export class HedgeDelay {
  readonly #afterMs: number | undefined;
  readonly #quantile: number;
  readonly #minimumCalls: number;
  readonly #window = new LatencyWindow();
  #known: number | undefined;
  #unread = 0;
  #readAt = Number.NEGATIVE_INFINITY;

  /** @throws RangeError for an option outside its range */
  constructor({ afterMs, quantile = 0.95, minimumCalls = 50 }: HedgeDelayOptions = {}) {
    if (afterMs !== undefined) requireAtLeast('afterMs', afterMs, 1);
    requireRatio('quantile', quantile);
    requireCount('minimumCalls', minimumCalls);
    this.#afterMs = afterMs;
    this.#quantile = quantile;
    this.#minimumCalls = minimumCalls;
  }

  /** Milliseconds from the start of a call to its hedge; `undefined` while too little is known. */
  delayMs(now: number): number | undefined {
    if (this.#afterMs !== undefined) return this.#afterMs;
    if (this.#unread >= READ_EVERY || now - this.#readAt >= READ_EVERY_MS) {
      this.#unread = 0;
      this.#readAt = now;
      const isKnown = this.#window.count(now) >= this.#minimumCalls;
      this.#known = isKnown ? this.#window.quantile(now, this.#quantile) : undefined;
    }
    return this.#known;
  }

  /** The latency of a call that succeeded, from its start to the first good response of its attempts. */
  record(now: number, latencyMs: number): void {
    if (this.#afterMs !== undefined) return;
    this.#window.record(now, latencyMs);
    this.#unread++;
  }
}
