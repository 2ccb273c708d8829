import type { OperationDescription, ParameterDescription } from '@frontage/contracts';
import { mediaKind, type JsonSchema } from '@frontage/core';
import type { IncomingHttpHeaders } from 'node:http';
import { decodeDeep } from './deep-decoding.js';
import { propertiesOf, readAs, takesType, type ReadingContext } from './typed-reading.js';

export interface ParameterGroups {
  readonly path: Record<string, unknown>;
  readonly query: Record<string, unknown>;
  readonly header: Record<string, unknown>;
  readonly cookie: Record<string, unknown>;
}

/** The parameters of a request as they arrived. */
export interface RawParameters {
  readonly segments: ReadonlyMap<string, string>;
  /** Without the question mark. */
  readonly query: string;
  readonly headers: IncomingHttpHeaders;
}

/**
 * Decodes parameters by the style of their contract (OpenAPI 3.1, style values), and gives them the types of their schemas where these
 * fit.
 * @throws {URIError | SyntaxError} where the request is not encoded properly
 */
export function decodeParameters(
  operation: OperationDescription,
  raw: RawParameters,
  reading: ReadingContext,
): ParameterGroups {
  const groups: ParameterGroups = { path: {}, query: {}, header: {}, cookie: {} };
  const query = pairsOf(raw.query, '&');
  const cookies = pairsOf(raw.headers.cookie ?? '', /;\s*/);
  for (const parameter of operation.parameters) {
    const value =
      parameter.in === 'query' || parameter.in === 'cookie'
        ? fromPairs(parameter, parameter.in === 'query' ? query : cookies, reading)
        : fromText(parameter, textOf(parameter, raw), reading);
    const name = parameter.in === 'header' ? parameter.name.toLowerCase() : parameter.name;
    if (value !== undefined) groups[parameter.in][name] = readAs(parameter.schema, value, reading);
  }
  return groups;
}

/** Still encoded. */
export type Pair = readonly [name: string, value: string];

export const pairsOf = (text: string, separator: string | RegExp): readonly Pair[] =>
  text
    .split(separator)
    .filter(Boolean)
    .map((pair) => splitOnce(pair, '='));

type Decode = (text: string) => string;
type ValueKind = 'text' | 'list' | 'object';

/** The kinds of value that a schema takes; the first one is meant where no reading fits. */
function kindsOf(schema: JsonSchema, { resolve }: ReadingContext): readonly ValueKind[] {
  const takes = (...types: readonly string[]): boolean => types.some((type) => takesType(schema, type, resolve));
  const kinds: ValueKind[] = [];
  if (takes('array')) kinds.push('list');
  if (takes('object')) kinds.push('object');
  if (kinds.length === 0 || takes('string', 'number', 'integer', 'boolean')) kinds.push('text');
  return kinds;
}

/** The reading that the schema accepts: one text may stand for a list, an object or itself. */
function firstFitting(schema: JsonSchema, reading: ReadingContext, readOf: (kind: ValueKind) => unknown): unknown {
  const [first = 'text', ...others] = kindsOf(schema, reading);
  const usual = readOf(first);
  const fits = (value: unknown): boolean => reading.accepts(schema, readAs(schema, value, reading));
  if (others.length === 0 || usual === undefined || fits(usual)) return usual;
  return others.map(readOf).find(fits) ?? usual;
}

function textOf(parameter: ParameterDescription, raw: RawParameters): string | undefined {
  if (parameter.in === 'path') return raw.segments.get(parameter.name);
  const name = parameter.name.toLowerCase();
  return Object.hasOwn(raw.headers, name) ? raw.headers[name]?.toString() : undefined;
}

function fromText(parameter: ParameterDescription, text: string | undefined, reading: ReadingContext): unknown {
  if (text === undefined) return undefined;
  const decode = parameter.in === 'header' ? (value: string) => value : decodeURIComponent;
  if (parameter.content !== undefined) return contentOf(parameter.content, decode(text));
  return firstFitting(parameter.schema, reading, (kind) => textAsKind(kind, parameter, text, decode));
}

function textAsKind(kind: ValueKind, parameter: ParameterDescription, text: string, decode: Decode): unknown {
  const { style, explode = false, name } = parameter;
  if (style === 'matrix') {
    const parts = pairsOf(text, ';');
    if (!explode || kind === 'text') return ofKind(kind, splitOnce(text.slice(1), '=')[1].split(','), decode);
    return kind === 'object'
      ? objectOf(parts, decode)
      : parts.flatMap(([key, value]) => (decode(key) === name ? decode(value) : []));
  }
  const bare = style === 'label' ? text.slice(1) : text;
  if (kind === 'text') return decode(bare);
  const parts = bare
    .split(style === 'label' && explode ? '.' : ',')
    .map((part) => (parameter.in === 'header' ? part.trim() : part));
  return kind === 'object' && explode
    ? objectOf(
        parts.map((part) => splitOnce(part, '=')),
        decode,
      )
    : ofKind(kind, parts, decode);
}

/** A value among the pairs of a query, of a cookie or of a form. */
export function fromPairs(
  parameter: Pick<ParameterDescription, 'name' | 'style' | 'explode' | 'content' | 'schema'>,
  pairs: readonly Pair[],
  reading: ReadingContext,
): unknown {
  const { name, style, content, schema } = parameter;
  const named = pairs.map(([key, value]): Pair => [formDecode(key), value]);
  if (style === 'deepObject') {
    const decoded = named.map(([key, value]) => [key, formDecode(value)] as const);
    return decodeDeep(name, decoded, schema, reading.resolve);
  }
  if (content !== undefined) {
    const first = named.find(([key]) => key === name);
    return first && contentOf(content, formDecode(first[1]));
  }
  return firstFitting(schema, reading, (kind) => pairsAsKind(kind, parameter, named, reading));
}

function pairsAsKind(
  kind: ValueKind,
  {
    name,
    style,
    explode = (style ?? 'form') === 'form',
    schema,
  }: Pick<ParameterDescription, 'name' | 'style' | 'explode' | 'schema'>,
  named: readonly Pair[],
  reading: ReadingContext,
): unknown {
  const values = named.filter(([key]) => key === name).map(([, value]) => value);
  const [first] = values;
  if (kind === 'object' && explode) {
    const properties = propertiesOf(schema, reading.resolve);
    const members = named.filter(([key]) => key !== name && Object.hasOwn(properties, key));
    if (members.length > 0) return objectOf(members, formDecode);
  }
  if (first === undefined) return undefined;
  if (kind === 'text') return formDecode(first);
  if (kind === 'list' && explode) return values.map(formDecode);
  const separator = style === 'spaceDelimited' ? /%20|\+/ : style === 'pipeDelimited' ? /%7C|\|/i : ',';
  return ofKind(kind, first === '' ? [] : first.split(separator), formDecode);
}

const contentOf = (media: string, text: string): unknown =>
  mediaKind(media) === 'json' ? (JSON.parse(text) as unknown) : text;

function ofKind(kind: ValueKind, parts: readonly string[], decode: Decode): unknown {
  if (kind === 'text') return decode(parts.join(','));
  if (kind === 'list') return parts.map(decode);
  const pairs = parts.flatMap((part, index): readonly Pair[] =>
    index % 2 === 0 ? [[part, parts[index + 1] ?? '']] : [],
  );
  return objectOf(pairs, decode);
}

/** Not by assignment, so that __proto__ is an ordinary name. */
function objectOf(pairs: readonly Pair[], decode: Decode): unknown {
  const lists = Map.groupBy(pairs, ([name]) => decode(name));
  return Object.fromEntries(
    [...lists].map(([name, all]) => {
      const values = all.map(([, value]) => decode(value));
      return [name, values.length === 1 ? values[0] : values];
    }),
  );
}

/** @throws {URIError} */
export const formDecode: Decode = (text) => decodeURIComponent(text.replaceAll('+', ' '));

function splitOnce(text: string, separator: string): Pair {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)];
}
