import { table } from '@frontage/core';

/** Gauges that count something, so that a sum over processes means what one process would say. */
const summedGauges = new Set([
  'http_server_active_requests',
  // 1 per process and state: the sum says how many processes are in that state.
  'frontage_breaker_state',
  'frontage_upstream_addresses',
  'frontage_upstream_calls',
  'frontage_upstream_concurrency_limit',
]);

interface Family {
  readonly type: string;
  readonly help: string;
  /** By `name{labels}` as written; all processes write their labels in one order. */
  readonly samples: Map<string, number>;
}

/** Metrics as numbers, by the name of their family. */
export type Metrics = ReadonlyMap<string, Family>;

/** The kept counts of ended processes are bounded: a family with more series than this takes no new ones. */
const MAX_KEPT_SERIES = 10_000;

// name, labels, value, and a time, which our libs do not write.
const sampleLine = /^([a-zA-Z_:][\w:]*)(\{(?:[a-zA-Z_]\w*="(?:[^"\\]|\\.)*",?)*\})? (\S+)$/;
const headLine = /^# (HELP|TYPE) ([a-zA-Z_:][\w:]*)(?: (.*))?$/;
const suffixes: Readonly<Record<string, readonly string[]>> = table({ histogram: ['_bucket', '_sum', '_count'] });
const types = new Set(['counter', 'gauge', 'histogram']);

/**
 * Reads the text exposition format 0.0.4 as `Tracing.metrics` writes it.
 * @param from for messages: whose metrics they are
 * @throws SyntaxError with line and what was found
 */
export function parseMetrics(text: string, from: string): Metrics {
  const families = new Map<string, Family>();
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
      if (!types.has(rest)) throw refuse('the type of a metric is counter, gauge or histogram');
      if (families.has(headName)) throw refuse(`${headName} is declared twice`);
      name = headName;
      family = { type: rest, help: help[0] === name ? help[1] : '', samples: new Map() };
      families.set(name, family);
    } else if (!line.startsWith('#')) {
      const [, sample, labels = '', written = ''] = sampleLine.exec(line) ?? [];
      if (sample === undefined) throw refuse('a sample is name{label="value"} number');
      if (family === undefined || !namesOf(name, family.type).includes(sample))
        throw refuse(`a sample stands below the # TYPE of its own metric`);
      const value = numberOf(written);
      if (value === undefined) throw refuse(`the value of a sample is a number`);
      if (family.samples.has(sample + labels)) throw refuse(`${sample}${labels} stands there twice`);
      family.samples.set(sample + labels, value);
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
    for (const [name, { type, help, samples }] of metrics) {
      let into = sum.get(name);
      if (into === undefined) sum.set(name, (into = { type, help, samples: new Map() }));
      if (into.type !== type)
        throw new TypeError(`the metric ${name} is a ${into.type} in one process and a ${type} in another`);
      if (type === 'gauge' && !summedGauges.has(name)) {
        if (process === undefined) continue;
        for (const [key, value] of samples) into.samples.set(labelled(key, process), value);
      } else for (const [key, value] of samples) into.samples.set(key, (into.samples.get(key) ?? 0) + value);
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
      return [name, { ...family, samples: new Map(samples) }] as const;
    });
  return sumMetrics([
    { metrics: kept, process: undefined },
    { metrics: new Map(counts), process: undefined },
  ]);
}

/** Text exposition format 0.0.4. */
export function renderMetrics(metrics: Metrics): string {
  let text = '';
  for (const [name, { type, help, samples }] of metrics) {
    text += `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
    for (const [key, value] of samples) text += `${key} ${written(value)}\n`;
  }
  return text;
}

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

const written = (value: number): string =>
  Number.isFinite(value) || Number.isNaN(value) ? String(value) : value > 0 ? '+Inf' : '-Inf';
