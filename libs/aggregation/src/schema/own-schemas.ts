import { heedRejection, validateNow } from '@frontage/core';
import { isRecord, type SchemaObject } from './schema-reading.js';
import { isGiven, type Schema } from '../model/schema.js';

/** The JSON Schema of one of our own schemas (of `compute`, of a step, of an input), or the reason why there is none. */
export interface OwnSchema {
  readonly schema: SchemaObject | undefined;
  readonly optional: boolean;
  readonly reason: string;
}

/** The converter that zod 4 and others offer beside validation (https://standardschema.dev, Standard JSON Schema). */
interface Converter {
  output(options: { readonly target: 'draft-2020-12' }): unknown;
}

const isConverter = (x: unknown): x is Converter =>
  typeof x === 'object' && x !== null && 'output' in x && typeof x.output === 'function';

export function readOwnSchema(schema: Schema<unknown>): OwnSchema {
  if (isGiven(schema))
    return { schema: undefined, optional: true, reason: 'it is given(), which has no schema: read it in compute(...)' };
  const standard: object = schema['~standard'];
  const converter = 'jsonSchema' in standard ? standard.jsonSchema : undefined;
  if (!isConverter(converter))
    return {
      schema: undefined,
      optional: true,
      reason: 'its schema cannot say itself as JSON Schema: use one of zod 4',
    };
  const converted = convert(converter);
  if (!isRecord(converted)) return { schema: undefined, optional: true, reason: converted };
  return { schema: converted, optional: takesNothing(schema), reason: '' };
}

/** True if it accepts `undefined`. A schema whose functions throw on it does not. */
function takesNothing(schema: Schema<unknown>): boolean {
  try {
    return validateNow(schema, undefined, 'the schema').issues === undefined;
  } catch (thrown) {
    heedRejection(thrown);
    return false;
  }
}

/** A converter refuses whatever JSON Schema cannot express, above all a transform without a schema of its result. */
function convert(converter: Converter): SchemaObject | string {
  try {
    const converted = converter.output({ target: 'draft-2020-12' });
    return isRecord(converted) ? converted : 'its schema is not an object of JSON Schema';
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    return `its schema cannot say itself as JSON Schema (${said}): follow .transform(...) with .pipe(schema)`;
  }
}
