import type { Channel } from 'node:diagnostics_channel';
import type { Warning } from '@frontage/core';
import { labelSet } from './families/labels.js';
import { readings, type NumberData } from './families/metric-data.js';

/** Counts what logs, metrics and spans could not take, and has the first of each channel logged. */
export class ObserverFailures {
  readonly #log: { logWarning(warning: Warning): void } | undefined;
  readonly #byChannel = new Map<string, number>();

  constructor(log: { logWarning(warning: Warning): void } | undefined) {
    this.#log = log;
  }

  readonly count = (thrown: unknown, { name }: Channel): void => {
    const channel = String(name);
    const before = this.#byChannel.get(channel) ?? 0;
    this.#byChannel.set(channel, before + 1);
    // Logged directly: a warning about a warning would come back here.
    if (before === 0) {
      this.#log?.logWarning({ from: 'tracing', message: `a message of ${channel} was not recorded`, cause: thrown });
    }
  };

  /** Empty while nothing failed. */
  data(): readonly NumberData[] {
    if (this.#byChannel.size === 0) return [];
    return [
      readings(
        'counter',
        'frontage_observer_failures_total',
        'Messages that the log, the metrics or the spans could not take.',
        [...this.#byChannel].map(([channel, count]) => [labelSet([['channel', channel]]), count] as const),
      ),
    ];
  }
}
