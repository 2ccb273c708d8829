import { ProblemError } from '@frontage/core';
import { refusalOfCaller, type Caller, type CallerRule } from '@frontage/context';

/** Decides whether a caller may use a route. */
export class AccessControl {
  /**
   * Returns when `caller` satisfies `rule`.
   * @param wallTime milliseconds since 1970. @default now
   * @throws ProblemError `GW_UNAUTHENTICATED` where the request has no caller, or needs a stronger or fresher login (RFC 9470),
   * `GW_FORBIDDEN` where the caller lacks a scope or a role
   */
  check(rule: CallerRule, caller: Caller | undefined, wallTime: number = Date.now()): asserts caller is Caller {
    const refusal = refusalOfCaller(rule, caller, wallTime);
    if (refusal !== undefined)
      throw new ProblemError(refusal.code, { headers: { 'www-authenticate': refusal.challenge } });
  }
}
