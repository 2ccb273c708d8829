/** One line of metrics: a name, its labels, a value. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Samples by name. */
export type Samples = ReadonlyMap<string, readonly Sample[]>;

const line = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})?[ \t]+([^ \t]+)(?:[ \t].*)?$/;
const label = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;
/** An exemplar of OpenMetrics stands behind the value. */
const exemplar = / # \{.*$/;

/**
 * Reads the text formats of Prometheus and OpenMetrics.
 * @returns undefined for a text in which a line is neither a sample nor a comment
 */
export function readMetrics(text: string): Samples | undefined {
  const samples = new Map<string, Sample[]>();
  for (const raw of text.split(/\r?\n/)) {
    if (raw === '' || raw.startsWith('#')) continue;
    const [, name, labels = '', value = ''] = line.exec(raw.replace(exemplar, '')) ?? [];
    if (name === undefined || !isNumber(value)) return undefined;
    const read = [...labels.matchAll(label)].map(([, key = '', written = '']) => [key, unescaped(written)] as const);
    const sample = { name, labels: Object.fromEntries(read), value: numberOf(value) };
    const known = samples.get(name);
    if (known === undefined) samples.set(name, [sample]);
    else known.push(sample);
  }
  return samples;
}

const isNumber = (text: string): boolean => /^[+-]?Inf$|^NaN$/.test(text) || !Number.isNaN(Number(text));
const numberOf = (text: string): number => (/^\+?Inf$/.test(text) ? Infinity : Number(text));
const unescaped = (text: string): string =>
  text.replaceAll(/\\(.)/g, (_, char: string) => (char === 'n' ? '\n' : char));

/** The sum of the samples of a name whose labels fit. */
export function sumOf(samples: Samples, name: string, labels: Readonly<Record<string, string>> = {}): number {
  const fitting = (samples.get(name) ?? []).filter((one) =>
    Object.entries(labels).every(([key, value]) => one.labels[key] === value),
  );
  return fitting.reduce((sum, { value }) => sum + value, 0);
}
