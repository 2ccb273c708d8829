import { isObject, mapMembers, member, type JsonObject } from '../document/json.js';
import { keepOrigin } from '../document/location.js';

/** Parts of an inheritance that allow no other members exclude each other; authors mean the whole. */
export function open(schema: JsonObject): JsonObject {
  if (schema['additionalProperties'] !== false) return schema;
  const { additionalProperties: _, ...rest } = schema;
  return keepOrigin(rest, schema);
}

/** An inline part of `allOf` may hold the discriminator of the whole. */
export function withoutTag(part: unknown): unknown {
  if (!isObject(part) || typeof part['$ref'] === 'string') return part;
  return mapMembers(part, (value, key) => {
    if (key === 'allOf' && Array.isArray(value)) return value.map(withoutTag);
    return key === 'discriminator' ? undefined : value;
  });
}

/** True if a schema says itself that its value may be null. */
export function isNullable(schema: JsonObject): boolean {
  const type = member(schema, 'type');
  return member(schema, 'nullable') === true || (Array.isArray(type) && type.includes('null'));
}
