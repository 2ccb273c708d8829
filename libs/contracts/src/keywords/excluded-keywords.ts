import { isObject, member, type JsonObject } from '../document/json.js';
import type { Tell } from './agreement.js';

/** Keywords that describe what is inside a value of one type. */
const inside = [
  ['object', ['properties', 'patternProperties', 'additionalProperties']],
  ['array', ['items', 'prefixItems']],
] as const;

/**
 * Members of a text, or items of an object: `type` excludes the values that they would describe. They are left out, in place; a flag or an
 * empty list, which describes nothing, is left alone.
 */
export function withoutExcluded(schema: JsonObject, tell: Tell): void {
  const type = member(schema, 'type');
  const types = Array.isArray(type) ? type : [type];
  if (type === undefined || type === 'null') return;
  for (const [needed, keys] of inside) {
    if (types.includes(needed)) continue;
    for (const key of keys) {
      const value = member(schema, key);
      if (!(Array.isArray(value) || isObject(value)) || Object.keys(value).length === 0) continue;
      tell(
        key,
        `${key} describes ${needed === 'object' ? 'an object' : 'a list'}, and type is ${types.join(' or ')}; it is left out`,
      );
      delete schema[key];
    }
  }
}
