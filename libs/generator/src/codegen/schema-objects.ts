import type { JsonSchema } from '@frontage/core';
import { mapSubschemas } from '@frontage/contracts';

export type SchemaObject = { readonly [keyword: string]: unknown };

const guard = 'own:';

/**
 * The emitter looks names up in plain objects and treats some as keywords, so it gets names like `constructor` and `$ref` in a form that
 * has no special meaning. It writes digits as a number, which `pick(thing, '0')` does not accept.
 */
export function guardName(name: string): string {
  return name in Object.prototype || /^[$\d]/.test(name) || name === '' || name.startsWith(guard) ? guard + name : name;
}

/** The name of a member as the contract writes it. */
export function unguardName(name: string): string {
  return name.startsWith(guard) ? name.slice(guard.length) : name;
}

/** The names of a `required`, in the form for the emitter. */
export function namesIn(value: unknown): string[] {
  return textsIn(value).map(guardName);
}

export function textsIn(value: unknown): string[] {
  return listOf(value).filter((name) => typeof name === 'string');
}

export function hasDirection(schema: JsonSchema): boolean {
  if (typeof schema === 'boolean') return false;
  if (schema.readOnly === true || schema.writeOnly === true || isBinary(schema) || isInteger64(schema)) return true;
  if (
    isSchemaObject(schema.properties) &&
    schema.additionalProperties !== undefined &&
    schema.additionalProperties !== false
  )
    return true;
  let found = false;
  mapSubschemas(schema, (inner) => {
    found ||= hasDirection(inner);
    return inner;
  });
  return found;
}

export function isBinary(schema: SchemaObject): boolean {
  if (schema.type === 'string' && schema.format === 'binary') return true;
  return (
    typeof schema.contentMediaType === 'string' &&
    schema.contentEncoding === undefined &&
    (schema.type === undefined || schema.type === 'string')
  );
}

/** An integer that a number cannot hold, in a request: its type takes text and bigints too. */
export function isInteger64(schema: SchemaObject): boolean {
  const types = listOf(schema.type);
  return (
    (schema.format === 'int64' || schema.format === 'uint64') &&
    types.some((type) => type === 'integer' || type === 'number') &&
    !types.includes('string')
  );
}

const markKeywords: ReadonlySet<string> = new Set(['readOnly', 'writeOnly', '$comment']);

/** Says only in which direction a member travels that another part declares. */
export function isMark(schema: SchemaObject): boolean {
  // A member without a type may be readOnly, too; of comments, only those of the reader of contracts are left.
  return Object.hasOwn(schema, '$comment') && Object.keys(schema).every((key) => markKeywords.has(key));
}

export function isPrimitive(value: unknown): value is string | number | boolean | null {
  return value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

export function isSchemaObject(value: unknown): value is SchemaObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'boolean' || isSchemaObject(value);
}

export function listOf(value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

export function saysNothing(schema: SchemaObject): boolean {
  return Object.keys(schema).length === 0;
}

/** `{ type: object }` beside a definite schema would make every member name compile. */
export function isAnyObject(schema: SchemaObject): boolean {
  return (
    Object.keys(schema).every((key) => key === 'type' || (key === 'additionalProperties' && schema[key] === true)) &&
    schema.type === 'object'
  );
}

export function isScalarType(schema: SchemaObject): boolean {
  return Object.keys(schema).length === 1 && schema.type !== undefined;
}
