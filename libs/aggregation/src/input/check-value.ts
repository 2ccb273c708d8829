import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import type { SchemaIssue } from '../model/schema.js';
import type { SchemaObject } from '../schema/schema-reading.js';

/** Issues of one value at most. */
const maxIssues = 50;
/** Values up to this many members are checked for all of their mistakes; larger ones for the first. */
const maxMembersForAll = 2000;

/** Compiles a schema into a check; no issues: it fits. Formats are notes and no rules. */
export function compileCheck(schema: SchemaObject): (value: unknown) => readonly SchemaIssue[] {
  const first = compiled(schema, false);
  let all: ValidateFunction | undefined;
  return (value) => {
    if (first(value)) return [];
    if (!hasFewMembers(value)) return issuesOf(first.errors);
    // Made when a client first sends something wrong.
    all ??= compiled(schema, true);
    all(value);
    return issuesOf(all.errors);
  };
}

function compiled(schema: SchemaObject, allErrors: boolean): ValidateFunction {
  const ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors, logger: false, validateSchema: false });
  return ajv.compile(schema);
}

function issuesOf(errors: readonly ErrorObject[] | null | undefined): readonly SchemaIssue[] {
  const all = (errors ?? []).filter(({ keyword }) => !isSummary(keyword));
  const issues = (all.length === 0 ? (errors ?? []) : all).map(issueOf);
  const distinct = new Map(issues.map((issue) => [JSON.stringify(issue), issue]));
  return [...distinct.values()].slice(0, maxIssues);
}

/** These repeat that something within failed. */
const isSummary = (keyword: string): boolean => keyword === 'if' || keyword === 'propertyNames';

function issueOf({ instancePath, keyword, params, message }: ErrorObject): SchemaIssue {
  const path = instancePath
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
  const named: unknown = params['missingProperty'] ?? params['additionalProperty'] ?? params['unevaluatedProperty'];
  if (typeof named === 'string') path.push(named);
  return { path, message: messageOf(keyword, params, message) };
}

/** In the words of the schema alone: nothing of the value is repeated. */
function messageOf(keyword: string, params: Readonly<Record<string, unknown>>, message = 'does not fit'): string {
  switch (keyword) {
    case 'required':
      return 'The member is missing.';
    case 'additionalProperties':
    case 'unevaluatedProperties':
      return 'A member of this name is not taken.';
    case 'enum':
      return `The value must be one of ${listed(params['allowedValues'])}.`;
    case 'const':
      return `The value must be ${JSON.stringify(params['allowedValue'])}.`;
    default:
      return `The value ${message}.`;
  }
}

const listed = (values: unknown): string =>
  (Array.isArray(values) ? values : [])
    .slice(0, 20)
    .map((value: unknown) => JSON.stringify(value))
    .join(', ');

function hasFewMembers(value: unknown): boolean {
  const open: unknown[] = [value];
  let count = 0;
  while (open.length > 0) {
    const next = open.pop();
    if (typeof next !== 'object' || next === null) continue;
    const members: readonly unknown[] = Object.values(next);
    count += members.length;
    if (count > maxMembersForAll) return false;
    open.push(...members);
  }
  return true;
}
