import type { OperationDescription, ParameterDescription } from '@frontage/contracts';
import type { IncomingHttpHeaders } from 'node:http';
import { flatten, typesOf, type Resolve } from './schema-view.js';

export interface ParameterGroups {
  readonly path: Record<string, unknown>;
  readonly query: Record<string, unknown>;
  readonly header: Record<string, unknown>;
  readonly cookie: Record<string, unknown>;
}

/** What a request carries, as it came. */
export interface RawParameters {
  readonly segments: ReadonlyMap<string, string>;
  /** Without the question mark. */
  readonly query: string;
  readonly headers: IncomingHttpHeaders;
}

/**
 * Takes parameters apart by the style that their contract states (OpenAPI 3.1, style values); what is left are texts, lists of texts and
 * objects of texts.
 * @throws {URIError | SyntaxError} where the request is not encoded properly
 */
export function decodeParameters(
  operation: OperationDescription,
  raw: RawParameters,
  resolve: Resolve,
): ParameterGroups {
  const groups: ParameterGroups = { path: {}, query: {}, header: {}, cookie: {} };
  const pairs = raw.query
    .split('&')
    .filter(Boolean)
    .map((pair) => splitOnce(pair, '='));
  for (const parameter of operation.parameters) {
    const shape = shapeOf(parameter, resolve);
    const value =
      parameter.in === 'query'
        ? fromQuery(parameter, shape, pairs)
        : fromText(parameter, shape, textOf(parameter, raw));
    const name = parameter.in === 'header' ? parameter.name.toLowerCase() : parameter.name;
    if (value !== undefined) groups[parameter.in][name] = value;
  }
  return groups;
}

type Pair = readonly [name: string, value: string];
type Shape = { readonly kind: 'text' | 'list' } | { readonly kind: 'object'; readonly properties: readonly string[] };

function shapeOf(parameter: ParameterDescription, resolve: Resolve): Shape {
  const flat = flatten(parameter.schema, resolve);
  const types = typesOf(flat);
  if (types.includes('array')) return { kind: 'list' };
  if (!types.includes('object')) return { kind: 'text' };
  const properties = flat['properties'];
  return {
    kind: 'object',
    properties: typeof properties === 'object' && properties !== null ? Object.keys(properties) : [],
  };
}

function textOf(parameter: ParameterDescription, raw: RawParameters): string | undefined {
  if (parameter.in === 'path') return raw.segments.get(parameter.name);
  if (parameter.in === 'header') return raw.headers[parameter.name.toLowerCase()]?.toString();
  const cookies = (raw.headers.cookie ?? '').split(/;\s*/).map((pair) => splitOnce(pair, '='));
  return cookies.find(([name]) => name === parameter.name)?.[1];
}

function fromText(parameter: ParameterDescription, shape: Shape, text: string | undefined): unknown {
  if (text === undefined) return undefined;
  const decode = parameter.in === 'header' ? (value: string) => value : decodeURIComponent;
  if (parameter.content !== undefined) return JSON.parse(decode(text));
  const { style, explode = false, name } = parameter;
  if (style === 'matrix') {
    const parts = text.split(';').slice(1);
    if (!explode || shape.kind === 'text') return ofKind(shape, splitOnce(text.slice(1), '=')[1].split(','), decode);
    if (shape.kind === 'object')
      return objectOf(
        parts.map((part) => splitOnce(part, '=')),
        decode,
      );
    return parts.map((part) => splitOnce(part, '=')).flatMap(([key, value]) => (key === name ? decode(value) : []));
  }
  const bare = style === 'label' ? text.slice(1) : text;
  if (shape.kind === 'text') return decode(bare);
  const parts = bare
    .split(style === 'label' && explode ? '.' : ',')
    .map((part) => (parameter.in === 'header' ? part.trim() : part));
  return shape.kind === 'object' && explode
    ? objectOf(
        parts.map((part) => splitOnce(part, '=')),
        decode,
      )
    : ofKind(shape, parts, decode);
}

function fromQuery(parameter: ParameterDescription, shape: Shape, pairs: readonly Pair[]): unknown {
  const { name, style, explode = (style ?? 'form') === 'form' } = parameter;
  const named = pairs.map(([key, value]): Pair => [formDecode(key), value]);
  if (style === 'deepObject') {
    const members = named.flatMap(([key, value]): readonly Pair[] =>
      key.startsWith(`${name}[`) && key.endsWith(']') ? [[key.slice(name.length + 1, -1), value]] : [],
    );
    return members.length === 0 ? undefined : objectOf(members, formDecode);
  }
  if (shape.kind === 'object' && explode && parameter.content === undefined) {
    const members = named.filter(([key]) => shape.properties.includes(key));
    return members.length === 0 ? undefined : objectOf(members, formDecode);
  }
  const values = named.filter(([key]) => key === name).map(([, value]) => value);
  const [first] = values;
  if (first === undefined) return undefined;
  if (parameter.content !== undefined) return JSON.parse(formDecode(first));
  if (shape.kind === 'text') return formDecode(first);
  if (shape.kind === 'list' && explode) return values.map(formDecode);
  const separator = style === 'spaceDelimited' ? /%20|\+/ : style === 'pipeDelimited' ? /%7C|\|/i : ',';
  return ofKind(shape, first === '' ? [] : first.split(separator), formDecode);
}

function ofKind(shape: Shape, parts: readonly string[], decode: (text: string) => string): unknown {
  if (shape.kind === 'text') return decode(parts.join(','));
  if (shape.kind === 'list') return parts.map(decode);
  const pairs = parts.flatMap((part, index): readonly Pair[] =>
    index % 2 === 0 ? [[part, parts[index + 1] ?? '']] : [],
  );
  return objectOf(pairs, decode);
}

/** Not by assignment: a member named __proto__ is one like any other. */
function objectOf(pairs: readonly Pair[], decode: (text: string) => string): unknown {
  const lists = Map.groupBy(pairs, ([name]) => decode(name));
  return Object.fromEntries(
    [...lists].map(([name, all]) => {
      const values = all.map(([, value]) => decode(value));
      return [name, values.length === 1 ? values[0] : values];
    }),
  );
}

const formDecode = (text: string): string => decodeURIComponent(text.replaceAll('+', ' '));

function splitOnce(text: string, separator: string): Pair {
  const at = text.indexOf(separator);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)];
}
