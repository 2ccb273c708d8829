import type { JsonSchema } from '@frontage/core';
import {
  isRecord,
  schemaIn,
  schemaMapIn,
  schemasIn,
  textsIn,
  typesIn,
  type SchemaObject,
} from '../schema/schema-reading.js';
import { partsOf, type RequestSchemas } from './request-schema.js';

/** The members that `pick` keeps, or that `omit` leaves out. */
export interface Narrowing {
  readonly verb: 'pick' | 'omit';
  /** The input in messages: `createOrder.body`. */
  readonly text: string;
  readonly schemas: RequestSchemas;
}

/** The selection of one member: all of it, or paths within it. */
interface Named {
  isWhole: boolean;
  readonly within: string[];
}

/**
 * The schema of some members of an object, by name or by path (`lines.price`). A list on the way is gone through item by item, and null stays
 * possible where it was.
 * @param schemas those of one value: all of them hold
 * @param place the path to the value, in messages
 * @throws {TypeError} for a member that the contract does not declare
 */
export function narrowed(
  schemas: readonly JsonSchema[],
  names: readonly string[],
  how: Narrowing,
  place = '',
): JsonSchema {
  const parts = schemas.flatMap((schema) => partsOf(schema, how.schemas));
  const members = membersOf(parts);
  if (members.size > 0) return ofObject(parts, members, names, how, place);
  const items = parts.flatMap(itemsOf);
  if (items.length > 0 && place !== '') return { ...ofList(parts), items: narrowed(items, names, how, place) };
  const others = parts.flatMap((part) => [...schemasIn(part, 'anyOf'), ...schemasIn(part, 'oneOf')]);
  const present = others.filter((one) => !isNull(one));
  const [only] = present;
  if (only === undefined || present.length > 1 || place === '') return refuseMembers(how, place);
  const inner = narrowed([only], names, how, place);
  return present.length === others.length ? inner : { anyOf: [inner, { type: 'null' }] };
}

/** The members with all that the parts of the schema say of them. */
export function membersOf(parts: readonly SchemaObject[]): ReadonlyMap<string, readonly JsonSchema[]> {
  const found = new Map<string, JsonSchema[]>();
  for (const part of parts)
    for (const [name, schema] of schemaMapIn(part, 'properties')) found.set(name, [...(found.get(name) ?? []), schema]);
  return found;
}

function ofObject(
  parts: readonly SchemaObject[],
  members: ReadonlyMap<string, readonly JsonSchema[]>,
  names: readonly string[],
  how: Narrowing,
  place: string,
): JsonSchema {
  const named = namedOf(names, members, how, place);
  const required = new Set(parts.flatMap((part) => textsIn(part, 'required')));
  const kept = [...members].flatMap(([name, schemas]): readonly (readonly [string, JsonSchema])[] => {
    const one = named.get(name);
    const isKept = how.verb === 'pick' ? one !== undefined : one?.isWhole !== true;
    if (!isKept) return [];
    const [only = true, ...more] = schemas;
    if (one === undefined || one.isWhole) return [[name, more.length === 0 ? only : { allOf: [only, ...more] }]];
    return [[name, narrowed(schemas, one.within, how, below(place, name))]];
  });
  return {
    type: parts.some((part) => typesIn(part)?.includes('null') === true) ? ['object', 'null'] : 'object',
    required: kept.flatMap(([name]) => (required.has(name) ? [name] : [])),
    properties: Object.fromEntries(kept),
  };
}

/** A name that the contract has goes before a path: names of parameters may hold dots. */
function namedOf(
  names: readonly string[],
  members: ReadonlyMap<string, unknown>,
  how: Narrowing,
  place: string,
): ReadonlyMap<string, Named> {
  const found = new Map<string, Named>();
  for (const name of names) {
    const dot = members.has(name) ? -1 : name.indexOf('.');
    const head = dot < 0 ? name : name.slice(0, dot);
    if (!members.has(head))
      throw new TypeError(
        `${how.verb}(...) of ${how.text}: ${place === '' ? 'it' : `'${place}'`} has no member '${head}'; it has ${[...members.keys()].join(', ')}`,
      );
    const one = found.get(head) ?? { isWhole: false, within: [] };
    found.set(head, one);
    if (dot < 0) one.isWhole = true;
    else one.within.push(name.slice(dot + 1));
  }
  return found;
}

/** The rules of a list that hold for the list itself. */
function ofList(parts: readonly SchemaObject[]): SchemaObject {
  const rules = parts.flatMap((part) =>
    Object.entries(part).filter(([keyword]) => keyword === 'minItems' || keyword === 'maxItems'),
  );
  const mayBeNull = parts.some((part) => typesIn(part)?.includes('null') === true);
  return { type: mayBeNull ? ['array', 'null'] : 'array', ...Object.fromEntries(rules) };
}

function itemsOf(part: SchemaObject): readonly JsonSchema[] {
  const items = schemaIn(part, 'items');
  return items === undefined ? [] : [items];
}

const isNull = (schema: JsonSchema): boolean => isRecord(schema) && schema['type'] === 'null';

const below = (place: string, name: string): string => (place === '' ? name : `${place}.${name}`);

function refuseMembers({ verb, text }: Narrowing, place: string): never {
  const what = place === '' ? 'its schema' : `'${place}'`;
  throw new TypeError(
    `${verb}(...) of ${text}: ${what} is no object with members of its own, such as a choice of several`,
  );
}
