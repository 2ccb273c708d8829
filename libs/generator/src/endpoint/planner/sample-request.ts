import type { PlannedScreen } from './planned-screen.js';
import type { SampleParameter, ScreenSamples } from './screen-samples.js';

/** A request that a screen answers: for its test, and for the reader to try. */
export interface SampleRequest {
  /** With parameters and query: `/orders/o-1?limit=3`. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

export function sampleRequest(screen: PlannedScreen, { inputs, body }: ScreenSamples): SampleRequest {
  const values = new Map((inputs.get('path') ?? []).map((one) => [one.name, text(one.value)]));
  const path = screen.path.replaceAll(/:(\w+)/g, (_, name: string) => encodeURIComponent(values.get(name) ?? 'any'));
  const query = (inputs.get('query') ?? []).flatMap(queryPairs);
  const pairs = query.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
  return {
    path: pairs.length === 0 ? path : `${path}?${pairs.join('&')}`,
    headers: Object.fromEntries((inputs.get('header') ?? []).map((one) => [one.name.toLowerCase(), text(one.value)])),
    body,
  };
}

function queryPairs({ name, value, style, isExploded, isJson }: SampleParameter): [string, string][] {
  if (isJson || typeof value !== 'object' || value === null)
    return [[name, isJson ? JSON.stringify(value) : text(value)]];
  if (Array.isArray(value)) {
    if (isExploded) return value.map((item: unknown) => [name, text(item)]);
    const separator = style === 'spaceDelimited' ? ' ' : style === 'pipeDelimited' ? '|' : ',';
    return [[name, value.map(text).join(separator)]];
  }
  const members = Object.entries(value).map(([key, member]: [string, unknown]) => [key, text(member)] as const);
  if (style === 'deepObject') return members.map(([key, member]) => [`${name}[${key}]`, member]);
  return isExploded ? members.map(([key, member]) => [key, member]) : [[name, members.flat().join(',')]];
}

const text = (value: unknown): string =>
  typeof value === 'string' ? value : Array.isArray(value) ? value.map(text).join(',') : JSON.stringify(value);
