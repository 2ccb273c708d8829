import type { JsonSchema, ParameterSpec } from '@frontage/core';
import { isRecord, schemaMapIn, typesIn, valuesIn } from '../schema/schema-reading.js';
import { partsOf, type RequestSchemas } from './request-schema.js';

/** A group of parameters as its schema describes it: text becomes the numbers, lists and objects of the contract. */
export type ReadGroup = (sent: unknown) => unknown;

type Members = Readonly<Record<string, unknown>>;
/** Text of a parameter as the value of its schema; what does not fit stays text, and the check names it. */
type ReadText = (text: unknown) => unknown;

const alternatives = ['allOf', 'anyOf', 'oneOf'];

/** What a group of a request is read by. */
export interface GroupParts {
  readonly parameters: readonly ParameterSpec[];
  readonly schemaOf: (name: string) => JsonSchema;
  readonly schemas: RequestSchemas;
  /** The member that gets the parameters without a declaration; absent: they are dropped. */
  readonly rest: string | undefined;
}

/**
 * Compiles the way from the parameters of a request, as Nest has them, to the values of the contract. Styles are those of the contract,
 * so that a client of ours writes them as the client of the upstream does.
 */
export function compileGroup({ parameters, schemaOf, schemas, rest }: GroupParts): ReadGroup {
  const readers = parameters.map((spec) => compileParameter(spec, schemaOf(spec.name), schemas));
  const isRest = compileIsRest(parameters, schemaOf, schemas);
  return (sent) => {
    if (!isRecord(sent)) return sent;
    const read: Record<string, unknown> = {};
    for (const reader of readers) {
      const value = reader.read(sent);
      if (value !== undefined) read[reader.name] = value;
    }
    if (rest !== undefined) read[rest] = Object.fromEntries(Object.entries(sent).filter(([name]) => isRest(name)));
    return read;
  };
}

interface Reader {
  readonly name: string;
  readonly read: (sent: Members) => unknown;
}

function compileParameter(spec: ParameterSpec, schema: JsonSchema, schemas: RequestSchemas): Reader {
  // Node has the names of headers in lower case.
  const key = spec.in === 'header' ? spec.name.toLowerCase() : spec.name;
  const own = (sent: Members): unknown => (Object.hasOwn(sent, key) ? sent[key] : undefined);
  const kind = kindOf(schema, schemas);
  if (spec.content !== undefined) return { name: spec.name, read: (sent) => fromJson(own(sent)) };
  if (spec.style === 'deepObject') return { name: spec.name, read: (sent) => own(sent) ?? bracketed(sent, key) };
  if (kind.members.size > 0 && isExploded(spec)) {
    const members = [...kind.members].map(([name, member]) => ({ name, read: compileText(member, schemas) }));
    return {
      name: spec.name,
      read: (sent) => {
        const found = members.flatMap(({ name, read }) =>
          Object.hasOwn(sent, name) ? [[name, read(sent[name])]] : [],
        );
        return found.length === 0 ? own(sent) : Object.fromEntries(found);
      },
    };
  }
  const text = compileText(schema, schemas);
  const separator = isExploded(spec) ? undefined : (separators.get(spec.style) ?? ',');
  return {
    name: spec.name,
    read: (sent) => {
      const value = own(sent);
      if (kind.isList && separator !== undefined && typeof value === 'string' && value !== '')
        return text(value.split(separator));
      return value === undefined ? undefined : text(value);
    },
  };
}

const separators: ReadonlyMap<string | undefined, string> = new Map([
  ['spaceDelimited', ' '],
  ['pipeDelimited', '|'],
]);

const isExploded = ({ in: place, style, explode }: ParameterSpec): boolean =>
  place === 'query' && (explode ?? (style ?? 'form') === 'form');

interface Kind {
  readonly isList: boolean;
  readonly members: ReadonlyMap<string, JsonSchema>;
}

function kindOf(schema: JsonSchema, schemas: RequestSchemas): Kind {
  const parts = partsOf(schema, schemas, alternatives);
  return {
    isList: parts.some((part) => typesIn(part)?.includes('array') === true || 'items' in part),
    members: new Map(parts.flatMap((part) => [...schemaMapIn(part, 'properties')])),
  };
}

function compileText(schema: JsonSchema, schemas: RequestSchemas): ReadText {
  const parts = partsOf(schema, schemas, alternatives);
  const types = new Set(parts.flatMap((part) => typesIn(part) ?? typesOfValues(valuesIn(part))));
  const items = parts.flatMap((part) => (isRecord(part['items']) ? [part['items']] : []));
  const scalar: ReadText = (text) => (typeof text === 'string' ? scalarOf(text, types) : text);
  if (!types.has('array') && items.length === 0) return scalar;
  const item = items.length === 0 ? scalar : compileText({ anyOf: items }, schemas);
  return (value) => (Array.isArray(value) ? value.map(item) : [item(value)]);
}

const typesOfValues = (values: readonly unknown[] | undefined): readonly string[] =>
  (values ?? []).map((value) => typeof value);

/** Where text is a value of its own, it stays text, unless a number was meant and it is one: digits beyond a double stay text too. */
function scalarOf(text: string, types: ReadonlySet<string>): unknown {
  const isNumeric = types.has('integer') || types.has('number');
  if (isNumeric && /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text)) {
    const number = Number(text);
    if (Number.isInteger(number) ? Number.isSafeInteger(number) : Number.isFinite(number)) return number;
    return text;
  }
  if (types.has('boolean') && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}

function fromJson(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}

/** `filter[state]=open`, `filter[range][from]=1`: members by name, at most so deep and so many. */
function bracketed(sent: Members, key: string): unknown {
  const found: Record<string, unknown> = {};
  let isFound = false;
  for (const [name, value] of Object.entries(sent)) {
    if (!name.startsWith(`${key}[`) || !name.endsWith(']')) continue;
    const path = name.slice(key.length + 1, -1).split('][');
    if (path.length > 8 || path.some((step) => step === '' || step === '__proto__' || /[[\]]/.test(step))) continue;
    isFound = true;
    let holder = found;
    for (const step of path.slice(0, -1)) {
      const next = Object.hasOwn(holder, step) ? holder[step] : undefined;
      const inner: Record<string, unknown> = isRecord(next) ? { ...next } : {};
      holder[step] = inner;
      holder = inner;
    }
    holder[path.at(-1) ?? ''] = value;
  }
  return isFound ? found : undefined;
}

function compileIsRest(
  parameters: readonly ParameterSpec[],
  schemaOf: GroupParts['schemaOf'],
  schemas: RequestSchemas,
): (name: string) => boolean {
  const taken = new Set(
    parameters.flatMap((spec) => [
      spec.name,
      ...(isExploded(spec) ? kindOf(schemaOf(spec.name), schemas).members.keys() : []),
    ]),
  );
  const deep = parameters.filter(({ style }) => style === 'deepObject').map(({ name }) => `${name}[`);
  return (name) => name !== '__proto__' && !taken.has(name) && !deep.some((start) => name.startsWith(start));
}
