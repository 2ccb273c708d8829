import { LatencyCounts } from './latency-counts.js';

/**
 * Latencies of the last one to two halves of a window. Recording takes constant time and no memory; what is older than the window never counts,
 * also after a long pause.
 */
export class LatencyWindow {
  readonly #halfMs: number;
  #recent = new LatencyCounts();
  #earlier = new LatencyCounts();
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
    this.#recent.add(latencyMs);
  }

  /** Latencies that count now. */
  count(now: number): number {
    this.#moveTo(now);
    return this.#recent.count + this.#earlier.count;
  }

  /**
   * @param share 0.95 for the latency that 95 % of the calls do not exceed; above 0, at most 1
   * @returns milliseconds, 0 to 6.25 % above the exact value; `undefined` without a latency
   */
  quantile(now: number, share: number): number | undefined {
    this.#moveTo(now);
    return this.#recent.quantile(share, this.#earlier);
  }

  #moveTo(now: number): void {
    const half = Math.floor(now / this.#halfMs);
    if (half === this.#half) return;
    const isNext = half === this.#half + 1;
    [this.#recent, this.#earlier] = [this.#earlier, this.#recent];
    if (!isNext) this.#earlier.clear();
    this.#recent.clear();
    this.#half = half;
  }
}
