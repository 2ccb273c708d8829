import { table } from '@frontage/core';

/**
 * The kind of value that a keyword of a schema takes.
 * - `count` a whole number of at least 0
 * - `number` any finite number
 * - `factor` a number above 0
 * - `flag` true or false
 * - `bound` a number; in OpenAPI 3.0 and Swagger true or false beside the limit itself
 * - `text`
 * - `pattern` a regular expression of ECMA-262 with the flag `u`
 * - `types` a name of a type, or a list of such
 * - `names` a list of distinct names
 * - `lists of names` names with such a list each
 * - `values` a list of at least one distinct value
 * - `examples` a list
 * - `value` any value
 * - `schema` a schema
 * - `schemas` names with a schema each
 * - `patterns` regular expressions with a schema each
 * - `choices` a list of at least one schema
 * - `items` a schema, or a list of schemas as drafts before 2020-12 have it
 * - `tag` a discriminator
 * - `dependencies` names with a list of names or a schema each, as drafts before 2019-09 have it
 * - `silent` without a meaning for values: left out, and no one is told
 */
export type KeywordKind =
  | 'count'
  | 'number'
  | 'factor'
  | 'flag'
  | 'bound'
  | 'text'
  | 'pattern'
  | 'types'
  | 'names'
  | 'lists of names'
  | 'values'
  | 'examples'
  | 'value'
  | 'schema'
  | 'schemas'
  | 'patterns'
  | 'choices'
  | 'items'
  | 'tag'
  | 'dependencies'
  | 'silent';

const byKind: readonly (readonly [KeywordKind, string])[] = [
  ['count', 'minLength maxLength minItems maxItems minProperties maxProperties minContains maxContains'],
  ['number', 'minimum maximum'],
  ['bound', 'exclusiveMinimum exclusiveMaximum'],
  ['factor', 'multipleOf'],
  ['flag', 'uniqueItems nullable readOnly writeOnly deprecated'],
  ['text', 'title description format contentEncoding contentMediaType $dynamicRef $recursiveRef $ref'],
  ['pattern', 'pattern'],
  ['types', 'type'],
  ['names', 'required'],
  ['dependencies', 'dependencies'],
  ['lists of names', 'dependentRequired'],
  ['values', 'enum'],
  ['examples', 'examples'],
  ['value', 'const default example'],
  [
    'schema',
    'not if then else contains propertyNames additionalProperties unevaluatedItems unevaluatedProperties contentSchema additionalItems',
  ],
  ['schemas', 'properties dependentSchemas'],
  ['patterns', 'patternProperties'],
  ['choices', 'allOf anyOf oneOf prefixItems'],
  ['items', 'items'],
  ['tag', 'discriminator'],
  // References alone lead to `$defs` and `definitions`, and each gets a component.
  // `collectionFormat` and `allowEmptyValue` stand in the items of Swagger 2, `name` and `in` where a parameter is copied as a schema.
  [
    'silent',
    'xml externalDocs definitions $defs $anchor $dynamicAnchor $schema $id id $comment $vocabulary $recursiveAnchor collectionFormat allowEmptyValue name in summary tags',
  ],
];

/** The keywords of JSON Schema and OpenAPI, of all versions that are read, and the kind of value that each takes. */
export const keywordKinds: Readonly<Record<string, KeywordKind>> = table(
  Object.fromEntries(byKind.flatMap(([kind, names]) => names.split(' ').map((name) => [name, kind]))),
);
