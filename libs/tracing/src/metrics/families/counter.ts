import { Family } from './family.js';
import type { NumberData } from './metric-data.js';

/** Events so far, by their labels. */
export class Counter extends Family<{ value: number }> {
  constructor(name: string, help: string, labelNames: readonly string[], maxSeries: number) {
    super(name, help, labelNames, maxSeries);
    // A rate needs the 0 before the first event, where the series is known from the start.
    if (labelNames.length === 0) this.add('', '', '', 0);
  }

  add(a = '', b = '', c = '', count = 1): void {
    this.cellOf(a, b, c, '', '', '').value += count;
  }

  data(): NumberData {
    return {
      name: this.name,
      type: 'counter',
      help: this.help,
      points: this.series.map(({ labels, cell }) => ({ labels, value: cell.value })),
    };
  }

  protected override newCell(): { value: number } {
    return { value: 0 };
  }
}
