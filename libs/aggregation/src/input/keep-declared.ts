import type { JsonSchema } from '@frontage/core';
import { isRecord, schemaMapIn, schemasIn, type SchemaObject } from '../schema/schema-reading.js';
import { partsOf, type RequestSchemas } from './request-schema.js';

/** Copies a checked value without the members that its schema does not declare (RELIABILITY A10). */
export type KeepDeclared = (value: unknown) => unknown;

const alternatives = ['allOf', 'anyOf', 'oneOf', 'then', 'else'];

/** Compiles the copies of the values of one contract. */
export class DeclaredMembers {
  readonly #schemas: RequestSchemas;
  /** By the text of the schemas of one value: recursion ends where a text comes back. */
  readonly #known = new Map<string, KeepDeclared>();

  constructor(schemas: RequestSchemas) {
    this.#schemas = schemas;
  }

  of(schemas: readonly JsonSchema[]): KeepDeclared {
    const text = JSON.stringify(schemas);
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    let made: KeepDeclared | undefined;
    const keep: KeepDeclared = (value) => (made ??= this.#compile(schemas))(value);
    this.#known.set(text, keep);
    return keep;
  }

  #compile(schemas: readonly JsonSchema[]): KeepDeclared {
    const parts = schemas.flatMap((schema) => partsOf(schema, this.#schemas, alternatives));
    const members = new Map<string, JsonSchema[]>();
    for (const part of parts) {
      for (const [name, schema] of schemaMapIn(part, 'properties')) {
        const list = members.get(name);
        if (list === undefined) members.set(name, [schema]);
        else list.push(schema);
      }
    }
    const byName = new Map([...members].map(([name, list]) => [name, this.of(list)]));
    const patterns = parts.flatMap((part) => [...schemaMapIn(part, 'patternProperties')]);
    const byPattern = patterns.map(([pattern, schema]) => ({
      pattern: new RegExp(pattern, 'u'),
      keep: this.of([schema]),
    }));
    const others = parts.flatMap(({ additionalProperties: rest }) => (isRecord(rest) || rest === true ? [rest] : []));
    const isFree =
      byName.size === 0 && byPattern.length === 0 && parts.every((part) => !('additionalProperties' in part));
    const ofOther = others.length > 0 ? this.of(others) : isFree ? (value: unknown) => value : undefined;
    const items = parts.flatMap(itemsOf);
    const ofItem = items.length === 0 ? undefined : this.of(items);
    return (value) => {
      if (Array.isArray(value)) return ofItem === undefined ? value : value.map(ofItem);
      if (!isRecord(value)) return value;
      const kept = Object.entries(value).flatMap(([name, member]): (readonly [string, unknown])[] => {
        const keep = byName.get(name) ?? byPattern.find(({ pattern }) => pattern.test(name))?.keep ?? ofOther;
        return keep === undefined ? [] : [[name, keep(member)]];
      });
      return Object.fromEntries(kept);
    };
  }
}

const itemsOf = (part: SchemaObject): readonly JsonSchema[] => [
  ...(isRecord(part['items']) ? [part['items']] : []),
  ...schemasIn(part, 'prefixItems'),
];
