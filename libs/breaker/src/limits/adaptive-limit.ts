import { requireCount } from '@frontage/core';
import { LatencyCounts } from '../latency/latency-counts.js';
import { LoadTrend } from './load-trend.js';

export interface AdaptiveLimitOptions {
  /** The limit never goes below; at least 1. @default 2 */
  readonly min?: number | undefined;
  /** The limit never goes above; at least `min`. @default 1_000 */
  readonly max?: number | undefined;
  /** The first limit. @default 20, or the nearest value from `min` to `max` */
  readonly initial?: number | undefined;
}

/** A limit is judged after this many calls, and not more often than once a second (Failsafe-Go: 50 calls, 1 s). */
const MIN_SAMPLES = 50;
const MIN_WINDOW_MS = 1_000;
/** An upstream with little traffic is judged at the latest after this, however few calls have ended. */
const MAX_WINDOW_MS = 30_000;
/** The share of calls whose latency is judged: the slowest ones are no sign of load (Failsafe-Go). */
const QUANTILE = 0.9;
/** Latency up to this many times the usual one is no queue yet (Gradient2). */
const TOLERANCE = 1.5;
/** The share of a step that is taken at once (Gradient2). */
const SMOOTHING = 0.2;
/** Windows over which the usual latency is averaged (Gradient2), and of which the first ones count the same. */
const LONG_WINDOWS = 600;
const WARM_UP_WINDOWS = 10;
/** The usual latency follows at once if calls are this many times quicker (Gradient2). */
const MUCH_QUICKER = 2;
const DRIFT = 0.9;
/** The share by which latency becomes usual per window, where it does not come from the load. */
const UNEXPLAINED = 0.1;
/** With less than this share of the limit in use, latency does not come from it (Gradient2). */
const USED = 0.5;
/** With this share of the limit in use on average, the limit decides about the load. */
const BINDING = 0.9;
/** With less than this share of the limit in use, a larger limit would change nothing. */
const NEARLY_FULL = 0.8;
/** Share of calls that the upstream turned away or let time out, from which on the limit shrinks. */
const DROPPED_RATIO = 0.1;
const SHRINK_DROPPED = 0.9;
const SHRINK_SATURATED = 0.95;

/** The result of the last judgement. */
export type LimitStep = 'grow' | 'idle' | 'latency' | 'saturated' | 'dropped';

/**
 * A limit for the calls to an upstream at once, found from its latency. It grows while calls take as long as usual, and shrinks where they take longer
 * (Netflix Gradient2, on the 90th percentile), where more calls at once bring waiting instead of throughput (the correlation check of
 * Failsafe-Go), and where the upstream turns calls away. It does not change while less than half of it is used: then the application is the
 * limit. Latency that throughput follows is none of the load, and becomes usual. It is never lowered for the sake of a measurement.
 */
export class AdaptiveLimit {
  readonly #min: number;
  readonly #max: number;
  #estimate: number;
  #step: LimitStep = 'idle';
  readonly #latencies = new LatencyCounts();
  readonly #trend = new LoadTrend();
  #windowFrom: number | undefined;
  #ended = 0;
  #dropped = 0;
  #mostInFlight = 0;
  #sumInFlight = 0;
  #usualMs = 0;
  #windows = 0;

  /** @throws RangeError for an option outside its range */
  constructor({ min = 2, max = 1_000, initial }: AdaptiveLimitOptions = {}) {
    requireCount('min', min);
    requireCount('max', max);
    if (max < min) throw new RangeError(`max must be at least min (${min}), not ${max}`);
    this.#min = min;
    this.#max = max;
    this.#estimate = Math.min(max, Math.max(min, initial ?? 20));
  }

  /** Calls that may be under way, a whole number from `min` to `max`. */
  get limit(): number {
    return Math.floor(this.#estimate);
  }

  get step(): LimitStep {
    return this.#step;
  }

  /**
   * A call has ended.
   * @param now monotonic milliseconds
   * @param latencyMs from its permit to its end
   * @param inFlight calls under way, this one included
   * @param dropped the upstream turned it away or let it time out: its latency says nothing
   * @returns whether the limit was judged, and may have changed
   */
  record(now: number, latencyMs: number, inFlight: number, dropped: boolean): boolean {
    this.#windowFrom ??= now;
    this.#ended++;
    this.#sumInFlight += inFlight;
    if (inFlight > this.#mostInFlight) this.#mostInFlight = inFlight;
    if (dropped) this.#dropped++;
    else this.#latencies.add(latencyMs);
    const windowMs = now - this.#windowFrom;
    if (windowMs < MIN_WINDOW_MS || (this.#ended < MIN_SAMPLES && windowMs < MAX_WINDOW_MS)) return false;
    this.#judge(windowMs);
    this.#begin(now);
    return true;
  }

  #judge(windowMs: number): void {
    const recentMs = this.#latencies.quantile(QUANTILE);
    const inFlight = this.#sumInFlight / this.#ended;
    // Most of the time: only then it is the limit that decides how many calls there are, and not the application.
    const isBinding = inFlight >= this.limit * BINDING;
    if (recentMs !== undefined) {
      this.#remember(recentMs);
      if (isBinding) this.#trend.add(inFlight, this.#latencies.count / windowMs);
    }
    const limit = this.#estimate;
    const gradient = this.#gradient(recentMs);
    let next = limit;
    if (this.#dropped >= this.#ended * DROPPED_RATIO) {
      this.#step = 'dropped';
      next = limit * SHRINK_DROPPED;
    } else if (this.#mostInFlight < this.limit * (gradient < 1 ? USED : NEARLY_FULL)) {
      this.#step = 'idle';
    } else if (isBinding && this.#trend.isSaturated) {
      this.#step = 'saturated';
      next = limit * SHRINK_SATURATED;
    } else {
      this.#step = gradient < 1 ? 'latency' : 'grow';
      next = limit * (1 - SMOOTHING) + (limit * gradient + Math.sqrt(limit)) * SMOOTHING;
    }
    this.#estimate = Math.min(this.#max, Math.max(this.#min, next));
  }

  /** 1 while calls take as long as usual, down to 0.5. */
  #gradient(recentMs: number | undefined): number {
    if (recentMs === undefined || recentMs <= TOLERANCE * this.#usualMs) return 1;
    // The calls take longer, and not because of how many there are: fewer of them would not be quicker.
    if (this.#trend.isProportional) {
      this.#usualMs += (recentMs - this.#usualMs) * UNEXPLAINED;
      return 1;
    }
    return Math.max(0.5, (TOLERANCE * this.#usualMs) / recentMs);
  }

  /** The usual latency: an average over a long time, so that a load that lasts does not become usual soon. */
  #remember(recentMs: number): void {
    this.#windows++;
    const weight = this.#windows <= WARM_UP_WINDOWS ? 1 / this.#windows : 2 / (LONG_WINDOWS + 1);
    this.#usualMs += (recentMs - this.#usualMs) * weight;
    if (this.#usualMs > recentMs * MUCH_QUICKER) this.#usualMs *= DRIFT;
  }

  #begin(now: number): void {
    this.#latencies.clear();
    this.#windowFrom = now;
    this.#ended = this.#dropped = this.#mostInFlight = this.#sumInFlight = 0;
  }
}
