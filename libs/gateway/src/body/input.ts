import {
  ProblemError,
  validateNow,
  type FieldError,
  type Validated,
  type Validating,
  type ValidationIssue,
} from '@frontage/core';
import { formMembersOf, isContractInput, isGiven, type Schema } from '@frontage/aggregation';
import { FilePart } from '@frontage/clients';
import { exactInput } from './exact-input.js';
import { hasFunctions, isZod, validateWithFunctions } from './zod-validation.js';

/** A schema of a group of the input; without `validate` the group passes as it is. */
export interface InputSchema {
  readonly '~standard': { readonly validate?: (value: unknown) => unknown };
}

type Input = Readonly<Record<string, unknown>>;

/** Nest always gives an object for these: a method that has none of them to return did not ask for it. */
const alwaysSent: ReadonlySet<string> = new Set(['path', 'query', 'header', 'headers']);

/**
 * Compiles the schemas of a plan's input into one check, which returns the validated input or throws `GW_INVALID_INPUT` with every
 * wrong field. Groups without a schema (`given<Caller>()`) pass as they are; members that a schema does not name go no further (A10).
 * A group that the method does not return is a mistake of the method, never of the client: the check throws an `Error` that names it.
 * @param method of the controller, for messages: `HomeController.show`
 */
export function compileInput(
  schemas: Readonly<Record<string, InputSchema>>,
  method = 'the handler',
): (input: Input) => Input {
  const checks = Object.entries(schemas).flatMap(([group, schema]) =>
    validates(schema) ? [{ group, check: checkOf(schema, group), given: isGiven(schema) }] : [],
  );
  if (checks.length === 0) return (input) => input;
  const returns = `return { ${checks.map(({ group }) => group).join(', ')} }`;
  const missing = (found: string): Error => new Error(`${method} gives ${found} to its plan: ${returns}`);
  return (input) => {
    // Types say that it is an object; a method in JavaScript may return anything.
    if (!isObject(input)) throw missing('no input');
    const checked: Record<string, unknown> = { ...input };
    const errors: FieldError[] = [];
    for (const { group, check, given } of checks) {
      const isAbsent = !Object.hasOwn(input, group);
      if (given) {
        if (isAbsent) throw missing(`no input '${group}'`);
        continue;
      }
      const result = check(input[group]);
      if (result.issues === undefined) checked[group] = exactInput(group, input[group], result.value);
      else if (isAbsent || (input[group] === undefined && alwaysSent.has(group))) throw missing(`no input '${group}'`);
      else
        for (const issue of result.issues) errors.push({ pointer: pointer(group, issue.path), message: issue.message });
    }
    if (errors.length > 0) throw new ProblemError('GW_INVALID_INPUT', { errors });
    return checked;
  };
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null;

const validates = (schema: InputSchema): schema is Validating & Schema<unknown> =>
  schema['~standard'].validate !== undefined;

function checkOf(schema: Validating, group: string): (value: unknown) => Validated {
  const what = `the schema of the input '${group}'`;
  // Its check is compiled when it is first used: at boot, not in a request.
  if (isContractInput(schema)) validateNow(schema, {}, what);
  const members = formMembersOf(schema);
  if (members !== undefined) {
    const files = [...members].flatMap(([name, { isFile }]) => (isFile ? [name] : []));
    return (value) => withoutFile(value, files) ?? validateNow(schema, value, what);
  }
  if (isZod(schema) && hasFunctions(schema)) return (value) => validateWithFunctions(schema, value, what);
  return (value) => validateNow(schema, value, what);
}

/** A parser of the team may have read the body in its own way: texts and objects are no files. */
function withoutFile(value: unknown, files: readonly string[]): Validated | undefined {
  const wrong = files.filter((name) => {
    const file: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
    return file !== undefined && ![file].flat().every((one) => one instanceof FilePart);
  });
  if (wrong.length === 0) return undefined;
  return { issues: wrong.map((name) => ({ path: [name], message: 'The member is no file of a form.' })) };
}

/** JSON Pointer, RFC 6901 section 3. */
function pointer(group: string, path: ValidationIssue['path'] = []): string {
  const keys = path.map((step) => String(typeof step === 'object' ? step.key : step));
  return `/${[group, ...keys].map((key) => key.replaceAll('~', '~0').replaceAll('/', '~1')).join('/')}`;
}
