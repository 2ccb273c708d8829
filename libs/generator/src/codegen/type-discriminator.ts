import type { JsonSchema } from '@frontage/core';
import { referencedName } from '@frontage/contracts';
import { guardName, isSchemaObject, listOf, type SchemaObject } from './schema-objects.js';

type Find = (name: string) => JsonSchema | undefined;

/**
 * The values that the discriminator of each choice may hold, so that a compiler can tell the choices apart. Undefined for a choice whose
 * own schema already fixes the value, or contradicts it.
 */
export function tagsOf(
  schema: SchemaObject,
  choices: readonly JsonSchema[],
  find: Find,
): readonly (SchemaObject | undefined)[] {
  const { discriminator } = schema;
  const tag = isSchemaObject(discriminator) ? discriminator.propertyName : undefined;
  if (typeof tag !== 'string') return [];
  const mapping = isSchemaObject(discriminator) && isSchemaObject(discriminator.mapping) ? discriminator.mapping : {};
  return choices.map((choice) => {
    const name = referencedName(choice);
    if (name === undefined) return undefined;
    // The default of OpenAPI 3.2 is for every other value, and for none.
    if (isDefault(discriminator, name)) return undefined;
    const mapped = Object.keys(mapping).filter((value) => referencedName({ $ref: mapping[value] }) === name);
    // OpenAPI 3.1 section 4.8.25: without a mapping the name of the component is the value.
    const values = mapped.length > 0 ? mapped : [name];
    if (!isText(tag, choice, find, 0)) return undefined;
    const declared = valuesOf(tag, choice, find, 0);
    if (declared?.length === 1 || (declared !== undefined && !values.every((value) => declared.includes(value))))
      return undefined;
    return { type: 'object', properties: { [guardName(tag)]: { enum: values } }, required: [guardName(tag)] };
  });
}

/** Texts are no values of a tag that is a number. */
function isText(tag: string, schema: unknown, find: Find, depth: number): boolean {
  if (!isSchemaObject(schema) || depth > 10) return true;
  const property = isSchemaObject(schema.properties) ? schema.properties[tag] : undefined;
  const resolved = isSchemaObject(property) ? (find(referencedName(property) ?? '') ?? property) : undefined;
  if (isSchemaObject(resolved) && ['integer', 'number', 'boolean'].some((type) => type === resolved.type)) return false;
  const name = referencedName(schema);
  const parts = name === undefined ? listOf(schema.allOf) : [find(name)];
  return parts.every((part) => isText(tag, part, find, depth + 1));
}

function isDefault(discriminator: unknown, name: string): boolean {
  return isSchemaObject(discriminator) && referencedName({ $ref: discriminator.defaultMapping }) === name;
}

/** The values that a schema allows for a member; undefined where it does not list them. */
function valuesOf(tag: string, schema: JsonSchema, find: Find, depth: number): readonly unknown[] | undefined {
  if (typeof schema === 'boolean' || depth > 10) return undefined;
  const name = referencedName(schema);
  const parts = name === undefined ? listOf(schema.allOf) : [find(name)];
  const properties = isSchemaObject(schema.properties) ? schema.properties : {};
  const property = Object.hasOwn(properties, tag) ? properties[tag] : undefined;
  const resolved = isSchemaObject(property) ? (find(referencedName(property) ?? '') ?? property) : undefined;
  const own = isSchemaObject(resolved) ? (resolved.const === undefined ? resolved.enum : [resolved.const]) : undefined;
  if (Array.isArray(own)) return own;
  for (const part of parts) {
    const found = isSchemaObject(part) ? valuesOf(tag, part, find, depth + 1) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}
