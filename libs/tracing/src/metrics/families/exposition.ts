import type { Exemplar, HistogramPoint, MetricData } from './metric-data.js';

/** `text`: format 0.0.4 of Prometheus. `openMetrics`: OpenMetrics 1.0, which has exemplars besides. */
export type MetricsFormat = 'text' | 'openMetrics';

/** A page of metrics, and its content type. */
export interface MetricsPage {
  readonly contentType: string;
  readonly body: string;
}

const contentTypes: Readonly<Record<MetricsFormat, string>> = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openMetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

/** An `Accept` that asks for exemplars. */
export const openMetricsType = 'application/openmetrics-text';

/**
 * The page in the format that a scraper prefers.
 * @param accept its `Accept` (RFC 9110 section 12.5.1); absent: text
 * @param body the page, made in the format
 */
export function metricsPage(accept: string | undefined, body: (format: MetricsFormat) => string): MetricsPage {
  const format = qualityOf(accept, openMetricsType) > qualityOf(accept, 'text/plain') ? 'openMetrics' : 'text';
  return { contentType: contentTypes[format], body: body(format) };
}

/** The weight that the most specific range has for a type; 0 where none has it. */
function qualityOf(accept = '*/*', type: string): number {
  const ranges = accept.split(',').map((range) => {
    const [name = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const weight = parameters.find((parameter) => parameter.startsWith('q='));
    return { name, quality: weight === undefined ? 1 : Number(weight.slice(2)) };
  });
  for (const name of [type, `${type.split('/')[0]}/*`, '*/*']) {
    const known = ranges.filter((range) => range.name === name && range.quality >= 0);
    if (known.length > 0) return Math.max(...known.map(({ quality }) => quality));
  }
  return 0;
}

/** Units that end the name of a metric. */
const units = ['seconds', 'bytes', 'ratio'];

/** The lines above the samples of a metric. OpenMetrics names a counter without `_total`, and says the unit. */
export function headLines({ name, type, help }: Omit<MetricData, 'points'>, format: MetricsFormat): string {
  const escaped = help.replaceAll('\\', '\\\\');
  if (format === 'text') return `# HELP ${name} ${escaped}\n# TYPE ${name} ${type}\n`;
  const family = name.replace(/_total$/, '');
  const unit = units.find((each) => family.endsWith(`_${each}`));
  return (
    `# HELP ${family} ${escaped.replaceAll('"', '\\"')}\n# TYPE ${family} ${type}\n` +
    (unit === undefined ? '' : `# UNIT ${family} ${unit}\n`)
  );
}

/** The line below all samples. */
export const lastLine = (format: MetricsFormat): string => (format === 'openMetrics' ? '# EOF\n' : '');

/** Metrics as text, without the last line. */
export function exposition(families: Iterable<MetricData>, format: MetricsFormat): string {
  let text = '';
  for (const family of families) {
    text += headLines(family, format);
    if (family.type === 'histogram')
      for (const point of family.points) text += histogramLines(family.name, family.bounds, point, format);
    else for (const { labels, value } of family.points) text += sampleLine(family.name, labels.text, value);
  }
  return text;
}

function histogramLines(
  name: string,
  bounds: readonly number[],
  { labels, counts, sum, exemplars }: HistogramPoint,
  format: MetricsFormat,
): string {
  let text = '';
  let count = 0;
  const others = labels.text === '' ? '' : `${labels.text},`;
  counts.forEach((inBucket, bucket) => {
    count += inBucket;
    const exemplar = format === 'openMetrics' ? exemplars?.[bucket] : undefined;
    text += sampleLine(`${name}_bucket`, `${others}le="${boundText(bounds[bucket])}"`, count, exemplar);
  });
  return text + sampleLine(`${name}_sum`, labels.text, sum) + sampleLine(`${name}_count`, labels.text, count);
}

/**
 * A bound as OpenMetrics writes it, in both formats: Prometheus 2 takes the text of a bound as it comes, so that rules would find the series of one
 * format alone.
 */
export function boundText(bound: number | undefined): string {
  if (bound === undefined) return '+Inf';
  if (bound >= 1e6) return bound.toExponential().replace(/\+(\d)$/, '+0$1');
  return Number.isInteger(bound) ? `${bound}.0` : String(bound);
}

function sampleLine(name: string, labels: string, value: number, exemplar?: Exemplar): string {
  const series = labels === '' ? name : `${name}{${labels}}`;
  return `${series} ${numberText(value)}${exemplar === undefined ? '' : ` # ${exemplarText(exemplar)}`}\n`;
}

const exemplarText = ({ traceId, spanId, value, atMs }: Exemplar): string =>
  `{trace_id="${traceId}",span_id="${spanId}"} ${numberText(value)} ${(atMs / 1_000).toFixed(3)}`;

export const numberText = (value: number): string =>
  Number.isFinite(value) || Number.isNaN(value) ? String(value) : value > 0 ? '+Inf' : '-Inf';
