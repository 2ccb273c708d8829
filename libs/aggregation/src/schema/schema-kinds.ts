import type { JsonSchema } from '@frontage/core';
import type { SchemaDocument } from './schema-document.js';
import { variantsOf } from './schema-navigation.js';
import { isAnything, schemasIn, typesIn, valuesIn, type SchemaObject } from './schema-reading.js';

/** The kinds of value that a schema allows, with the variants that are objects and lists. */
export interface Kinds {
  /** `null` alone, or others too. */
  readonly scalars: 'none' | 'null' | 'some';
  readonly objects: readonly SchemaObject[];
  readonly lists: readonly SchemaObject[];
}

const scalarTypes: ReadonlySet<string> = new Set(['string', 'number', 'integer', 'boolean']);

export function kindsOf(schema: JsonSchema, document: SchemaDocument): Kinds | 'anything' {
  const variants = variantsOf(schema, document).map((variant) => document.resolve(variant));
  if (variants.some(isAnything)) return 'anything';
  const objects: SchemaObject[] = [];
  const lists: SchemaObject[] = [];
  let scalars: Kinds['scalars'] = variants.length === 0 ? 'some' : 'none';
  for (const variant of variants) {
    if (typeof variant === 'boolean') continue;
    const types = typesOf(variant, document);
    if (types.some((type) => scalarTypes.has(type))) scalars = 'some';
    else if (scalars === 'none' && types.includes('null')) scalars = 'null';
    if (types.includes('array')) lists.push(variant);
    if (types.includes('object')) objects.push(variant);
  }
  return { scalars, objects, lists };
}

/** The kinds of a schema without alternatives, from its `type` or from its keywords. */
function typesOf(schema: SchemaObject, document: SchemaDocument): readonly string[] {
  const types = typesIn(schema);
  if (types !== undefined) return types;
  const values = valuesIn(schema);
  if (values !== undefined)
    return values.some((value) => typeof value === 'object' && value !== null) ? ['object', 'array'] : ['string'];
  const all = schemasIn(schema, 'allOf').flatMap((each) => variantsOf(each, document));
  const inherited = all.flatMap((each) => {
    const member = document.resolve(each);
    return typeof member === 'boolean' || isAnything(member) ? [] : typesOf(member, document);
  });
  if (
    ['properties', 'required', 'additionalProperties', 'patternProperties'].some((keyword) =>
      Object.hasOwn(schema, keyword),
    )
  )
    return ['object', ...inherited];
  if (['items', 'prefixItems'].some((keyword) => Object.hasOwn(schema, keyword))) return ['array', ...inherited];
  return inherited.length > 0 ? inherited : ['string'];
}

/** The types of constants, in a schema without `type`; undefined where it has none. */
const typesOfValues = (schema: SchemaObject): readonly string[] | undefined =>
  valuesIn(schema)?.map((value) => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value));

type ScalarType = 'string' | 'number' | 'boolean';

/** The types of a value that is always a scalar, without null; undefined where the schema allows more, or does not say. */
export function scalarTypesOf(schema: JsonSchema, document: SchemaDocument): readonly ScalarType[] | undefined {
  const types = new Set<ScalarType>();
  for (const variant of variantsOf(schema, document)) {
    const found = document.resolve(variant);
    const named = typeof found === 'boolean' ? undefined : (typesIn(found) ?? typesOfValues(found));
    if (named === undefined) return undefined;
    for (const type of named) {
      if (type === 'integer' || type === 'number') types.add('number');
      else if (type === 'string' || type === 'boolean') types.add(type);
      else if (type !== 'null') return undefined;
    }
  }
  return types.size === 0 ? undefined : [...types];
}
