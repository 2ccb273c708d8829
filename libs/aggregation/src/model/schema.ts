/** One issue that a schema finds with a value. */
export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

export type SchemaResult<T> =
  { readonly value: T; readonly issues?: undefined } | { readonly issues: readonly SchemaIssue[] };

/** The subset of Standard Schema (https://standardschema.dev) that is used here; every zod schema is one. */
export interface Schema<out T> {
  readonly '~standard': {
    readonly validate: (value: unknown) => SchemaResult<T> | Promise<SchemaResult<T>>;
    readonly types?: { readonly output: T } | undefined;
  };
}

const trusted: Schema<never> = { '~standard': { validate: (value) => ({ value: value as never }) } };

/** Input that other code has validated already, such as the caller. It is used unchanged. */
export function given<T>(): Schema<T> {
  return trusted;
}

/** True if an input was declared with `given()`. */
export const isGiven = (schema: Schema<unknown>): boolean => schema === trusted;
