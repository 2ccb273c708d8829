import type { JsonSchema } from '@frontage/core';
import { isSchemaObject, listOf } from '../codegen/schema-objects.js';

export interface SplitSchema {
  readonly schema: JsonSchema;
  /** The schema of `_parts`. */
  readonly parts?: JsonSchema;
}

/** A schema of a response without its member `_parts`, which may stand in each of several variants. */
export function splitParts(schema: JsonSchema): SplitSchema {
  if (!isSchemaObject(schema)) return { schema };
  for (const keyword of ['anyOf', 'oneOf']) {
    const variants = listOf(schema[keyword]).filter(isSchemaObject).map(splitParts);
    const parts = variants.find((one) => one.parts !== undefined)?.parts;
    if (parts !== undefined) return { schema: { ...schema, [keyword]: variants.map((one) => one.schema) }, parts };
  }
  if (!isSchemaObject(schema.properties)) return { schema };
  const { _parts: parts, ...properties } = schema.properties as Readonly<Record<string, JsonSchema | undefined>>;
  return parts === undefined ? { schema } : { schema: { ...schema, properties }, parts };
}
