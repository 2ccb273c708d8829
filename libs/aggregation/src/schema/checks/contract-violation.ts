import { findInexact, InexactNumber, type JsonSchema } from '@frontage/core';
import type { SchemaDocument } from '../schema-document.js';
import { acceptsNull, elementOf, propertyOf, requiredNames, variantsOf } from '../schema-navigation.js';
import { isAnything, isRecord, typesIn } from '../schema-reading.js';

/**
 * The first field path of a value that violates its schema, and how; undefined where the value is valid. It checks the whole value, so it
 * is for values that a function has already thrown on.
 */
export function contractViolation(
  value: unknown,
  schema: JsonSchema,
  document: SchemaDocument,
  path = '',
): string | undefined {
  if (value instanceof InexactNumber) return `${path} is ${inexact}`;
  if (value === null) return acceptsNull(schema, document) ? undefined : `${path} is null`;
  const variants = variantsOf(schema, document).map((variant) => document.resolve(variant));
  const found = variants.map((variant) => violationOfVariant(value, variant, document, path));
  return found.includes(undefined) ? undefined : found[0];
}

function violationOfVariant(
  value: unknown,
  schema: JsonSchema,
  document: SchemaDocument,
  path: string,
): string | undefined {
  if (typeof schema === 'boolean' || isAnything(schema)) return violationOfAnything(value, path);
  const types = typesIn(schema)?.map((type) => (type === 'integer' ? 'number' : type));
  const kind = Array.isArray(value) ? 'array' : typeof value;
  if (types?.includes(kind) === false) return `${path} is of type ${kind}`;
  if (Array.isArray(value)) {
    const element = elementOf(schema, document);
    if (element === undefined) return undefined;
    return firstOf(value.map((item, index) => () => contractViolation(item, element, document, `${path}[${index}]`)));
  }
  if (!isRecord(value)) return undefined;
  const missing = [...requiredNames(schema, document)].find((name) => value[name] === undefined);
  if (missing !== undefined) return `${path}.${missing} is missing`;
  return firstOf(
    Object.entries(value).map(([name, member]) => () => {
      const property = propertyOf(schema, name, document);
      const at = `${path}.${name}`;
      return property === undefined
        ? violationOfAnything(member, at)
        : contractViolation(member, property.schema, document, at);
    }),
  );
}

const inexact = 'a number that a double cannot hold';

/** The only violation of a schema that allows everything: a number that a double cannot hold. */
function violationOfAnything(value: unknown, path: string): string | undefined {
  const field = findInexact(value);
  return field === undefined ? undefined : `${[path, ...field].join('.')} is ${inexact}`;
}

function firstOf(checks: readonly (() => string | undefined)[]): string | undefined {
  for (const check of checks) {
    const found = check();
    if (found !== undefined) return found;
  }
  return undefined;
}
