import type { FieldError } from '@frontage/core';
import { pointerTo, type SchemaIssue } from './field-errors.js';
import { isRecord } from './member-copy.js';

/** The values of a request that a handler may hold against a schema, by group. */
export type RequestGroups = Readonly<Record<'body' | 'query' | 'path' | 'header', unknown>>;

const groups = ['body', 'query', 'path', 'header'] as const;
type Group = (typeof groups)[number];

/**
 * The wrong fields of a request that a schema error of a handler stands for; `undefined` where it rather stands for another value (the
 * response of a service, a setting), which is not the fault of the client.
 *
 * An error does not carry the value that it is about. It counts as one about the request where every issue fits a value of one group. A
 * member that is missing may be missing in many values: it counts only in an error that was thrown before anything else could arrive.
 * @param isEarly thrown in the turn of the event loop in which the handler began
 */
export function fieldsOfRequest(
  issues: readonly SchemaIssue[],
  values: RequestGroups,
  isEarly: boolean,
): readonly FieldError[] | undefined {
  const fits = groups.map((group) => [group, fitOf(issues, values[group], group)] as const);
  const [group] =
    fits.find(([, fit]) => fit === 'present') ?? (isEarly ? fits.find(([, fit]) => fit === 'absent') : undefined) ?? [];
  if (group === undefined && !isEarly) return undefined;
  return issues.map(({ path, message }) => ({
    pointer: pointerTo(group === undefined ? path : [group, ...path]),
    message,
  }));
}

/** `present`: every issue fits, and one of them is about a value that is there. */
function fitOf(issues: readonly SchemaIssue[], values: unknown, group: Group): 'present' | 'absent' | undefined {
  if (!isRecord(values)) return undefined;
  let isPresent = false;
  for (const issue of issues) {
    const holder = valueAt(values, issue.path.slice(0, -1));
    const last = issue.path.at(-1);
    if (last !== undefined && !isRecord(holder)) return undefined;
    const value = last === undefined ? values : memberOf(holder, last);
    if (!fits(issue, value, group !== 'body')) return undefined;
    isPresent ||= value !== undefined;
  }
  return isPresent ? 'present' : 'absent';
}

const valueAt = (values: unknown, path: readonly unknown[]): unknown => path.reduce(memberOf, values);

const memberOf = (of: unknown, key: unknown): unknown =>
  isRecord(of) && (typeof key === 'string' || typeof key === 'number') && Object.hasOwn(of, key)
    ? of[String(key)]
    : undefined;

/** @param isText the values are texts that a schema may have made numbers of */
function fits(issue: SchemaIssue, value: unknown, isText: boolean): boolean {
  const { code, expected, keys, origin, values } = issue;
  if (code === 'invalid_type') return kindOf(value) !== expected && agrees(issue, value, isText);
  if (code === 'unrecognized_keys')
    return Array.isArray(keys) && keys.length > 0 && keys.every((key) => memberOf(value, key) !== undefined);
  if (value === undefined) return false;
  if (code === 'invalid_value') return !(Array.isArray(values) && values.includes(value));
  if (isText && typeof value === 'string') return true;
  return typeof origin !== 'string' || !kinds.has(origin) || kindOf(value) === origin;
}

/** The text of an issue names the kind that was received, as long as its language is the default. */
function agrees({ message, received }: SchemaIssue, value: unknown, isText: boolean): boolean {
  const named = typeof received === 'string' ? received : /\breceived (\w+)/.exec(message)?.[1];
  if (named === undefined || !kinds.has(named.toLowerCase())) return true;
  if (isText && typeof value === 'string') return true;
  return named.toLowerCase() === kindOf(value);
}

const kinds: ReadonlySet<string> = new Set(['string', 'number', 'boolean', 'object', 'array', 'null', 'undefined']);

const kindOf = (value: unknown): string => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value);
