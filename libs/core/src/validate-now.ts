import { atOnce } from './at-once.js';

/** The part of Standard Schema v1 (https://standardschema.dev) that validation needs. */
export interface Validating {
  readonly '~standard': { readonly validate: (value: unknown) => unknown };
}

/** One thing that a schema finds wrong. */
export interface ValidationIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

export type Validated =
  | { readonly value: unknown; readonly issues?: undefined }
  | { readonly issues: readonly ValidationIssue[]; readonly value?: undefined };

/**
 * Validates synchronously, whatever the functions of a schema do. The `validate` of zod runs once more, asynchronously, when a function has
 * thrown, and nothing would wait for that: so schemas of zod are asked through their own `safeParse`.
 * @param what names the schema, in the message
 * @throws {TypeError} where the schema is asynchronous
 * @throws whatever a function of the schema throws
 */
export function validateNow(schema: Validating, value: unknown, what: string): Validated {
  if (isZod(schema)) {
    const parsed = schema.safeParse(value);
    return parsed.success ? { value: parsed.data } : { issues: parsed.error.issues };
  }
  const result = atOnce(schema['~standard'].validate(value), what);
  if (!isValidated(result)) throw new TypeError(`${what} gives no result of Standard Schema`);
  return result;
}

interface Zod {
  safeParse(
    value: unknown,
  ):
    | { readonly success: true; readonly data: unknown }
    | { readonly success: false; readonly error: { readonly issues: readonly ValidationIssue[] } };
}

/** Zod 4 and zod mini carry `_zod`, zod 3 `_def`. */
const isZod = (schema: object): schema is Zod =>
  ('_zod' in schema || '_def' in schema) && 'safeParse' in schema && typeof schema.safeParse === 'function';

const isValidated = (result: unknown): result is Validated =>
  typeof result === 'object' &&
  result !== null &&
  ('issues' in result && result.issues !== undefined ? Array.isArray(result.issues) : 'value' in result);
