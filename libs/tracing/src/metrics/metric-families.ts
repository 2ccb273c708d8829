import { channels, redact, type Warning } from '@frontage/core';

type Labels = readonly [string, string, string];

interface Series<Cell> {
  readonly a: string;
  readonly b: string;
  readonly c: string;
  /** `a="1",b="2"`: rendered once, when the series is new. */
  readonly labels: string;
  readonly cell: Cell;
}

/**
 * One metric with up to three labels. Its series are bounded: beyond `maxSeries`, new label values count under `other`, so that no
 * input can make a scrape grow without end (RELIABILITY R5).
 */
abstract class Family<Cell> {
  readonly #name: string;
  readonly #head: string;
  readonly #labelNames: readonly string[];
  readonly #maxSeries: number;
  /**
   * By the label that tells most of them apart, the second one or the only one: an operation or a route. These texts are made once and come again, so that they are
   * found by their identity; a key joined of all labels would be a new text, and be read whole, for each event.
   */
  readonly #series = new Map<string, Series<Cell>[]>();
  #size = 0;
  #overflow: Pick<Series<Cell>, 'labels' | 'cell'> | undefined;

  constructor(name: string, type: string, help: string, labelNames: readonly string[], maxSeries: number) {
    this.#name = name;
    this.#head = `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
    this.#labelNames = labelNames;
    this.#maxSeries = maxSeries;
  }

  render(): string {
    let text = this.#head;
    for (const { labels, cell } of [...this.#series.values()].flat()) text += this.renderCell(this.#name, labels, cell);
    if (this.#overflow !== undefined) text += this.renderCell(this.#name, this.#overflow.labels, this.#overflow.cell);
    return text;
  }

  protected abstract newCell(): Cell;
  protected abstract renderCell(name: string, labels: string, cell: Cell): string;

  protected cellOf(a: string, b: string, c: string): Cell {
    const alike = this.#series.get(b === '' ? a : b);
    if (alike !== undefined) {
      for (let i = 0; i < alike.length; i++) {
        const series = alike[i];
        if (series?.c === c && series.b === b && series.a === a) return series.cell;
      }
    }
    return this.#addSeries(a, b, c);
  }

  #addSeries(a: string, b: string, c: string): Cell {
    if (this.#size < this.#maxSeries) {
      this.#size++;
      const series = { a, b, c, labels: this.#renderLabels([a, b, c]), cell: this.newCell() };
      const key = b === '' ? a : b;
      const alike = this.#series.get(key);
      if (alike === undefined) this.#series.set(key, [series]);
      else alike.push(series);
      return series.cell;
    }
    if (this.#overflow === undefined) {
      this.#overflow = { labels: this.#renderLabels(['other', 'other', 'other']), cell: this.newCell() };
      if (channels.warning.hasSubscribers) {
        const message = `the metric ${this.#name} has ${this.#maxSeries} series: further ones are counted under "other"`;
        channels.warning.publish({ from: 'tracing', message } satisfies Warning);
      }
    }
    return this.#overflow.cell;
  }

  #renderLabels(values: Labels): string {
    return this.#labelNames.map((name, index) => `${name}="${escapeLabel(values[index] ?? '')}"`).join(',');
  }
}

export class Counter extends Family<{ value: number }> {
  constructor(name: string, help: string, labelNames: readonly string[], maxSeries: number) {
    super(name, 'counter', help, labelNames, maxSeries);
  }

  add(a = '', b = '', c = '', count = 1): void {
    this.cellOf(a, b, c).value += count;
  }

  protected override newCell(): { value: number } {
    return { value: 0 };
  }

  protected override renderCell(name: string, labels: string, { value }: { value: number }): string {
    return sample(name, labels, value);
  }
}

/**
 * Upper bounds in seconds: those that the semantic conventions of OpenTelemetry advise for HTTP durations, and five more between 0.1 and 0.75,
 * where deadlines of screens are.
 */
const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.75, 1, 2.5, 5, 7.5, 10];

interface HistogramCell {
  /** Per bucket, not cumulative; the last one is above all bounds. */
  readonly counts: Float64Array;
  sum: number;
}

export class Histogram extends Family<HistogramCell> {
  readonly #bounds: readonly number[];

  /** @param further upper bounds in seconds besides the usual ones */
  constructor(
    name: string,
    help: string,
    labelNames: readonly string[],
    maxSeries: number,
    further: readonly number[] = [],
  ) {
    super(name, 'histogram', help, labelNames, maxSeries);
    this.#bounds = [...new Set([...BOUNDS, ...further])].toSorted((one, other) => one - other);
  }

  observe(seconds: number, a: string, b: string, c: string): void {
    const cell = this.cellOf(a, b, c);
    let bucket = 0;
    const bounds = this.#bounds;
    while (bucket < bounds.length && seconds > (bounds[bucket] ?? 0)) bucket++;
    cell.counts[bucket] = (cell.counts[bucket] ?? 0) + 1;
    cell.sum += seconds;
  }

  protected override newCell(): HistogramCell {
    return { counts: new Float64Array(this.#bounds.length + 1), sum: 0 };
  }

  protected override renderCell(name: string, labels: string, { counts, sum }: HistogramCell): string {
    let text = '';
    let count = 0;
    counts.forEach((inBucket, bucket) => {
      count += inBucket;
      text += sample(`${name}_bucket`, `${labels},le="${this.#bounds[bucket] ?? '+Inf'}"`, count);
    });
    return text + sample(`${name}_sum`, labels, sum) + sample(`${name}_count`, labels, count);
  }
}

type Samples = readonly (readonly [labels: string, value: number])[];

/** A value read on scrape. */
export function renderGauge(name: string, help: string, samples: Samples): string {
  return renderRead(name, 'gauge', help, samples);
}

/** Counts that are kept elsewhere, read on scrape. */
export function renderTotals(name: string, help: string, samples: Samples): string {
  return renderRead(name, 'counter', help, samples);
}

function renderRead(name: string, type: string, help: string, samples: Samples): string {
  let text = `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
  for (const [labels, value] of samples) text += sample(name, labels, value);
  return text;
}

/** The value of a label, without secrets and escaped. Made once per series, not on scrape. */
export function escapeLabel(value: string): string {
  return redact(value).replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}

function sample(name: string, labels: string, value: number): string {
  return labels === '' ? `${name} ${value}\n` : `${name}{${labels}} ${value}\n`;
}
