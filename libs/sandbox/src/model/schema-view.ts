import { table } from '@frontage/core';
import type { JsonSchema } from '@frontage/core';
import { isRecord } from './behaviour.js';

/** Finds the schema that a `$ref` names; undefined where none has this name. */
export type Resolve = (reference: string) => JsonSchema | undefined;

export type SchemaObject = Readonly<Record<string, unknown>>;

/** Follows references and merges `allOf` into one schema. */
export function flatten(schema: JsonSchema, resolve: Resolve, hops = 0): SchemaObject {
  if (typeof schema === 'boolean' || hops > 50) return {};
  const { $ref: reference, allOf, ...own } = schema;
  const parts: JsonSchema[] = [];
  if (typeof reference === 'string') parts.push(resolve(reference) ?? {});
  if (Array.isArray(allOf)) parts.push(...allOf.filter(isSchema));
  return parts.reduce<SchemaObject>((merged, part) => merge(merged, flatten(part, resolve, hops + 1)), own);
}

export const isSchema = (value: unknown): value is JsonSchema => typeof value === 'boolean' || isRecord(value);

/** The types that a schema allows, guessed from its other keywords where it has no `type`. Empty: any. */
export function typesOf(flat: SchemaObject): readonly string[] {
  const type = flat['type'];
  if (typeof type === 'string') return [type];
  if (Array.isArray(type)) return type.map(String);
  // Without a type, the other keywords show it.
  if ('properties' in flat || 'required' in flat || 'additionalProperties' in flat) return ['object'];
  if ('items' in flat || 'prefixItems' in flat) return ['array'];
  if ('pattern' in flat || 'format' in flat || 'minLength' in flat) return ['string'];
  return 'minimum' in flat || 'maximum' in flat || 'multipleOf' in flat ? ['number'] : [];
}

export interface Choices {
  readonly keyword: 'oneOf' | 'anyOf';
  readonly schemas: readonly JsonSchema[];
}

export function choicesOf(flat: SchemaObject): Choices | undefined {
  for (const keyword of ['oneOf', 'anyOf'] as const) {
    const list = flat[keyword];
    if (Array.isArray(list) && list.length > 0) return { keyword, schemas: list.filter(isSchema) };
  }
  return undefined;
}

/** A schema with the rules of both; where both have a keyword, the narrower value wins, else that of `one`. */
export function merge(one: SchemaObject, other: SchemaObject): SchemaObject {
  const merged: Record<string, unknown> = { ...other, ...one };
  for (const [keyword, value] of Object.entries(one)) {
    if (!Object.hasOwn(other, keyword)) continue;
    const narrow = narrower[keyword];
    if (narrow !== undefined) merged[keyword] = narrow(value, other[keyword]);
  }
  return merged;
}

type Narrow = (one: unknown, other: unknown) => unknown;

const both: Narrow = (one, other) => {
  if (!Array.isArray(one) || !Array.isArray(other)) return one;
  const shared = one.filter((value) => other.includes(value));
  return shared.length > 0 ? shared : one;
};
const larger: Narrow = (one, other) => Math.max(Number(one), Number(other));
const smaller: Narrow = (one, other) => Math.min(Number(one), Number(other));
const listed = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);
const allOfBoth: Narrow = (one, other) => {
  if (!isSchema(one) || !isSchema(other)) return one;
  if (one === false || other === false) return false;
  return isRecord(one) && isRecord(other) ? { allOf: [one, other] } : isRecord(one) ? one : other;
};

/** An integer is a number. */
function sharedTypes(one: unknown, other: unknown): unknown {
  const [ones, others] = [listed(one), listed(other)];
  const has = (types: readonly unknown[], type: unknown): boolean =>
    types.includes(type) || (type === 'integer' && types.includes('number'));
  const shared = [
    ...new Set([...ones.filter((type) => has(others, type)), ...others.filter((type) => has(ones, type))]),
  ];
  return shared.length === 0 ? one : shared.length === 1 ? shared[0] : shared;
}

/** A pattern that accepts what both accept. A pattern may match anywhere in a text. */
const bothPatterns: Narrow = (one, other) =>
  one === other || typeof other !== 'string'
    ? one
    : `^(?=[\\s\\S]*(?:${other}))${typeof one === 'string' && one.startsWith('^') ? '' : '[\\s\\S]*'}(?:${String(one)})`;

/** The least number that is a multiple of both, where one is found. */
const commonMultiple: Narrow = (one, other) => {
  const [step, second] = [Number(one), Number(other)];
  for (let count = 1; count <= 1000; count += 1) if (Number.isInteger((count * step) / second)) return count * step;
  return step;
};

/** Most pairs of choices that are made of two lists of choices. */
const maxPairs = 64;

/** One choice of each list. */
const pairs: Narrow = (one, other) =>
  Array.isArray(one) && Array.isArray(other) && one !== other
    ? other.flatMap((second) => one.map((first) => allOfBoth(first, second))).slice(0, maxPairs)
    : one;

const sized = (keywords: string, narrow: Narrow): Readonly<Record<string, Narrow>> =>
  Object.fromEntries(keywords.split(' ').map((keyword) => [keyword, narrow]));

const narrower: Readonly<Record<string, Narrow>> = table({
  enum: both,
  type: sharedTypes,
  required: (one, other) =>
    Array.isArray(one) && Array.isArray(other) ? [...new Set<unknown>([...other, ...one])] : one,
  properties: (one, other) => (isRecord(one) && isRecord(other) ? mergeProperties(one, other) : one),
  pattern: bothPatterns,
  multipleOf: commonMultiple,
  uniqueItems: (one, other) => one === true || other === true,
  ...sized('oneOf anyOf', pairs),
  ...sized('items additionalProperties propertyNames contains', allOfBoth),
  ...sized('minimum exclusiveMinimum minLength minItems minProperties minContains', larger),
  ...sized('maximum exclusiveMaximum maxLength maxItems maxProperties', smaller),
});

/** A member of both schemas gets the rules of both. */
function mergeProperties(one: SchemaObject, other: SchemaObject): SchemaObject {
  const names = [...Object.keys(other), ...Object.keys(one).filter((name) => !Object.hasOwn(other, name))];
  return Object.fromEntries(
    names.map((name) => {
      if (!Object.hasOwn(one, name)) return [name, other[name]];
      if (!Object.hasOwn(other, name) || other[name] === one[name] || typeof one[name] === 'boolean')
        return [name, one[name]];
      return [name, { allOf: [one[name], other[name]] }];
    }),
  );
}

/** Sets the discriminator of the chosen schema (OpenAPI 3.1, discriminator). */
export function withDiscriminator(
  chosen: SchemaObject,
  choice: JsonSchema,
  discriminator: unknown,
  resolve: Resolve,
): SchemaObject {
  const reference = referenceOf(choice);
  if (!isRecord(discriminator) || reference === undefined) return chosen;
  const { propertyName, mapping } = discriminator;
  if (typeof propertyName !== 'string') return chosen;
  const name = reference.slice(reference.lastIndexOf('/') + 1);
  const pairs = isRecord(mapping) ? Object.entries(mapping) : [];
  const [kind = name] = pairs.find(([, target]) => target === reference || target === name) ?? [];
  // A schema that fixes the value itself keeps it.
  const own = isRecord(chosen['properties']) ? chosen['properties'][propertyName] : undefined;
  const flat = isSchema(own) ? flatten(own, resolve) : {};
  if ('const' in flat || (Array.isArray(flat['enum']) && !flat['enum'].includes(kind))) return chosen;
  return merge({ properties: { [propertyName]: { const: kind } }, required: [propertyName] }, chosen);
}

/** The reference of a choice; that of the first part of a choice that is made of two. */
function referenceOf(choice: JsonSchema): string | undefined {
  if (typeof choice === 'boolean') return undefined;
  const { $ref: reference, allOf } = choice;
  if (typeof reference === 'string') return reference;
  return Array.isArray(allOf)
    ? allOf
        .filter(isSchema)
        .map(referenceOf)
        .find((one) => one !== undefined)
    : undefined;
}
