const ignore = (): void => undefined;

const isObject = (value: unknown): value is object =>
  (typeof value === 'object' && value !== null) || typeof value === 'function';

/** Is this something that would have to be waited for? */
const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  isObject(value) && 'then' in value && typeof value.then === 'function';

/**
 * Takes the rejection of a value that a function has thrown or returned and that may be a promise: a rejection that nothing takes would
 * count as a forgotten one. Never throws, whatever the value is.
 */
export function heedRejection(value: unknown): void {
  if (!isObject(value)) return;
  try {
    Promise.resolve(value).then(ignore, ignore);
  } catch {
    // A proxy that refuses to say what it is: it is no promise.
  }
}

/**
 * The result of a function that has to return synchronously. A promise is refused and its outcome ignored, because a rejection that nothing
 * waits for would end the process.
 * @param what names the function, in the message
 * @throws {TypeError} where the result is a promise
 */
export function atOnce<T>(result: T, what: string): T {
  if (!isThenable(result)) return result;
  heedRejection(result);
  throw new TypeError(`${what} is asynchronous: it gives a promise where its value is needed at once`);
}

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
 * Validates synchronously, with any functions in the schema. The `validate` of zod runs once more, asynchronously, when a function has
 * thrown, and nothing would wait for that: so schemas of zod are asked through their own `safeParse`.
 * @param what names the schema, in the message
 * @throws {TypeError} where the schema is asynchronous
 * @throws the error of a function of the schema
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
