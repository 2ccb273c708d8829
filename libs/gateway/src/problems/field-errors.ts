import type { FieldError } from '@frontage/core';
import { isRecord } from './member-copy.js';

/** JSON Pointer, RFC 6901 section 3. */
export const pointerTo = (path: readonly unknown[]): string =>
  path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

/** One issue of a zod error. */
export interface SchemaIssue {
  readonly [member: string]: unknown;
  readonly path: readonly unknown[];
  readonly message: string;
}

const isIssue = (value: unknown): value is SchemaIssue =>
  isRecord(value) && Array.isArray(value['path']) && typeof value['message'] === 'string';

/** The issues of an error of zod 3, zod 4 or zod mini, of any copy of the package; `undefined` for every other value. */
export function issuesOf(thrown: unknown): readonly SchemaIssue[] | undefined {
  if (!isRecord(thrown) || typeof thrown['name'] !== 'string' || !/^\$?Zod(?:Real)?Error$/.test(thrown['name']))
    return undefined;
  const { issues } = thrown;
  return Array.isArray(issues) && issues.length > 0 && issues.every(isIssue) ? issues : undefined;
}

/** One wrong field as class-validator reports it. */
interface PropertyError {
  readonly property: string;
  readonly constraints?: unknown;
  readonly children?: unknown;
}

const isPropertyError = (value: unknown): value is PropertyError =>
  isRecord(value) && typeof value['property'] === 'string' && ('constraints' in value || 'children' in value);

/** The texts of class-validator by pointer, without the values that it repeats. */
function ofProperty({ property, constraints, children }: PropertyError, above: readonly string[]): FieldError[] {
  const path = [...above, property];
  const texts = isRecord(constraints) ? Object.values(constraints) : [];
  return [
    ...texts.filter((text) => typeof text === 'string').map((message) => ({ pointer: pointerTo(path), message })),
    ...(Array.isArray(children) ? children.filter(isPropertyError).flatMap((child) => ofProperty(child, path)) : []),
  ];
}

const isFieldError = (value: unknown): value is FieldError =>
  isRecord(value) && typeof value['pointer'] === 'string' && typeof value['message'] === 'string';

/**
 * The wrong fields that an exception lists, in the form of our `errors`: texts, issues of zod, errors of class-validator, or our own form.
 * `undefined` where one item is none of these.
 * @param list as JSON carries it
 */
export function fieldErrorsIn(list: unknown): readonly FieldError[] | undefined {
  if (!Array.isArray(list) || list.length === 0) return undefined;
  const found: FieldError[] = [];
  for (const item of list as readonly unknown[]) {
    if (typeof item === 'string') found.push({ pointer: '', message: item });
    else if (isIssue(item)) found.push({ ...item, pointer: pointerTo(item.path) });
    else if (isPropertyError(item)) found.push(...ofProperty(item, []));
    else if (isFieldError(item)) found.push(item);
    else return undefined;
  }
  return found;
}
