import { table } from '@frontage/core';
import { headLines, lastLine, numberText, type MetricsFormat } from '../families/exposition.js';

/** Gauges that count something, so that a sum over processes means what one process would say. */
const summedGauges = new Set([
  'http_server_active_requests',
  // 1 per process and state: the sum says how many processes are in that state.
  'frontage_breaker_state',
  'frontage_upstream_addresses',
  'frontage_upstream_calls',
  'frontage_upstream_concurrency_limit',
  'frontage_upstream_connection_queue',
  'frontage_cache_entries',
  'frontage_cache_size_bytes',
  'frontage_in_flight_limit',
  'http_client_open_connections',
]);

type MetricType = 'counter' | 'gauge' | 'histogram';

interface Family {
  readonly type: MetricType;
  readonly help: string;
  /** By `name{labels}` as written; all processes write their labels in one order. */
  readonly samples: Map<string, number>;
  /** Of samples that have one, as written: `{trace_id="..."} 0.2 1767225600.1`. */
  readonly exemplars: Map<string, string>;
}

/** Metrics as numbers, by the name of their family. */
export type Metrics = ReadonlyMap<string, Family>;

/** The kept counts of ended processes are bounded: a family with more series than this takes no new ones. */
const MAX_KEPT_SERIES = 10_000;

// name, labels, value, an exemplar; a time, which our libs do not write, is refused.
const sampleLine = /^([a-zA-Z_:][\w:]*)(\{(?:[a-zA-Z_]\w*="(?:[^"\\]|\\.)*",?)*\})? (\S+)(?: # (\{[^{}]*\} \S+ \S+))?$/;
const headLine = /^# (HELP|TYPE) ([a-zA-Z_:][\w:]*)(?: (.*))?$/;
const suffixes: Readonly<Record<string, readonly string[]>> = table({ histogram: ['_bucket', '_sum', '_count'] });
const isType = (text: string): text is MetricType => ['counter', 'gauge', 'histogram'].includes(text);

/**
 * Reads metrics as `Tracing.metrics` writes them, in each of its formats.
 * @param from for messages: whose metrics they are
 * @throws SyntaxError with line and what was found
 */
export function parseMetrics(text: string, from: string): Metrics {
  const families = new Map<string, Family>();
  const isOpenMetrics = text.endsWith(lastLine('openMetrics'));
  let help: readonly [name: string, text: string] = ['', ''];
  let name = '';
  let family: Family | undefined;
  text.split('\n').forEach((line, index) => {
    if (line === '') return;
    const refuse = (why: string): SyntaxError =>
      new SyntaxError(`metrics of ${from}, line ${index + 1}: ${why}, found ${JSON.stringify(line.slice(0, 200))}`);
    const [, keyword, headName = '', rest = ''] = headLine.exec(line) ?? [];
    if (keyword === 'HELP') help = [headName, rest];
    else if (keyword === 'TYPE') {
      if (!isType(rest)) throw refuse('the type of a metric is counter, gauge or histogram');
      // OpenMetrics names a counter without the end of its sample.
      name = isOpenMetrics && rest === 'counter' ? `${headName}_total` : headName;
      if (families.has(name)) throw refuse(`${name} is declared twice`);
      const its = help[0] === headName ? help[1].replaceAll(/\\(["\\])/g, '$1') : '';
      family = { type: rest, help: its, samples: new Map(), exemplars: new Map() };
      families.set(name, family);
    } else if (!line.startsWith('#')) {
      const [, sample, labels = '', written = '', exemplar] = sampleLine.exec(line) ?? [];
      if (sample === undefined) throw refuse('a sample is name{label="value"} number');
      if (family === undefined || !namesOf(name, family.type).includes(sample))
        throw refuse(`a sample stands below the # TYPE of its own metric`);
      const value = numberOf(written);
      if (value === undefined) throw refuse(`the value of a sample is a number`);
      if (family.samples.has(sample + labels)) throw refuse(`${sample}${labels} stands there twice`);
      family.samples.set(sample + labels, value);
      if (exemplar !== undefined) family.exemplars.set(sample + labels, exemplar);
    }
  });
  return families;
}

/** The metrics of one process among several. */
export interface ProcessMetrics {
  readonly metrics: Metrics;
  /** Value of the label `process` of what only one process can say; `undefined` leaves that out. */
  readonly process: string | undefined;
}

/**
 * Adds processes up: counters, histograms and what is under way as sums; gauges about a process itself (memory, event loop, uptime), of
 * which a sum says nothing, once per process under the label `process`.
 * @throws TypeError where two processes mean different things by one name
 */
export function sumMetrics(parts: readonly ProcessMetrics[]): Metrics {
  const sum = new Map<string, Family>();
  for (const { metrics, process } of parts) {
    for (const [name, { type, help, samples, exemplars }] of metrics) {
      let into = sum.get(name);
      if (into === undefined) sum.set(name, (into = { type, help, samples: new Map(), exemplars: new Map() }));
      if (into.type !== type)
        throw new TypeError(`the metric ${name} is a ${into.type} in one process and a ${type} in another`);
      if (type === 'gauge' && !summedGauges.has(name)) {
        if (process === undefined) continue;
        for (const [key, value] of samples) into.samples.set(labelled(key, process), value);
      } else for (const [key, value] of samples) into.samples.set(key, (into.samples.get(key) ?? 0) + value);
      for (const [key, exemplar] of exemplars)
        if (timeOf(exemplar) >= timeOf(into.exemplars.get(key))) into.exemplars.set(key, exemplar);
    }
  }
  return sum;
}

/** The counters and histograms of an ended process, kept so that no sum ever falls. */
export function keepCounts(kept: Metrics, ended: Metrics): Metrics {
  const counts = [...ended]
    .filter(([, { type }]) => type !== 'gauge')
    .map(([name, family]) => {
      const known = kept.get(name)?.samples ?? new Map<string, number>();
      const samples = [...family.samples].filter(([key]) => known.size < MAX_KEPT_SERIES || known.has(key));
      // A trace is news of a process that lives.
      return [name, { ...family, samples: new Map(samples), exemplars: new Map<string, string>() }] as const;
    });
  return sumMetrics([
    { metrics: kept, process: undefined },
    { metrics: new Map(counts), process: undefined },
  ]);
}

/** The metrics as text, without the last line. */
export function renderMetrics(metrics: Metrics, format: MetricsFormat): string {
  let text = '';
  for (const [name, { type, help, samples, exemplars }] of metrics) {
    text += headLines({ name, type, help }, format);
    for (const [key, value] of samples) {
      const exemplar = format === 'openMetrics' ? exemplars.get(key) : undefined;
      text += `${key} ${numberText(value)}${exemplar === undefined ? '' : ` # ${exemplar}`}\n`;
    }
  }
  return text;
}

/** Seconds since 1970. */
const timeOf = (exemplar = ''): number => Number(exemplar.slice(exemplar.lastIndexOf(' ') + 1));

const namesOf = (family: string, type: string): readonly string[] =>
  suffixes[type]?.map((suffix) => family + suffix) ?? [family];

function labelled(key: string, process: string): string {
  const label = `process="${process}"`;
  return key.endsWith('}') ? `${key.slice(0, -1)},${label}}` : `${key}{${label}}`;
}

const named: Readonly<Record<string, number>> = table({ '+Inf': Infinity, '-Inf': -Infinity, NaN });

function numberOf(text: string): number | undefined {
  const value = named[text] ?? Number(text);
  return Number.isNaN(value) && text !== 'NaN' ? undefined : value;
}
