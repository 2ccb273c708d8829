import { refusalOfCaller, type CallerRule, type RequestContext } from '@frontage/context';
import type { Clock } from '@frontage/core';
import { refused, type Refused } from '../run/plan-result.js';

/** A part, and the callers that it is for. */
export interface GuardedPart {
  readonly part: string;
  /** Absent: all callers that the route lets in. */
  readonly access: CallerRule | undefined;
}

/**
 * Compares the caller of a request with a part: by the rule of its call, and by what an external policy has said.
 * @returns undefined where the part is for this caller
 */
export function refusalOfPart(
  { part, access }: GuardedPart,
  { caller, deniedParts }: RequestContext,
  clock: Clock,
): Refused | undefined {
  if (deniedParts?.has(part) === true) return refused('GW_FORBIDDEN', { part });
  const refusal = access && refusalOfCaller(access, caller, clock.wallTime());
  return refusal && refused(refusal.code, { part, headers: { 'www-authenticate': refusal.challenge } });
}
