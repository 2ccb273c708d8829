import {
  ProblemError,
  validateNow,
  type FieldError,
  type Validated,
  type Validating,
  type ValidationIssue,
} from '@frontage/core';
import { exactInput } from './exact-input.js';
import { hasFunctions, isZod, validateWithFunctions } from './zod-validation.js';

/** A schema of a group of the input; without `validate` the group passes as it is. */
export interface InputSchema {
  readonly '~standard': { readonly validate?: (value: unknown) => unknown };
}

type Input = Readonly<Record<string, unknown>>;

/**
 * Compiles the schemas of a plan's input into one check, which returns the validated input or throws `GW_INVALID_INPUT` with every
 * wrong field. Groups without a schema (`given<Caller>()`) pass as they are; members that a schema does not name go no further (A10).
 */
export function compileInput(schemas: Readonly<Record<string, InputSchema>>): (input: Input) => Input {
  const checks = Object.entries(schemas).flatMap(([group, schema]) =>
    validates(schema) ? [{ group, check: checkOf(schema, group) }] : [],
  );
  if (checks.length === 0) return (input) => input;
  return (input) => {
    const checked: Record<string, unknown> = { ...input };
    const errors: FieldError[] = [];
    for (const { group, check } of checks) {
      const result = check(input[group]);
      if (result.issues === undefined) checked[group] = exactInput(group, input[group], result.value);
      else
        for (const issue of result.issues) errors.push({ pointer: pointer(group, issue.path), message: issue.message });
    }
    if (errors.length > 0) throw new ProblemError('GW_INVALID_INPUT', { errors });
    return checked;
  };
}

const validates = (schema: InputSchema): schema is Validating => schema['~standard'].validate !== undefined;

function checkOf(schema: Validating, group: string): (value: unknown) => Validated {
  const what = `the schema of the input '${group}'`;
  if (isZod(schema) && hasFunctions(schema)) return (value) => validateWithFunctions(schema, value, what);
  return (value) => validateNow(schema, value, what);
}

/** JSON Pointer, RFC 6901 section 3. */
function pointer(group: string, path: ValidationIssue['path'] = []): string {
  const keys = path.map((step) => String(typeof step === 'object' ? step.key : step));
  return `/${[group, ...keys].map((key) => key.replaceAll('~', '~0').replaceAll('/', '~1')).join('/')}`;
}
