import { isObject, mapMembers, member, memberArray, memberObject, type JsonObject } from '../document/json.js';
import { mapSchemas } from '../document/map-schemas.js';
import { truthIn } from './written-scalars.js';

type Warn = (rule: string, message: string, node: JsonObject, key: string) => void;

/**
 * A document in which members that say `required: true` themselves, as Swagger 1 had it, stand in the list of the object that has them.
 * @returns the document itself where no member does; nodes without such members stay the same objects
 */
export const withRequiredMembers = (document: JsonObject, warn: Warn): JsonObject =>
  mapSchemas(document, (schema) => listed(schema, warn));

/** A schema with the required members in its own list. */
function listed(schema: JsonObject, warn: Warn): JsonObject {
  const properties = memberObject(schema, 'properties');
  const names = Object.keys(properties ?? {}).filter((name) => isRequiredItself(member(properties, name)));
  if (properties === undefined || names.length === 0) return schema;
  const members = mapMembers(properties, (value, name) => {
    if (!names.includes(name) || !isObject(value)) return value;
    warn(
      'keyword',
      `required is true at the member ${name}; the object that has the member requires it`,
      value,
      'required',
    );
    return mapMembers(value, (each, key) => (key === 'required' ? undefined : each));
  });
  return { ...schema, properties: members, required: [...new Set([...memberArray(schema, 'required'), ...names])] };
}

function isRequiredItself(schema: unknown): boolean {
  const required = member(schema, 'required');
  return required === true || (typeof required === 'string' && truthIn(required) === true);
}
