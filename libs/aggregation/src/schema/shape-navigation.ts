import type { JsonSchema } from '@frontage/core';
import { expressionText, holdsParts } from '../view/expression-reading.js';
import type { AtExpression, Expression } from '../view/expressions.js';
import { anything, type Shape } from './part-schemas.js';
import type { SchemaDocument } from './schema-document.js';
import { anyOf, elementOf, propertyNames, propertyOf, variantsOf, othersOf } from './schema-navigation.js';

/**
 * A field of an object that is present.
 * @throws {TypeError} where the contract declares no field of that name
 */
export function fieldOf(base: Shape, key: string, e: Expression, document: SchemaDocument): Shape {
  const variants = variantsOf(base.schema, document);
  const found = variants.map((variant) => propertyOf(variant, key, document));
  const said = found.filter((property) => property !== undefined);
  if (said.length === 0) {
    if (base.schema === true || variants.some((variant) => document.resolve(variant) === true))
      return anything(base.reason);
    const names = [...new Set(variants.flatMap((variant) => propertyNames(variant, document)))];
    const has = names.length > 0 ? `; it has ${names.join(', ')}` : '';
    throw new TypeError(`${expressionText(e)}: the contract declares no field '${key}'${has}`);
  }
  const required = said.length === variants.length && said.every((property) => property.required);
  return { ...base, schema: anyOf(said.map((property) => property.schema)), optional: !required };
}

/**
 * The schema of the items of a list.
 * @throws {TypeError} where the contract says that it is no list
 */
export function elementsOf(shape: Shape, e: Expression, document: SchemaDocument): JsonSchema {
  const element = elementOf(shape.schema, document);
  if (element === undefined) throw new TypeError(`the contract says that ${expressionText(e)} is not a list`);
  return element;
}

/**
 * An entry of a list, a dictionary or a table.
 * @throws {TypeError} where the contract says that it is none of these
 */
export function entryOf(e: AtExpression, shape: Shape, document: SchemaDocument): Shape {
  const isTable = e.of.kind === 'indexBy' || e.of.kind === 'groupBy';
  if (!isTable) {
    const element = elementOf(shape.schema, document);
    if (element !== undefined) return { ...shape, schema: element, optional: !holdsParts(e.of) };
  }
  const entries = variantsOf(shape.schema, document).flatMap((variant): readonly JsonSchema[] => {
    const rest = variant === true ? true : othersOf(variant, document);
    return rest === undefined ? [] : [rest];
  });
  if (entries.length === 0) {
    throw new TypeError(`the contract says that ${expressionText(e.of)} is neither a list nor a dictionary`);
  }
  // A key without items has the empty list.
  return { ...shape, schema: anyOf(entries), optional: e.of.kind !== 'groupBy' };
}
