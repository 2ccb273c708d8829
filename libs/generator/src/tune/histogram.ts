import type { Samples } from './metrics-text.js';

/** Times that were measured, in ms, by the bounds of their buckets. */
export class Histogram {
  /** Upper bounds in ms, ascending, and the number of times up to each. */
  readonly #buckets: readonly (readonly [toMs: number, count: number])[];
  readonly count: number;
  /** Of all times, in ms. */
  readonly sumMs: number;

  private constructor(buckets: readonly (readonly [number, number])[], sumMs: number) {
    this.#buckets = buckets;
    this.count = buckets.at(-1)?.[1] ?? 0;
    this.sumMs = sumMs;
  }

  /** Adds up the series of a metric in seconds whose labels fit. */
  static read(samples: Samples, name: string, fits: (labels: Readonly<Record<string, string>>) => boolean): Histogram {
    const counts = new Map<number, number>();
    for (const { labels, value } of samples.get(`${name}_bucket`) ?? []) {
      const { le = '' } = labels;
      const toMs = le === '+Inf' ? Infinity : Number(le) * 1000;
      if (!Number.isNaN(toMs) && fits(labels)) counts.set(toMs, (counts.get(toMs) ?? 0) + value);
    }
    const sums = (samples.get(`${name}_sum`) ?? []).filter(({ labels }) => fits(labels));
    const buckets = [...counts].toSorted(([one], [other]) => one - other);
    return new Histogram(buckets, 1000 * sums.reduce((sum, { value }) => sum + value, 0));
  }

  /** The times that were measured after an earlier reading. */
  since(before: Histogram): Histogram {
    const earlier = new Map(before.#buckets);
    const buckets = this.#buckets.map(
      ([toMs, count]) => [toMs, Math.max(0, count - (earlier.get(toMs) ?? 0))] as const,
    );
    return new Histogram(buckets, Math.max(0, this.sumMs - before.sumMs));
  }

  get meanMs(): number {
    return this.count === 0 ? 0 : this.sumMs / this.count;
  }

  /**
   * The time within which this share of the calls ended, from 0 to 1: within a bucket all times are taken to be spread evenly.
   * @returns 0 without a measurement; Infinity beyond the last bound
   */
  quantileMs(share: number): number {
    const rank = share * this.count;
    let fromMs = 0;
    let before = 0;
    for (const [toMs, count] of this.#buckets) {
      if (count >= rank && count > before) {
        if (toMs === Infinity) return Infinity;
        return fromMs + ((toMs - fromMs) * (rank - before)) / (count - before);
      }
      fromMs = toMs;
      before = count;
    }
    return 0;
  }

  /** The share of the times that are at most so long, from 0 to 1. */
  shareWithin(ms: number): number {
    if (this.count === 0) return 1;
    let fromMs = 0;
    let before = 0;
    for (const [toMs, count] of this.#buckets) {
      if (ms < toMs) {
        const part = toMs === Infinity ? 0 : (ms - fromMs) / (toMs - fromMs);
        return (before + (count - before) * part) / this.count;
      }
      fromMs = toMs;
      before = count;
    }
    return 1;
  }
}
