import { Family } from './family.js';
import type { Exemplar, HistogramData } from './metric-data.js';

interface Cell {
  readonly counts: Float64Array;
  sum: number;
  exemplars: (Exemplar | undefined)[] | undefined;
}

/** Observations so far, by their labels: how many of them are in each bucket, and their sum. */
export class Histogram extends Family<Cell> {
  readonly #bounds: readonly number[];

  /** @param bounds upper bounds of the buckets, in any order, each once or more often */
  constructor(
    name: string,
    help: string,
    labels: ConstructorParameters<typeof Family>[2],
    maxSeries: number,
    bounds: readonly number[],
  ) {
    super(name, help, labels, maxSeries);
    this.#bounds = [...new Set(bounds)].toSorted((one, other) => one - other);
  }

  observe(value: number, a: string, b = '', c = '', d = '', e = '', f = ''): void {
    const cell = this.cellOf(a, b, c, d, e, f);
    const bucket = this.#bucketOf(value);
    cell.counts[bucket] = (cell.counts[bucket] ?? 0) + 1;
    cell.sum += value;
  }

  /** Names a trace for the bucket of an observation that has been made; the last one of a bucket stays. */
  exemplify(exemplar: Exemplar, a: string, b = '', c = '', d = '', e = '', f = ''): void {
    const cell = this.cellOf(a, b, c, d, e, f);
    (cell.exemplars ??= Array.from(cell.counts, () => undefined))[this.#bucketOf(exemplar.value)] = exemplar;
  }

  data(): HistogramData {
    return {
      name: this.name,
      type: 'histogram',
      help: this.help,
      bounds: this.#bounds,
      points: this.series.map(({ labels, cell }) => ({ labels, ...cell })),
    };
  }

  protected override newCell(): Cell {
    return { counts: new Float64Array(this.#bounds.length + 1), sum: 0, exemplars: undefined };
  }

  #bucketOf(value: number): number {
    let bucket = 0;
    const bounds = this.#bounds;
    while (bucket < bounds.length && value > (bounds[bucket] ?? 0)) bucket++;
    return bucket;
  }
}
