import { mediaKind, type JsonSchema, type OperationInfo } from '@frontage/core';
import type { MediaSpec } from './decode-media.js';

/** Makes the value of one success without content. */
export type MakeEmpty = () => unknown;

/**
 * The value of a success without content, where its contract declares one: the value that says least. `null` where the schema allows it,
 * else an object without members, or a list without items; for text and bytes the empty one.
 * @returns `undefined` where the contract has another value, such as a number
 */
export function emptyValue({ contract }: OperationInfo, specs: readonly MediaSpec[]): MakeEmpty | undefined {
  const [first] = specs;
  switch (first && mediaKind(first.media)) {
    case undefined:
      return () => undefined;
    case 'ndjson':
      return () => [];
    case 'json': {
      const schema = first?.schema === undefined ? undefined : contract.schemas.get(first.schema);
      return emptyJson(schema ?? true, contract.schemas);
    }
    case 'text':
    case 'form':
      return () => '';
    default:
      return () => Buffer.alloc(0);
  }
}

type Schemas = Pick<OperationInfo['contract']['schemas'], 'get'>;

const leastFirst: readonly [type: string, make: MakeEmpty][] = [
  ['null', () => null],
  ['object', () => ({})],
  ['array', () => []],
];

function emptyJson(schema: JsonSchema, schemas: Schemas): MakeEmpty | undefined {
  const types = typesOf(schema, schemas, new Set());
  if (types === 'any') return () => undefined;
  return leastFirst.find(([type]) => types.has(type))?.[1];
}

/** The types that a schema allows, as far as `type`, `enum`, choices and references say so. */
function typesOf(schema: JsonSchema, schemas: Schemas, open: Set<string>): ReadonlySet<string> | 'any' {
  if (typeof schema === 'boolean') return schema ? 'any' : new Set();
  const stated: (ReadonlySet<string> | 'any')[] = [];
  if (typeof schema.$ref === 'string') {
    // A schema inside itself allows nothing that it does not allow anyway.
    if (open.has(schema.$ref)) return new Set();
    const name = schema.$ref.replace('#/components/schemas/', '');
    stated.push(typesOf(schemas.get(name) ?? true, schemas, new Set([...open, schema.$ref])));
  }
  if (typeof schema.type === 'string') stated.push(new Set([schema.type]));
  else if (Array.isArray(schema.type)) stated.push(new Set(schema.type.map(String)));
  else if (isRecord(schema.properties)) stated.push(new Set(['object']));
  if (Array.isArray(schema.enum)) stated.push(new Set(schema.enum.map(typeOf)));
  if ('const' in schema) stated.push(new Set([typeOf(schema.const)]));
  for (const each of listOf(schema.allOf)) stated.push(typesOf(each, schemas, open));
  for (const choices of [listOf(schema.anyOf), listOf(schema.oneOf)]) {
    const all = choices.map((choice) => typesOf(choice, schemas, open));
    if (all.length > 0) stated.push(unionOf(all));
  }
  return stated.reduce(bothOf, 'any');
}

function unionOf(all: readonly (ReadonlySet<string> | 'any')[]): ReadonlySet<string> | 'any' {
  const known = all.filter((each) => each !== 'any');
  return known.length < all.length ? 'any' : new Set(known.flatMap((each) => [...each]));
}

function bothOf(one: ReadonlySet<string> | 'any', other: ReadonlySet<string> | 'any'): ReadonlySet<string> | 'any' {
  if (one === 'any') return other;
  return other === 'any' ? one : one.intersection(other);
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isSchema = (value: unknown): value is JsonSchema => typeof value === 'boolean' || isRecord(value);

const listOf = (value: unknown): readonly JsonSchema[] => (Array.isArray(value) ? value.filter(isSchema) : []);
