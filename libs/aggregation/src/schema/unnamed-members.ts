import type { JsonSchema } from '@frontage/core';
import type { SchemaDocument } from './schema-document.js';
import { allOf, anyOf, variantsOf } from './schema-navigation.js';
import { schemaIn, schemaMapIn, schemasIn } from './schema-reading.js';

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

/** Whether a schema leaves the members of an object open, since neither it nor a part of its `allOf` says anything about them. */
export function saysNoMembers(schema: JsonSchema, document: SchemaDocument): boolean {
  const found = document.resolve(schema);
  if (typeof found === 'boolean') return found;
  if (memberKeywords.some((keyword) => Object.hasOwn(found, keyword))) return false;
  return schemasIn(found, 'allOf').every((part) => saysNoMembers(part, document));
}
