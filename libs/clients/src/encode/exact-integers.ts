import type { IntegerFormat, JsonSchema, ParameterSpec, SchemaTable } from '@frontage/core';
import type { EncodeValue } from './encode-style.js';
import { EncodeError, integerOf } from './encode-value.js';

/** Integers of 64 bits are written digit by digit. */
export function exactParameter({ integer64 }: ParameterSpec, encode: EncodeValue): EncodeValue {
  if (integer64 === undefined) return encode;
  return (value) => {
    if (!Array.isArray(value)) return encode(typeof value === 'object' ? value : integerOf(value, integer64));
    return encode(
      value.map((item: unknown) => (item === undefined || item === null ? item : integerOf(item, integer64))),
    );
  };
}

/** A body in which each integer of 64 bits is a bigint, so that JSON has its digits. @throws EncodeError naming the member */
export type ExactIntegers = (body: unknown) => unknown;

type SchemaObject = { readonly [keyword: string]: unknown };

/** The way through one value of a body. It is made when a value first needs it: a schema may contain itself. */
interface Walk {
  (value: unknown, path: string): unknown;
}

/**
 * Compiles the places of a body in which the contract has integers of 64 bits; `undefined` where it has none. There a caller may give text or
 * a bigint, and a number only as far as it holds every digit.
 */
export function compileExactIntegers(name: string | undefined, schemas: SchemaTable): ExactIntegers | undefined {
  if (name === undefined || !holdsIntegers(name, schemas)) return undefined;
  const walk = new Walks(schemas).of([{ $ref: prefix + name }]);
  return (body) => walk(body, '');
}

const prefix = '#/components/schemas/';

/** True if a schema of 64-bit integers can be reached from a component. */
function holdsIntegers(name: string, schemas: SchemaTable): boolean {
  const pending = [name];
  const seen = new Set(pending);
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const text = JSON.stringify(schemas.get(next) ?? true);
    if (/"format":"u?int64"/.test(text)) return true;
    for (const [, target] of text.matchAll(/"\$ref":"#\/components\/schemas\/([^"/]+)"/g)) {
      if (target === undefined || seen.has(target)) continue;
      seen.add(target);
      pending.push(target);
    }
  }
  return false;
}

class Walks {
  readonly #schemas: SchemaTable;
  /** By the text of the schemas of one value. */
  readonly #known = new Map<string, Walk>();

  constructor(schemas: SchemaTable) {
    this.#schemas = schemas;
  }

  of(schemas: readonly unknown[]): Walk {
    const text = JSON.stringify(schemas);
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    let made: Walk | undefined;
    const walk: Walk = (value, path) => (made ??= this.#compile(schemas))(value, path);
    this.#known.set(text, walk);
    return walk;
  }

  #compile(schemas: readonly unknown[]): Walk {
    const plain = schemas.flatMap((schema) => this.#plain(schema, new Set()));
    const format = formatOf(plain);
    const members = new Map<string, unknown[]>();
    const items: unknown[] = [];
    const others: unknown[] = [];
    for (const { properties, items: each, prefixItems, additionalProperties } of plain) {
      for (const [name, schema] of Object.entries(isObject(properties) ? properties : {})) {
        const listed = members.get(name);
        if (listed === undefined) members.set(name, [schema]);
        else listed.push(schema);
      }
      if (isObject(each)) items.push(each);
      if (Array.isArray(prefixItems)) items.push(...prefixItems);
      if (isObject(additionalProperties)) others.push(additionalProperties);
    }
    const byName = new Map([...members].map(([name, list]) => [name, this.of(list)]));
    const ofItem = items.length === 0 ? undefined : this.of(items);
    const ofOther = others.length === 0 ? undefined : this.of(others);
    return (value, path) => {
      if (value === null || value === undefined) return value;
      if (typeof value !== 'object') return format === undefined ? value : exact(value, format, path);
      if (Array.isArray(value)) {
        return ofItem === undefined ? value : value.map((item: unknown, index) => ofItem(item, `${path}/${index}`));
      }
      if (!isPlain(value) || (byName.size === 0 && ofOther === undefined)) return value;
      return Object.fromEntries(
        Object.entries(value).map(([name, member]) => {
          const walk = byName.get(name) ?? ofOther;
          return [name, walk === undefined ? member : walk(member, `${path}/${name}`)];
        }),
      );
    };
  }

  /** A schema, the one that it refers to, and the parts and alternatives of both. */
  #plain(schema: unknown, seen: Set<unknown>): SchemaObject[] {
    if (!isObject(schema) || seen.has(schema)) return [];
    seen.add(schema);
    const { $ref: reference, allOf, anyOf, oneOf } = schema;
    const target: JsonSchema | undefined =
      typeof reference === 'string' && reference.startsWith(prefix)
        ? this.#schemas.get(reference.slice(prefix.length))
        : undefined;
    const inner = [allOf, anyOf, oneOf].flatMap((parts): unknown[] => (Array.isArray(parts) ? parts : []));
    return [schema, ...[target, ...inner].flatMap((part) => this.#plain(part, seen))];
  }
}

/** Text that is a value of its own stays text. */
function formatOf(schemas: readonly SchemaObject[]): IntegerFormat | undefined {
  const types = schemas.flatMap(({ type }) => (Array.isArray(type) ? type : [type]));
  if (types.includes('string')) return undefined;
  const formats = new Set(schemas.map(({ format }) => format));
  return formats.has('int64') ? 'int64' : formats.has('uint64') ? 'uint64' : undefined;
}

function exact(value: unknown, format: IntegerFormat, path: string): unknown {
  // Most integers are small.
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  // Not a type of this place at all: the upstream says so.
  if (typeof value === 'boolean') return value;
  try {
    return integerOf(value, format);
  } catch (error) {
    if (error instanceof EncodeError) throw new EncodeError(`member ${path} of the body ${error.message}`);
    throw error;
  }
}

const isObject = (value: unknown): value is SchemaObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
