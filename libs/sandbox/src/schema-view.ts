import type { JsonSchema } from '@frontage/core';
import { isRecord } from './behaviour.js';

/** Finds what `$ref` names; undefined where nothing has this name. */
export type Resolve = (reference: string) => JsonSchema | undefined;

export type SchemaObject = Readonly<Record<string, unknown>>;

/** Follows references and merges `allOf`, so that what is left says everything in one place. */
export function flatten(schema: JsonSchema, resolve: Resolve, hops = 0): SchemaObject {
  if (typeof schema === 'boolean' || hops > 50) return {};
  const { $ref: reference, allOf, ...own } = schema;
  const parts: JsonSchema[] = [];
  if (typeof reference === 'string') parts.push(resolve(reference) ?? {});
  if (Array.isArray(allOf)) parts.push(...allOf.filter(isSchema));
  return parts.reduce<SchemaObject>((merged, part) => merge(merged, flatten(part, resolve, hops + 1)), own);
}

export const isSchema = (value: unknown): value is JsonSchema => typeof value === 'boolean' || isRecord(value);

/** What types a schema allows; guessed from its other keywords where it does not say. Empty: any. */
export function typesOf(flat: SchemaObject): readonly string[] {
  const type = flat['type'];
  if (typeof type === 'string') return [type];
  if (Array.isArray(type)) return type.map(String);
  // Without a type the other keywords tell.
  if ('properties' in flat || 'required' in flat || 'additionalProperties' in flat) return ['object'];
  if ('items' in flat || 'prefixItems' in flat) return ['array'];
  if ('pattern' in flat || 'format' in flat || 'minLength' in flat) return ['string'];
  return 'minimum' in flat || 'maximum' in flat || 'multipleOf' in flat ? ['number'] : [];
}

export function choicesOf(flat: SchemaObject): readonly JsonSchema[] | undefined {
  for (const keyword of ['oneOf', 'anyOf']) {
    const list = flat[keyword];
    if (Array.isArray(list) && list.length > 0) return list.filter(isSchema);
  }
  return undefined;
}

/** Both schemas at once; where both say something of one keyword, `one` goes first. */
export function merge(one: SchemaObject, other: SchemaObject): SchemaObject {
  const merged: Record<string, unknown> = { ...other, ...one };
  if (isRecord(one['properties']) && isRecord(other['properties'])) {
    merged['properties'] = { ...other['properties'], ...one['properties'] };
  }
  if (Array.isArray(one['required']) && Array.isArray(other['required'])) {
    merged['required'] = [...new Set([...other['required'], ...one['required']])];
  }
  return merged;
}

/** Puts the name of the chosen kind into the member that tells kinds apart (OpenAPI 3.1, discriminator). */
export function withDiscriminator(chosen: SchemaObject, choice: JsonSchema, discriminator: unknown): SchemaObject {
  if (!isRecord(discriminator) || typeof choice === 'boolean' || typeof choice['$ref'] !== 'string') return chosen;
  const { propertyName, mapping } = discriminator;
  const reference = choice['$ref'];
  if (typeof propertyName !== 'string') return chosen;
  const name = reference.slice(reference.lastIndexOf('/') + 1);
  const pairs = isRecord(mapping) ? Object.entries(mapping) : [];
  const [kind = name] = pairs.find(([, target]) => target === reference || target === name) ?? [];
  return merge({ properties: { [propertyName]: { const: kind } }, required: [propertyName] }, chosen);
}
