import type { PlannedScreen } from './planned-screen.js';
import type { SampleParameter } from './sampled-contract.js';
import type { SampleForm, ScreenSamples } from './screen-samples.js';

/** A request that a screen answers: for its test, and for the reader to try. */
export interface SampleRequest {
  /** With parameters and query: `/orders/o-1?limit=3`. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON; undefined without a body, and where it is a form. */
  readonly body: unknown;
  readonly form: SampleForm | undefined;
}

export function sampleRequest(screen: PlannedScreen, { inputs, body, form }: ScreenSamples): SampleRequest {
  return writtenRequest(screen.path, inputs, { body, form });
}

/**
 * @param template `/orders/:id`
 * @param inputs by group of the request: `path`, `query`, `header`
 */
export function writtenRequest(
  template: string,
  inputs: ReadonlyMap<string, readonly SampleParameter[]>,
  { body, form }: Pick<SampleRequest, 'body' | 'form'>,
): SampleRequest {
  const values = new Map((inputs.get('path') ?? []).map((one) => [one.name, written(one, encodeURIComponent)]));
  const path = template.replaceAll(/:(\w+)/g, (_, name: string) => values.get(name) ?? 'any');
  const query = (inputs.get('query') ?? []).flatMap(queryPairs);
  const pairs = query.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
  return {
    path: pairs.length === 0 ? path : `${path}?${pairs.join('&')}`,
    headers: Object.fromEntries(
      (inputs.get('header') ?? []).map((one) => [one.name.toLowerCase(), written(one, (value) => value)]),
    ),
    body: form === undefined ? body : undefined,
    form,
  };
}

/** The value of a parameter of a path or a header, in the style of its contract (OpenAPI 3.1 section 4.8.12.4). */
function written(
  { name, value, style, isExploded, isJson }: SampleParameter,
  encode: (value: string) => string,
): string {
  const isMatrix = style === 'matrix';
  const before = isMatrix ? `;${name}=` : style === 'label' ? '.' : '';
  const separator = !isExploded ? ',' : isMatrix ? ';' : style === 'label' ? '.' : ',';
  const item = (one: unknown): string => encode(text(one));
  if (isJson || typeof value !== 'object' || value === null)
    return before + (isJson ? encode(JSON.stringify(value)) : item(value));
  if (Array.isArray(value)) return before + value.map(item).join(isMatrix && isExploded ? before : separator);
  const members = Object.entries(value).map(([key, one]: [string, unknown]) => [encode(key), item(one)] as const);
  if (!isExploded) return before + members.flat().join(separator);
  return (isMatrix ? ';' : before) + members.map(([key, one]) => `${key}=${one}`).join(separator);
}

function queryPairs(parameter: SampleParameter): [string, string][] {
  const { name, value, from, style, isExploded, isJson } = parameter;
  // A parameter of a path that no route can name keeps its style.
  if (from === 'path') return [[name, written(parameter, (one) => one)]];
  if (isJson || typeof value !== 'object' || value === null)
    return [[name, isJson ? JSON.stringify(value) : text(value)]];
  if (style === 'deepObject') return deepPairs(name, value);
  if (Array.isArray(value)) {
    if (isExploded) return value.map((item: unknown) => [name, text(item)]);
    return [[name, value.map(text).join(separatorOf(style))]];
  }
  const members = Object.entries(value).map(([key, member]: [string, unknown]) => [key, text(member)] as const);
  return isExploded ? members.map(([key, member]) => [key, member]) : [[name, members.flat().join(separatorOf(style))]];
}

const separatorOf = (style: string | undefined): string =>
  style === 'spaceDelimited' ? ' ' : style === 'pipeDelimited' ? '|' : ',';

/** `filter[state]=open`, `filter[ids][0]=1`. */
function deepPairs(name: string, value: unknown): [string, string][] {
  if (typeof value !== 'object' || value === null) return [[name, text(value)]];
  return Object.entries(value).flatMap(([key, member]: [string, unknown]) => deepPairs(`${name}[${key}]`, member));
}

const text = (value: unknown): string =>
  typeof value === 'string' ? value : Array.isArray(value) ? value.map(text).join(',') : JSON.stringify(value);
