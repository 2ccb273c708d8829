import type { JsonSchema } from '@frontage/core';
import { mapSubschemas, referencedName } from '@frontage/contracts';
import { isSchemaObject, listOf, textsIn, type SchemaObject } from './schema-objects.js';

/**
 * `required` of an `allOf` may name members that another part declares. Inline parts get it themselves; for parts behind a reference the
 * emitter writes `WithRequired`, which works for plain objects only. In all other cases the member stays optional.
 */
export function settleRequired(schemas: ReadonlyMap<string, JsonSchema>): ReadonlyMap<string, JsonSchema> {
  const settle = (schema: JsonSchema): JsonSchema => {
    if (typeof schema === 'boolean') return schema;
    const inner = mapSubschemas(schema, settle);
    if (inner.allOf === undefined) return inner;
    const wanted = new Set(textsIn(inner.required));
    const { required: _, ...rest } = inner;
    if (wanted.size === 0) return rest;
    const parts = listOf(inner.allOf).filter(isSchemaObject);
    const referred = parts.map((part) => targetOf(part, schemas)).filter((target) => target !== undefined);
    const plain = new Set(referred.filter(isPlainObject).flatMap(memberNames));
    const others = new Set(referred.filter((part) => !isPlainObject(part)).flatMap(memberNames));
    const required = [...wanted].filter((name) => plain.has(name) && !others.has(name));
    const allOf = parts.map((part) => withRequired(part, wanted));
    return { ...rest, allOf, ...(required.length === 0 ? {} : { required }) };
  };
  return new Map([...schemas].map(([key, schema]) => [key, settle(schema)]));
}

function withRequired(part: SchemaObject, wanted: ReadonlySet<string>): SchemaObject {
  if (!isPlainObject(part)) return part;
  const own = memberNames(part).filter((name) => wanted.has(name));
  return own.length === 0 ? part : { ...part, required: [...new Set([...textsIn(part.required), ...own])] };
}

function targetOf(part: SchemaObject, schemas: ReadonlyMap<string, JsonSchema>): SchemaObject | undefined {
  let found: SchemaObject = part;
  for (let hops = 0; hops < 20; hops++) {
    const name = referencedName(found);
    if (name === undefined) return found === part ? undefined : found;
    const target = schemas.get(name);
    if (!isSchemaObject(target)) return undefined;
    found = target;
  }
  return undefined;
}

function isPlainObject(part: SchemaObject): boolean {
  return part.type === undefined || part.type === 'object';
}

function memberNames(part: SchemaObject): string[] {
  return isSchemaObject(part.properties) ? Object.keys(part.properties) : [];
}
