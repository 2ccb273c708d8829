import { findInexact, isInexact } from '@frontage/core';
import { inexactIn } from './read-json.js';

/**
 * What a schema has made of a group of the input, where no number of it is one that a double cannot hold.
 * @throws ProblemError `GW_INVALID_INPUT` where there is one: what the schema has left out is read by nobody
 */
export function exactInput(group: string, sent: unknown, checked: unknown): unknown {
  if (!isInexact(sent) || findInexact(checked) === undefined) return checked;
  throw inexactIn(checked, undefined, group);
}
