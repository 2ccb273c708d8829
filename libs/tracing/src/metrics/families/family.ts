import { channels, type Warning } from '@frontage/core';
import { labelSet, type LabelSet } from './labels.js';

/** Values of up to six labels, empty where there are fewer. The second one, where there is one, tells most series apart. */
type Keys = readonly [a: string, b: string, c: string, d: string, e: string, f: string];

interface Series<Cell> {
  readonly keys: Keys;
  readonly labels: LabelSet;
  readonly cell: Cell;
}

/** The labels of a series by its keys. */
type LabelsOf = (keys: Keys) => readonly (readonly [name: string, value: string])[];

/**
 * One metric with up to six labels. Its series are bounded: beyond `maxSeries`, new label values count under `other`, so that no
 * input can make a scrape grow without end (RELIABILITY R5).
 */
export abstract class Family<Cell> {
  readonly name: string;
  readonly help: string;
  readonly #labelsOf: LabelsOf;
  readonly #maxSeries: number;
  /**
   * By the second key, or the only one: an operation or a route. These texts are made once and come again, so that they are found by their identity; a key
   * joined of all labels would be a new text, and be read whole, for each event.
   */
  readonly #series = new Map<string, Series<Cell>[]>();
  #size = 0;
  #overflow: Series<Cell> | undefined;

  /** @param labels their names in the order of the keys, or what makes them of the keys */
  constructor(name: string, help: string, labels: readonly string[] | LabelsOf, maxSeries: number) {
    this.name = name;
    this.help = help;
    this.#labelsOf =
      typeof labels === 'function' ? labels : (keys) => labels.map((label, at) => [label, keys[at] ?? ''] as const);
    this.#maxSeries = maxSeries;
  }

  protected abstract newCell(): Cell;

  protected get series(): readonly { readonly labels: LabelSet; readonly cell: Cell }[] {
    const all = [...this.#series.values()].flat();
    return this.#overflow === undefined ? all : [...all, this.#overflow];
  }

  protected cellOf(a: string, b: string, c: string, d: string, e: string, f: string): Cell {
    const alike = this.#series.get(b === '' ? a : b);
    if (alike !== undefined) {
      for (let i = 0; i < alike.length; i++) {
        const series = alike[i];
        if (series === undefined) break;
        const { keys } = series;
        if (keys[2] === c && keys[1] === b && keys[0] === a && keys[3] === d && keys[4] === e && keys[5] === f)
          return series.cell;
      }
    }
    return this.#addSeries([a, b, c, d, e, f]);
  }

  #addSeries(keys: Keys): Cell {
    if (this.#size < this.#maxSeries) {
      this.#size++;
      const series = this.#newSeries(keys);
      const key = keys[1] === '' ? keys[0] : keys[1];
      const alike = this.#series.get(key);
      if (alike === undefined) this.#series.set(key, [series]);
      else alike.push(series);
      return series.cell;
    }
    if (this.#overflow === undefined) {
      this.#overflow = this.#newSeries(['other', 'other', 'other', 'other', 'other', 'other']);
      if (channels.warning.hasSubscribers) {
        const message = `the metric ${this.name} has ${this.#maxSeries} series: further ones are counted under "other"`;
        channels.warning.publish({ from: 'tracing', message } satisfies Warning);
      }
    }
    return this.#overflow.cell;
  }

  #newSeries(keys: Keys): Series<Cell> {
    return { keys, labels: labelSet(this.#labelsOf(keys)), cell: this.newCell() };
  }
}
