import type { JsonSchema, ParameterSpec } from '@frontage/core';
import { isRecord, isSchema, schemaMapIn, typesIn, valuesIn, type SchemaObject } from '../schema/schema-reading.js';
import { compileSplit, type TextKinds } from './read-styles.js';
import { partsOf, type RequestSchemas } from './request-schema.js';

/** A group of parameters as its schema describes it: text becomes the numbers, lists and objects of the contract. */
export type ReadGroup = (sent: unknown) => unknown;

type Members = Readonly<Record<string, unknown>>;
/** Text of a parameter as the value of its schema; what does not fit stays text, and the check names it. */
type ReadText = (text: unknown) => unknown;

const alternatives = ['allOf', 'anyOf', 'oneOf'];

/** The rules by which a group of a request is read. */
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
  const typed = compileText(schema, schemas);
  if (spec.style === 'deepObject') {
    return {
      name: spec.name,
      read: (sent) => {
        const value = own(sent) ?? bracketed(sent, key);
        return value === undefined ? undefined : typed(value);
      },
    };
  }
  if (kind.members.size > 0 && isExploded(spec)) {
    const names = [...kind.members];
    return {
      name: spec.name,
      read: (sent) => {
        const found = names.filter((name) => Object.hasOwn(sent, name)).map((name) => [name, sent[name]]);
        return found.length === 0 ? own(sent) : typed(Object.fromEntries(found));
      },
    };
  }
  const split = compileSplit(spec, kind);
  return {
    name: spec.name,
    read: (sent) => {
      const value = own(sent);
      if (value === undefined) return undefined;
      return typed(split !== undefined && typeof value === 'string' ? split(value) : value);
    },
  };
}

const isExploded = ({ in: place, style, explode }: ParameterSpec): boolean =>
  place === 'query' && (explode ?? (style ?? 'form') === 'form');

interface Kind extends TextKinds {
  readonly members: ReadonlySet<string>;
}

function kindOf(schema: JsonSchema, schemas: RequestSchemas): Kind {
  const parts = partsOf(schema, schemas, alternatives);
  const members = new Set(parts.flatMap((part) => [...schemaMapIn(part, 'properties').keys()]));
  const names = (type: string): boolean => parts.some((part) => typesIn(part)?.includes(type) === true);
  return {
    isList: names('array') || parts.some((part) => 'items' in part),
    isObject: names('object') || members.size > 0,
    members,
  };
}

/** Text, lists and objects of texts as the values of a schema. */
function compileText(schema: JsonSchema, schemas: RequestSchemas): ReadText {
  const parts = partsOf(schema, schemas, alternatives);
  const types = new Set(parts.flatMap((part) => typesIn(part) ?? typesOfValues(valuesIn(part))));
  const scalar: ReadText = (text) => (typeof text === 'string' ? scalarOf(text, types) : text);
  const items = parts.flatMap((part) => (isRecord(part['items']) ? [part['items']] : []));
  const isList = types.has('array') || items.length > 0;
  const item = items.length === 0 ? scalar : atFirstUse(() => compileText({ anyOf: items }, schemas));
  const member = compileMembers(parts, schemas);
  return (value) => {
    if (Array.isArray(value)) return value.map(item);
    if (isRecord(value)) {
      const entries = Object.entries(value);
      // `tags[0]=a&tags[1]=b` within an object.
      const isCounted = entries.length > 0 && entries.every(([name], index) => name === String(index));
      if (isList && isCounted) return entries.map(([, one]) => item(one));
      return Object.fromEntries(entries.map(([name, one]) => [name, member(name)(one)]));
    }
    return isList ? [item(value)] : scalar(value);
  };
}

/** The readers of the members of an object, by name. */
function compileMembers(parts: readonly SchemaObject[], schemas: RequestSchemas): (name: string) => ReadText {
  const declared = Map.groupBy(
    parts.flatMap((part) => [...schemaMapIn(part, 'properties')]),
    ([name]) => name,
  );
  const readers = new Map(
    [...declared].map(([name, all]) => [
      name,
      atFirstUse(() => compileText({ allOf: all.map(([, schema]) => schema) }, schemas)),
    ]),
  );
  const others = parts.flatMap((part) =>
    isSchema(part['additionalProperties']) ? [part['additionalProperties']] : [],
  );
  const other = atFirstUse(() => compileText({ anyOf: others }, schemas));
  return (name) => readers.get(name) ?? other;
}

/** Schemas may be circular: the one of an item or of a member is compiled when a value has one. */
function atFirstUse(make: () => ReadText): ReadText {
  let made: ReadText | undefined;
  return (value) => (made ??= make())(value);
}

const typesOfValues = (values: readonly unknown[] | undefined): readonly string[] =>
  (values ?? []).map((value) => typeof value);

/** Text that is a value of its own stays text, unless a number was meant and it is one: digits beyond a double stay text too. */
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
      ...(isExploded(spec) ? kindOf(schemaOf(spec.name), schemas).members : []),
    ]),
  );
  const deep = parameters.filter(({ style }) => style === 'deepObject').map(({ name }) => `${name}[`);
  return (name) => name !== '__proto__' && !taken.has(name) && !deep.some((start) => name.startsWith(start));
}
