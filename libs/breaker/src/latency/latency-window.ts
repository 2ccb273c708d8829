/** Buckets per doubling of the latency: a quantile is too high by one sixteenth at most. */
const PER_DOUBLING = 16;
/** Latencies are counted in eighths of a millisecond, up to 2^23 of them: 17 minutes. */
const UNITS_PER_MS = 8;
const MAX_UNITS = 2 ** 23 - 1;
const BUCKETS = 20 * PER_DOUBLING;

/**
 * Latencies of the last one to two halves of a window, as counts in buckets of a fixed relative width. Recording takes constant time and
 * no memory; what is older than the window never counts, also after a long pause.
 */
export class LatencyWindow {
  readonly #halfMs: number;
  #recent = new Uint32Array(BUCKETS);
  #earlier = new Uint32Array(BUCKETS);
  #recentCount = 0;
  #earlierCount = 0;
  /** Number of the current half, counted from the start of the clock. */
  #half = 0;

  /** @param windowMs the longest age of a latency that counts, in milliseconds; at least 2. @default 60_000 */
  constructor(windowMs = 60_000) {
    this.#halfMs = windowMs / 2;
  }

  /**
   * @param now monotonic milliseconds
   * @param latencyMs 0 or more
   */
  record(now: number, latencyMs: number): void {
    this.#moveTo(now);
    const bucket = bucketOf(latencyMs);
    this.#recent[bucket] = (this.#recent[bucket] ?? 0) + 1;
    this.#recentCount++;
  }

  /** Latencies that count now. */
  count(now: number): number {
    this.#moveTo(now);
    return this.#recentCount + this.#earlierCount;
  }

  /**
   * @param share 0.95 for the latency that 95 % of the calls do not exceed; above 0, at most 1
   * @returns milliseconds, 0 to 6.25 % above the exact value; `undefined` without a latency
   */
  quantile(now: number, share: number): number | undefined {
    const count = this.count(now);
    if (count === 0) return undefined;
    let left = Math.ceil(count * share);
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      left -= (this.#recent[bucket] ?? 0) + (this.#earlier[bucket] ?? 0);
      if (left <= 0) return upperEndOf(bucket);
    }
    return upperEndOf(BUCKETS - 1);
  }

  #moveTo(now: number): void {
    const half = Math.floor(now / this.#halfMs);
    if (half === this.#half) return;
    const isNext = half === this.#half + 1;
    [this.#recent, this.#earlier] = [this.#earlier, this.#recent];
    this.#earlierCount = isNext ? this.#recentCount : 0;
    if (!isNext) this.#earlier.fill(0);
    this.#recent.fill(0);
    this.#recentCount = 0;
    this.#half = half;
  }
}

function bucketOf(latencyMs: number): number {
  const units = Math.min(MAX_UNITS, Math.max(0, Math.floor(latencyMs * UNITS_PER_MS)));
  if (units < PER_DOUBLING) return units;
  const exponent = 31 - Math.clz32(units);
  return (exponent - 3) * PER_DOUBLING + ((units >> (exponent - 4)) & (PER_DOUBLING - 1));
}

function upperEndOf(bucket: number): number {
  if (bucket < PER_DOUBLING) return (bucket + 1) / UNITS_PER_MS;
  const shift = Math.floor(bucket / PER_DOUBLING) - 1;
  return ((PER_DOUBLING + (bucket % PER_DOUBLING) + 1) * 2 ** shift) / UNITS_PER_MS;
}
