import { noLabels, type LabelSet } from './labels.js';

/** A trace in which an observation was made. */
export interface Exemplar {
  /** 32 hex digits. */
  readonly traceId: string;
  /** 16 hex digits. */
  readonly spanId: string;
  /** The observation. */
  readonly value: number;
  /** Milliseconds since 1970. */
  readonly atMs: number;
}

/** One metric as it is now: what every format is written from. */
export type MetricData = NumberData | HistogramData;

interface Described {
  /** As Prometheus has it: `http_server_request_duration_seconds`. */
  readonly name: string;
  readonly help: string;
}

export interface NumberData extends Described {
  readonly type: 'counter' | 'gauge';
  readonly points: readonly { readonly labels: LabelSet; readonly value: number }[];
}

export interface HistogramData extends Described {
  readonly type: 'histogram';
  /** Upper bounds, ascending, without that of the last bucket. */
  readonly bounds: readonly number[];
  readonly points: readonly HistogramPoint[];
}

export interface HistogramPoint {
  readonly labels: LabelSet;
  /** Per bucket, not cumulative; the last one is above all bounds. */
  readonly counts: Float64Array;
  readonly sum: number;
  /** By bucket; absent while there is none. */
  readonly exemplars?: readonly (Exemplar | undefined)[] | undefined;
}

/** Values that are read on scrape, by their labels. */
export const readings = (
  type: NumberData['type'],
  name: string,
  help: string,
  values: readonly (readonly [labels: LabelSet, value: number])[],
): NumberData => ({ name, type, help, points: values.map(([labels, value]) => ({ labels, value })) });

/** One value without labels. */
export const reading = (type: NumberData['type'], name: string, help: string, value: number): NumberData =>
  readings(type, name, help, [[noLabels, value]]);
