import { ProblemError, type FieldError } from '@frontage/core';

/** The part of Standard Schema v1 (https://standardschema.dev) that validation needs. */
export interface InputSchema {
  readonly '~standard': {
    readonly validate?: (value: unknown) => Result | Promise<Result>;
  };
}

type Result =
  | { readonly value: unknown; readonly issues?: undefined }
  | {
      readonly issues: readonly {
        readonly message: string;
        readonly path?: readonly (PropertyKey | { key: PropertyKey })[];
      }[];
    };

type Input = Readonly<Record<string, unknown>>;

/**
 * Compiles the schemas of a plan's input into one check, which returns the validated input or throws `GW_INVALID_INPUT` with every
 * wrong field. Groups without a schema (`given<Caller>()`) pass as they are; members that a schema does not name go no further (A10).
 */
export function compileInput(schemas: Readonly<Record<string, InputSchema>>): (input: Input) => Input {
  const checks = Object.entries(schemas).flatMap(([group, schema]) => {
    const validate = schema['~standard'].validate;
    return validate === undefined ? [] : [{ group, validate }];
  });
  if (checks.length === 0) return (input) => input;
  return (input) => {
    const checked: Record<string, unknown> = { ...input };
    const errors: FieldError[] = [];
    for (const { group, validate } of checks) {
      const result = validate(input[group]);
      if (result instanceof Promise)
        throw new TypeError(`the schema of the input '${group}' is asynchronous: input is validated synchronously`);
      if (result.issues === undefined) checked[group] = result.value;
      else
        for (const issue of result.issues) errors.push({ pointer: pointer(group, issue.path), message: issue.message });
    }
    if (errors.length > 0) throw new ProblemError('GW_INVALID_INPUT', { errors });
    return checked;
  };
}

/** JSON Pointer, RFC 6901 section 3. */
function pointer(group: string, path: readonly (PropertyKey | { key: PropertyKey })[] = []): string {
  const keys = path.map((step) => String(typeof step === 'object' ? step.key : step));
  return `/${[group, ...keys].map((key) => key.replaceAll('~', '~0').replaceAll('/', '~1')).join('/')}`;
}
