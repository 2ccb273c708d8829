/** Buckets per doubling of the latency: a quantile is too high by one sixteenth at most. */
const PER_DOUBLING = 16;
/** Latencies are counted in eighths of a millisecond, up to 2^23 of them: 17 minutes. */
const UNITS_PER_MS = 8;
const MAX_UNITS = 2 ** 23 - 1;
const BUCKETS = 20 * PER_DOUBLING;

/** Latencies as counts in buckets of a fixed relative width. Adding one takes constant time and no memory. */
export class LatencyCounts {
  readonly #buckets = new Uint32Array(BUCKETS);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** @param latencyMs 0 or more */
  add(latencyMs: number): void {
    const bucket = bucketOf(latencyMs);
    this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + 1;
    this.#count++;
  }

  clear(): void {
    this.#buckets.fill(0);
    this.#count = 0;
  }

  /**
   * @param share 0.95 for the latency that 95 % of the calls do not exceed; above 0, at most 1
   * @param besides counts that are added up with these
   * @returns milliseconds, 0 to 6.25 % above the exact value; `undefined` without a latency
   */
  quantile(share: number, besides?: LatencyCounts): number | undefined {
    const count = this.#count + (besides?.count ?? 0);
    if (count === 0) return undefined;
    let left = Math.ceil(count * share);
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      left -= (this.#buckets[bucket] ?? 0) + (besides === undefined ? 0 : (besides.#buckets[bucket] ?? 0));
      if (left <= 0) return upperEndOf(bucket);
    }
    return upperEndOf(BUCKETS - 1);
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
