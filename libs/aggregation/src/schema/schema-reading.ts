import type { JsonSchema } from '@frontage/core';

/** Reads JSON Schema 2020-12: a keyword that is absent or of another type counts as empty. */
export type SchemaObject = Readonly<Record<string, unknown>>;

export const isRecord = (x: unknown): x is SchemaObject => typeof x === 'object' && x !== null && !Array.isArray(x);
export const isSchema = (x: unknown): x is JsonSchema => typeof x === 'boolean' || isRecord(x);

export function schemasIn(schema: SchemaObject, keyword: string): readonly JsonSchema[] {
  const value = schema[keyword];
  return Array.isArray(value) ? value.filter(isSchema) : [];
}

export function schemaIn(schema: SchemaObject, keyword: string): JsonSchema | undefined {
  const value = schema[keyword];
  return isSchema(value) ? value : undefined;
}

export function schemaMapIn(schema: SchemaObject, keyword: string): ReadonlyMap<string, JsonSchema> {
  const value = schema[keyword];
  const found = new Map<string, JsonSchema>();
  if (isRecord(value)) for (const [key, member] of Object.entries(value)) if (isSchema(member)) found.set(key, member);
  return found;
}

export function textsIn(schema: SchemaObject, keyword: string): readonly string[] {
  const value = schema[keyword];
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

/** The `type` keyword as a list; undefined where the schema does not have it. */
export function typesIn(schema: SchemaObject): readonly string[] | undefined {
  const value = schema['type'];
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : undefined;
}

/** The values that `const` or `enum` allow; undefined where the schema has neither. */
export function valuesIn(schema: SchemaObject): readonly unknown[] | undefined {
  if ('const' in schema) return [schema['const']];
  const values = schema['enum'];
  return Array.isArray(values) ? values : undefined;
}

/** True if the schema allows every value. */
export function isAnything(schema: JsonSchema): boolean {
  if (typeof schema === 'boolean') return schema;
  return ![
    'type',
    'const',
    'enum',
    '$ref',
    'allOf',
    'oneOf',
    'anyOf',
    'properties',
    'items',
    'prefixItems',
    'additionalProperties',
    'patternProperties',
  ].some((keyword) => Object.hasOwn(schema, keyword));
}

/** Decodes one reference token of a JSON Pointer in a URI fragment (RFC 6901 sections 4 and 6). */
export const decodePointerToken = (token: string): string =>
  decodeURIComponent(token).replaceAll('~1', '/').replaceAll('~0', '~');
/** Encodes one reference token. */
export const encodePointerToken = (name: string): string =>
  encodeURIComponent(name.replaceAll('~', '~0').replaceAll('/', '~1'));
