import type { JsonSchema } from '@frontage/core';
import type { SchemaDocument } from './schema-document.js';
import {
  isAnything,
  schemaIn,
  schemaMapIn,
  schemasIn,
  textsIn,
  typesIn,
  valuesIn,
  type SchemaObject,
} from './schema-reading.js';

/** Walks down a contract's schemas as a reference walks down a response. */
export interface Property {
  readonly schema: JsonSchema;
  /** True if an object must have it. */
  readonly required: boolean;
}

/** True if the schema allows null. */
export function acceptsNull(schema: JsonSchema, document: SchemaDocument): boolean {
  const found = document.resolve(schema);
  if (typeof found === 'boolean') return found;
  const values = valuesIn(found);
  if (values !== undefined) return values.includes(null);
  const types = typesIn(found);
  if (types !== undefined) return types.includes('null');
  for (const keyword of ['anyOf', 'oneOf']) {
    const choices = schemasIn(found, keyword);
    if (choices.length > 0) return choices.some((choice) => acceptsNull(choice, document));
  }
  const all = schemasIn(found, 'allOf');
  if (all.length > 0) return all.every((each) => acceptsNull(each, document));
  return isAnything(found);
}

/** The alternatives of a value, without null: one for a plain schema, one per branch of a union. */
export function variantsOf(schema: JsonSchema, document: SchemaDocument): readonly JsonSchema[] {
  const found = document.resolve(schema);
  if (typeof found === 'boolean') return found ? [found] : [];
  for (const keyword of ['oneOf', 'anyOf']) {
    const choices = schemasIn(found, keyword);
    if (choices.length === 0) continue;
    const { [keyword]: _, ...base } = found;
    const own = 'properties' in base || 'allOf' in base || 'required' in base;
    return choices.flatMap((choice) => {
      return variantsOf(choice, document).map((variant) => (own ? { allOf: [base, variant] } : variant));
    });
  }
  if (typesIn(found)?.every((type) => type === 'null') === true) return [];
  return [found];
}

/** The property that a plain object schema, or one merged by `allOf`, declares for a member; undefined where there is none. */
export function propertyOf(schema: JsonSchema, key: string, document: SchemaDocument): Property | undefined {
  const found = document.resolve(schema);
  if (typeof found === 'boolean') return undefined;
  const own = schemaMapIn(found, 'properties').get(key);
  const said: Property[] = own === undefined ? [] : [{ schema: own, required: false }];
  for (const each of schemasIn(found, 'allOf')) said.push(...propertiesIn(each, key, document));
  const required = requiredNames(found, document).has(key);
  if (said.length === 0) {
    const rest = schemaIn(found, 'additionalProperties');
    return rest === undefined || rest === false ? undefined : { schema: rest, required };
  }
  return { schema: allOf(said.map((property) => property.schema)), required };
}

function propertiesIn(schema: JsonSchema, key: string, document: SchemaDocument): readonly Property[] {
  const found = variantsOf(schema, document).flatMap((variant) => propertyOf(variant, key, document) ?? []);
  return found.length < 2 ? found : [{ schema: anyOf(found.map((property) => property.schema)), required: false }];
}

/** The names of the required members, those of `allOf` included. */
export function requiredNames(schema: JsonSchema, document: SchemaDocument): ReadonlySet<string> {
  const found = document.resolve(schema);
  if (typeof found === 'boolean') return new Set();
  const names = new Set(textsIn(found, 'required'));
  for (const each of schemasIn(found, 'allOf')) for (const name of requiredNames(each, document)) names.add(name);
  return names;
}

/** The names of the declared members, for messages. */
export function propertyNames(schema: JsonSchema, document: SchemaDocument): readonly string[] {
  const found = document.resolve(schema);
  if (typeof found === 'boolean') return [];
  const inherited = schemasIn(found, 'allOf').flatMap((each) => variantsOf(each, document));
  return [...schemaMapIn(found, 'properties').keys(), ...inherited.flatMap((each) => propertyNames(each, document))];
}

export interface UnnamedMembers {
  /** Schemas by the regular expression that names match. */
  readonly patterns: readonly (readonly [string, JsonSchema])[];
  /** Of every other member; undefined where the schema does not say. */
  readonly others: JsonSchema | undefined;
}

/** The members that are declared without a name, those of `allOf` included: a schema there may add nothing but a description. */
export function unnamedMembers(schema: JsonSchema, document: SchemaDocument): UnnamedMembers {
  const found = document.resolve(schema);
  if (typeof found === 'boolean') return { patterns: [], others: undefined };
  const own = schemaIn(found, 'additionalProperties');
  const parts = schemasIn(found, 'allOf').map((part) =>
    variantsOf(part, document).map((variant) => unnamedMembers(variant, document)),
  );
  const inherited = parts.flatMap((variants) => {
    const others = variants.flatMap((each) =>
      each.others === undefined || each.others === false ? [] : [each.others],
    );
    return others.length === 0 ? [] : [anyOf(others)];
  });
  const patterns = parts.flatMap((variants) => variants.flatMap((each) => each.patterns));
  return {
    patterns: [...schemaMapIn(found, 'patternProperties'), ...patterns],
    others: own === false || inherited.length === 0 ? own : allOf(own === undefined ? inherited : [own, ...inherited]),
  };
}

const memberKeywords = ['properties', 'patternProperties', 'additionalProperties', 'required', 'oneOf', 'anyOf'];

/** The schema of the members of an object that are declared without a name; undefined where it has none of these. */
export function othersOf(schema: JsonSchema, document: SchemaDocument): JsonSchema | undefined {
  const { others } = unnamedMembers(schema, document);
  return others === false ? undefined : others;
}

/** True if a schema leaves the members of an object open, since neither it nor a part of its `allOf` says anything about them. */
export function saysNoMembers(schema: JsonSchema, document: SchemaDocument): boolean {
  const found = document.resolve(schema);
  if (typeof found === 'boolean') return found;
  if (memberKeywords.some((keyword) => Object.hasOwn(found, keyword))) return false;
  return schemasIn(found, 'allOf').every((part) => saysNoMembers(part, document));
}

/** The schema of the items of a list; undefined where the schema is no list. */
export function elementOf(schema: JsonSchema, document: SchemaDocument): JsonSchema | undefined {
  const found = variantsOf(schema, document).flatMap((variant): readonly JsonSchema[] => {
    const list = document.resolve(variant);
    if (typeof list === 'boolean') return [list];
    const items = schemaIn(list, 'items');
    const fixed = schemasIn(list, 'prefixItems');
    const inherited = schemasIn(list, 'allOf')
      .map((each) => elementOf(each, document))
      .filter((each) => each !== undefined);
    if (items !== undefined && items !== false) return fixed.concat(items);
    if (fixed.length > 0) return fixed;
    if (inherited.length > 0) return [allOf(inherited)];
    return typesIn(list)?.includes('array') === true || isAnything(list) ? [true] : [];
  });
  const first = found[0];
  return first === undefined ? undefined : anyOf(found);
}

/** The variant for a tag value, by `discriminator`, or by the values that the tag may have. */
export function variantByTag(
  schema: JsonSchema,
  tag: string,
  value: string,
  document: SchemaDocument,
): JsonSchema | undefined {
  const named = discriminated(schema, document)?.variants.get(value);
  if (named !== undefined) return named;
  return variantsOf(schema, document).find((variant) => tagValues(variant, tag, document)?.includes(value) === true);
}

/** The values that a variant allows for its tag; undefined where it does not say. */
export function tagValues(variant: JsonSchema, tag: string, document: SchemaDocument): readonly unknown[] | undefined {
  const property = propertyOf(variant, tag, document);
  return property === undefined ? undefined : allowedValues(property.schema, document);
}

/** The values that all parts of a schema allow. */
function allowedValues(schema: JsonSchema, document: SchemaDocument): readonly unknown[] | undefined {
  const found = document.resolve(schema);
  if (typeof found === 'boolean') return undefined;
  const lists = [valuesIn(found), ...schemasIn(found, 'allOf').map((each) => allowedValues(each, document))];
  const [first, ...others] = lists.filter((list) => list !== undefined);
  return first?.filter((value) => others.every((list) => list.includes(value)));
}

export interface Discriminated {
  readonly tag: string;
  readonly variants: ReadonlyMap<string, JsonSchema>;
  /** The variant of every other value, and of an object without the tag (OpenAPI 3.2 section 4.25). */
  readonly otherwise: JsonSchema | undefined;
}

/** The `discriminator` of a union (OpenAPI 3.1 section 4.8.25) with its variants by tag value; undefined where it has none. */
export function discriminated(schema: JsonSchema, document: SchemaDocument): Discriminated | undefined {
  const found = document.resolve(schema);
  if (typeof found === 'boolean') return undefined;
  const discriminator = found['discriminator'];
  if (!isDiscriminator(discriminator)) {
    const inner = onlyChoice(found, document);
    return inner === undefined ? undefined : discriminated(inner, document);
  }
  const mapping = Object.entries(discriminator.mapping ?? {}).map(
    ([value, target]) => [value, String(target)] as const,
  );
  const mapped = new Set(mapping.map(([, target]) => target));
  const variants = new Map<string, JsonSchema>(mapping.map(([value, target]) => [value, { $ref: target }]));
  for (const choice of [...schemasIn(found, 'oneOf'), ...schemasIn(found, 'anyOf')]) {
    // A tag without a mapping is the name of the component, which has its upstream as a prefix here.
    if (typeof choice !== 'object' || typeof choice['$ref'] !== 'string' || mapped.has(choice['$ref'])) continue;
    const name = choice['$ref'].slice(choice['$ref'].lastIndexOf('/') + 1);
    variants.set(name.slice(name.indexOf('.') + 1), choice);
  }
  const { defaultMapping } = discriminator;
  const otherwise = typeof defaultMapping === 'string' ? { $ref: defaultMapping } : undefined;
  return variants.size === 0 ? undefined : { tag: discriminator.propertyName, variants, otherwise };
}

/** The schema in `allOf: [x]` and in `anyOf: [x, null]`, which say where OpenAPI 3.0 has no words beside a reference. */
function onlyChoice(schema: SchemaObject, document: SchemaDocument): JsonSchema | undefined {
  const [part, ...more] = schemasIn(schema, 'allOf');
  if (part !== undefined) return more.length === 0 ? part : undefined;
  const choices = [...schemasIn(schema, 'oneOf'), ...schemasIn(schema, 'anyOf')].filter((choice) => {
    const found = document.resolve(choice);
    return typeof found === 'boolean' || typesIn(found)?.every((type) => type === 'null') !== true;
  });
  return choices.length === 1 ? choices[0] : undefined;
}

function isDiscriminator(x: unknown): x is { propertyName: string; mapping?: SchemaObject; defaultMapping?: unknown } {
  return typeof x === 'object' && x !== null && 'propertyName' in x && typeof x.propertyName === 'string';
}

const distinct = (schemas: readonly JsonSchema[]): readonly JsonSchema[] => [
  ...new Map(schemas.map((schema) => [JSON.stringify(schema), schema])).values(),
];
const combined = (keyword: 'allOf' | 'anyOf', schemas: readonly JsonSchema[]): JsonSchema => {
  const [first = true, ...others] = distinct(schemas);
  return others.length === 0 ? first : { [keyword]: [first, ...others] };
};
const allOf = (schemas: readonly JsonSchema[]): JsonSchema => combined('allOf', schemas);
export const anyOf = (schemas: readonly JsonSchema[]): JsonSchema => combined('anyOf', schemas);
