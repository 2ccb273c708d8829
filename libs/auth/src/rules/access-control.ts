import { ProblemError } from '@frontage/core';
import type { Caller } from '@frontage/context';
import type { AccessRule } from './access.decorator.js';

const holdsAny = (held: readonly string[], wanted: readonly string[]): boolean =>
  wanted.some((one) => held.includes(one));

/** Decides whether a caller may use a route. */
export class AccessControl {
  /**
   * Returns when `caller` satisfies `rule`.
   * @throws ProblemError `GW_UNAUTHENTICATED` where the request has no caller, `GW_FORBIDDEN` where the caller lacks a scope or a role
   */
  check(rule: AccessRule, caller: Caller | undefined): asserts caller is Caller {
    if (caller === undefined) {
      // RFC 6750 section 3.1: a request without credentials gets no error code.
      throw new ProblemError('GW_UNAUTHENTICATED', { headers: { 'www-authenticate': 'Bearer' } });
    }
    const { scopes, roles } = caller;
    if (
      (rule.allScopes.length > 0 && !rule.allScopes.every((scope) => scopes.includes(scope))) ||
      (rule.anyScopes.length > 0 && !holdsAny(scopes, rule.anyScopes))
    ) {
      const wanted = [...rule.allScopes, ...rule.anyScopes].join(' ');
      throw new ProblemError('GW_FORBIDDEN', {
        headers: { 'www-authenticate': `Bearer error="insufficient_scope", scope="${wanted}"` },
      });
    }
    // Roles are internal to the organisation: the response does not name the missing role.
    if (rule.anyRoles.length > 0 && !holdsAny(roles, rule.anyRoles)) {
      throw new ProblemError('GW_FORBIDDEN', { headers: { 'www-authenticate': 'Bearer error="insufficient_scope"' } });
    }
  }
}
