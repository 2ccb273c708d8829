import { findInexact, isInexact } from '@frontage/core';
import { inexactIn } from './read-json.js';

/**
 * The result of a schema for a group of the input, if a double can hold all of its numbers.
 * @throws ProblemError `GW_INVALID_INPUT` if one does not fit; members that the schema drops are not checked, because no code reads them
 */
export function exactInput(group: string, sent: unknown, checked: unknown): unknown {
  if (!isInexact(sent) || findInexact(checked) === undefined) return checked;
  throw inexactIn(checked, undefined, group);
}
