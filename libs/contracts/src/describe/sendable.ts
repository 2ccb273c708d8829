import type { JsonSchema, ParameterSpec } from '@frontage/core';
import type { DocumentSource } from '../schema/document-source.js';
import { isObject, type JsonObject } from '../document/json.js';
import { ContractFault } from '../schema/schema-registry.js';
import { referencedName } from '../schema/schema-references.js';
import { locationOf } from '../document/location.js';

/**
 * An object without members in a path is a text: generators write classes so that have a text form of their own. Else the schema of a
 * parameter without members that its style has no way to write: an object or a list within an object or a list. An exploded
 * `form` in a query, `deepObject` and `content` have one. Undefined, with a warning, where nothing of an optional parameter can be sent.
 * @throws {ContractFault} where a required parameter cannot be sent
 */
export function sendable(
  schema: JsonSchema,
  spec: ParameterSpec,
  node: JsonObject,
  source: DocumentSource,
): JsonSchema | undefined {
  if (spec.content !== undefined || spec.style === 'deepObject' || isExplodedForm(spec)) return schema;
  const style = spec.style ?? (spec.in === 'query' || spec.in === 'cookie' ? 'form' : 'simple');
  const way = `a parameter in ${spec.in} of style ${style} cannot carry`;
  const whole = resolved(schema, source);
  if (!isObject(whole)) return schema;
  if (spec.in === 'path' && isMemberless(whole)) {
    const what = `the parameter ${spec.name} is an object without members, of which a path carries nothing`;
    source.warn('parameter-style', `${what}; it is taken as text`, node);
    const { description, deprecated } = whole;
    return {
      type: 'string',
      ...(description !== undefined && { description }),
      ...(deprecated === true && { deprecated }),
    };
  }
  if (isNested(whole.items, source)) {
    const reason = `${spec.name} is a list of objects or lists, which ${way}`;
    if (spec.required === true) throw new ContractFault(reason, locationOf(node));
    source.warn('parameter-style', `${reason}; the parameter is left out`, node);
    return undefined;
  }
  if (!isObject(whole.properties)) return schema;
  const members = Object.entries(whole.properties);
  const nested = new Set(members.flatMap(([name, member]) => (isNested(member, source) ? [name] : [])));
  if (nested.size === 0) return schema;
  const required = Array.isArray(whole.required) ? whole.required : [];
  const needed = [...nested].find((name) => required.includes(name));
  const named = [...nested].join(', ');
  const reason = `${spec.name} has members (${named}) that are objects or lists, which ${way}`;
  if (needed !== undefined && spec.required === true) throw new ContractFault(reason, locationOf(node));
  if (needed !== undefined) {
    source.warn('parameter-style', `${reason}; the parameter is left out`, node);
    return undefined;
  }
  source.warn('parameter-style', `${reason}; they are left out`, node);
  return { ...whole, properties: Object.fromEntries(members.filter(([name]) => !nested.has(name))) };
}

/** True if nothing is said about the members of an object. */
const isMemberless = (schema: JsonObject): boolean =>
  [schema.type]
    .flat()
    .filter((type) => type !== 'null')
    .join() === 'object' &&
  (!isObject(schema.properties) || Object.keys(schema.properties).length === 0) &&
  ['additionalProperties', 'patternProperties', 'allOf', 'anyOf', 'oneOf'].every(
    (key) => schema[key] === undefined || schema[key] === false,
  );

/** Delimiters have no meaning where each item is a parameter of its own. */
const isExplodedForm = ({ in: place, style = 'form', explode = style === 'form' }: ParameterSpec): boolean =>
  place === 'query' && explode;

/** True if every value of a schema that says its type is an object or a list. */
function isNested(schema: unknown, source: DocumentSource): boolean {
  if (!isObject(schema)) return false;
  const whole = resolved(schema, source);
  if (!isObject(whole)) return false;
  const types = [whole.type].flat().filter((type) => type !== 'null');
  if (types.some((type) => type !== undefined)) return types.every((type) => type === 'object' || type === 'array');
  return isObject(whole.properties) || isObject(whole.items);
}

/** The schema behind references that say nothing else. */
export function resolved(schema: JsonSchema, source: DocumentSource): JsonSchema {
  let found = schema;
  for (let hops = 0; hops < 20; hops++) {
    const name = referencedName(found);
    if (name === undefined) return found;
    found = source.component(name) ?? true;
  }
  return true;
}
