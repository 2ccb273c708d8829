import { fail, type Failure } from '@frontage/core';
import type { NeedsItems } from '../schema/checks/needed-items.js';
import { memberOf } from './own-member.js';
import { refused, type Refused } from './plan-result.js';

export const isWithoutItems = (value: unknown): boolean =>
  Array.isArray(value) && value.every((item: unknown) => item === null || item === undefined);

/** For the log. */
export function withoutItems({ group, name }: NeedsItems): Failure {
  const list = name === undefined ? group : `${group}.${name}`;
  return fail('GW_INTERNAL', {
    detail: `the list '${list}' has no items, which the contract does not allow: make the call optional, or give it a condition with 'when'`,
    unsent: true,
  });
}

/** A list of the client may be refused; another one is a mistake of the plan, which has not said what then. */
export const refusalOfEmpty = ({ input }: NeedsItems, part: string, failure: Failure): Refused =>
  input === undefined
    ? refused('GW_INTERNAL', { part, failure })
    : refused('GW_INVALID_INPUT', { part, errors: [{ pointer: input, message: 'The list needs an item.' }] });

/** True if the group of the input is there that holds the member. */
export function isGroupPresent(given: unknown, member: string | undefined): boolean {
  if (member === undefined) return true;
  const [group = ''] = member.split('.');
  return memberOf(given, group) !== undefined;
}

/** A value among the arguments of a call. */
export function valueAt(args: unknown, path: readonly string[]): unknown {
  let value = args;
  for (const key of path) value = memberOf(value, key);
  return value;
}
