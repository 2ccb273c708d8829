import type { JsonSchema } from '@frontage/core';
import { isObject, mapMembers, member, memberObject, type JsonObject } from '../document/json.js';
import { keepOrigin } from '../document/location.js';
import { unsafePattern } from '../patterns/pattern-safety.js';
import { memberKind } from '../document/node-kinds.js';

export interface DialectHooks {
  /** The reference to write instead of this one. */
  reference(reference: string, holder: JsonObject): string;
  /** The same for a value of a discriminator's mapping; undefined, with a warning, for a value that leads nowhere. */
  mapping(reference: string, holder: JsonObject): string | undefined;
  warn(rule: string, message: string, node: JsonObject): void;
}

/** Keywords without a meaning for instances, or without one in JSON Schema 2020-12. */
const dropped: ReadonlySet<string> = new Set([
  'xml',
  'externalDocs',
  'nullable',
  'example',
  '$schema',
  '$id',
  '$comment',
  'definitions',
]);

/**
 * A schema of any OpenAPI version as JSON Schema 2020-12: `nullable` becomes a type or a choice, boolean exclusive limits become
 * numbers, lists under `items` become `prefixItems`, an `example` one of the `examples`. Extensions (`x-...`) are left out.
 */
export function toJsonSchema(schema: unknown, hooks: DialectHooks): JsonSchema {
  if (typeof schema === 'boolean') return schema;
  if (!isObject(schema)) return true;
  const reference = member(schema, '$ref');
  if (typeof reference === 'string') return nullableOr(referenceSchema(schema, reference, hooks), schema);

  const result: JsonObject = {};
  for (const key of Object.keys(schema)) {
    if (dropped.has(key) || key.startsWith('x-')) continue;
    const value = convertKeyword(key, schema[key], schema, hooks);
    if (value !== undefined) result[key] = value;
  }
  limit(schema, result, 'exclusiveMinimum', 'minimum');
  limit(schema, result, 'exclusiveMaximum', 'maximum');
  const items = member(schema, 'items');
  if (Array.isArray(items)) {
    delete result.items;
    result.prefixItems = items.map((item) => toJsonSchema(item, hooks));
  }
  const example = member(schema, 'example');
  if (example !== undefined && result.examples === undefined) result.examples = [example];
  return nullableOr(keepOrigin(result, schema), schema);
}

function convertKeyword(key: string, value: unknown, schema: JsonObject, hooks: DialectHooks): unknown {
  if (key === 'pattern') {
    const reason = typeof value === 'string' ? unsafePattern(value) : 'the pattern is not text';
    if (reason === undefined) return value;
    hooks.warn('pattern', `${reason}; it is not checked`, schema);
    return undefined;
  }
  if (key === 'patternProperties' && isObject(value)) {
    return mapMembers(value, (inner, pattern) => {
      const reason = unsafePattern(pattern);
      if (reason === undefined) return toJsonSchema(inner, hooks);
      hooks.warn('pattern', `${reason}; it is not checked`, schema);
      return undefined;
    });
  }
  // Boolean in 3.0: turned into numbers afterwards.
  if ((key === 'exclusiveMinimum' || key === 'exclusiveMaximum') && typeof value === 'boolean') return undefined;
  // Only a list of names on the object has a meaning; a boolean here comes from older drafts.
  if (key === 'required' && !Array.isArray(value)) return undefined;
  if (key === 'required' && Array.isArray(value)) return value.filter((name) => typeof name === 'string');
  if (key === 'type') return knownTypes(value, schema, hooks);
  if (key === 'enum' || key === 'examples') return Array.isArray(value) ? value : undefined;
  if (key === 'discriminator') return discriminator(value, schema, hooks);
  switch (memberKind('schema', key)) {
    case 'schema':
      return typeof value === 'boolean' || isObject(value) ? toJsonSchema(value, hooks) : undefined;
    case 'schemas':
      return isObject(value) ? mapMembers(value, (inner) => toJsonSchema(inner, hooks)) : undefined;
    case 'schema-or-schemas':
      if (Array.isArray(value))
        return value.length === 0 ? undefined : value.map((inner) => toJsonSchema(inner, hooks));
      return isObject(value) || typeof value === 'boolean' ? toJsonSchema(value, hooks) : undefined;
    default:
      return value;
  }
}

const types: ReadonlySet<unknown> = new Set(['string', 'number', 'integer', 'boolean', 'object', 'array', 'null']);

function knownTypes(value: unknown, schema: JsonObject, hooks: DialectHooks): unknown {
  const listed = (Array.isArray(value) ? value : [value]).filter((type) => types.has(type));
  if (listed.length === 0) {
    hooks.warn('type', `there is no type ${JSON.stringify(value)}; anything is taken`, schema);
    return undefined;
  }
  return listed.length === 1 ? listed[0] : listed;
}

function limit(schema: JsonObject, result: JsonObject, exclusive: string, inclusive: string): void {
  if (member(schema, exclusive) !== true || typeof result[inclusive] !== 'number') return;
  result[exclusive] = result[inclusive];
  delete result[inclusive];
}

/** OpenAPI 3.0 ignores keywords beside a reference, later versions do not; authors mean them in both cases. */
function referenceSchema(schema: JsonObject, reference: string, hooks: DialectHooks): JsonSchema {
  const { $ref: _, nullable: __, ...siblings } = schema;
  const beside = toJsonSchema(keepOrigin(siblings, schema), hooks);
  return keepOrigin({ $ref: hooks.reference(reference, schema), ...(isObject(beside) ? beside : {}) }, schema);
}

function nullableOr(schema: JsonSchema, source: JsonObject): JsonSchema {
  if (member(source, 'nullable') !== true || typeof schema === 'boolean') return schema;
  const { type } = schema;
  const isPlain = !(
    '$ref' in schema ||
    'allOf' in schema ||
    'anyOf' in schema ||
    'oneOf' in schema ||
    'const' in schema
  );
  if (isPlain && (typeof type === 'string' || Array.isArray(type))) {
    const listed = Array.isArray(type) ? type : [type];
    const choices: unknown = schema.enum;
    return keepOrigin(
      {
        ...schema,
        type: listed.includes('null') ? listed : [...listed, 'null'],
        ...(Array.isArray(choices) && !choices.includes(null) ? { enum: [...choices, null] } : {}),
      },
      source,
    );
  }
  // Without a type, 3.0.3 says that `nullable` adds nothing: everything is allowed already.
  if (isPlain && !('enum' in schema)) return schema;
  return keepOrigin({ anyOf: [schema, { type: 'null' }] }, source);
}

function discriminator(value: unknown, schema: JsonObject, hooks: DialectHooks): unknown {
  if (!isObject(value) || typeof value.propertyName !== 'string') return undefined;
  const mapping = memberObject(value, 'mapping');
  if (mapping === undefined) return { propertyName: value.propertyName };
  return {
    propertyName: value.propertyName,
    // A mapping names a component or refers to one.
    mapping: mapMembers(mapping, (target) => {
      if (typeof target !== 'string') return undefined;
      return hooks.mapping(/^[A-Za-z0-9._-]+$/.test(target) ? `#/components/schemas/${target}` : target, schema);
    }),
  };
}
