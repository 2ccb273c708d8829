import type { Caller } from './caller.js';

/** Conditions that a caller meets by what its credential says, for a route or for one call of a plan. All of them must hold. */
export interface CallerConditions {
  /** Scope or scopes, all of which the caller needs. */
  readonly scope?: string | readonly string[];
  /** Scopes of which the caller needs one. */
  readonly anyScope?: readonly string[];
  /** Role or roles, one of which the caller needs. */
  readonly role?: string | readonly string[];
  /** Authentication context class or classes, one of which the token must have in `acr` (RFC 9470). Others get the challenge for a stronger login. */
  readonly acr?: string | readonly string[];
  /** Longest time since the user was authenticated (`auth_time`), in whole seconds, 1 or more. Others get the challenge for a fresh login. */
  readonly maxAge?: number;
}

/** {@link CallerConditions}, checked and normalised once. */
export interface CallerRule {
  /** The caller must hold every one of these scopes. */
  readonly allScopes: readonly string[];
  /** The caller must hold at least one of these scopes; empty for no such condition. */
  readonly anyScopes: readonly string[];
  /** The caller must have at least one of these roles; empty for no such condition. */
  readonly anyRoles: readonly string[];
  /** The user must have been authenticated in one of these ways. */
  readonly acr?: readonly string[];
  /** The user must have been authenticated at most this long ago. */
  readonly maxAgeSeconds?: number;
}

/** The refusal of a caller, as the client is told. */
export interface CallerRefusal {
  readonly code: 'GW_UNAUTHENTICATED' | 'GW_FORBIDDEN';
  /** The value of `WWW-Authenticate`. */
  readonly challenge: string;
}

// RFC 6749 section 3.3: scope-token = 1*( %x21 / %x23-5B / %x5D-7E )
const scopeToken = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

/**
 * @param where for messages: `@Access`, `access of optional(shop.getOffers)`
 * @throws TypeError for a condition that is empty or malformed
 */
export function callerRule(given: CallerConditions, where: string): CallerRule {
  const anyRoles = listOf(given.role);
  if (given.role !== undefined && (anyRoles.length === 0 || anyRoles.includes('')))
    throw new TypeError(`${where}({ role }) names an empty role; leave "role" out or name one`);
  const { maxAge } = given;
  if (maxAge !== undefined && !(Number.isSafeInteger(maxAge) && maxAge >= 1))
    throw new TypeError(`${where}({ maxAge }): found ${maxAge}; write whole seconds, 1 or more`);
  return {
    allScopes: scopesOf('scope', given.scope, where),
    anyScopes: scopesOf('anyScope', given.anyScope, where),
    anyRoles,
    ...(given.acr !== undefined && { acr: scopesOf('acr', given.acr, where) }),
    ...(maxAge !== undefined && { maxAgeSeconds: maxAge }),
  };
}

/**
 * Compares a caller with a rule.
 * @param wallTime milliseconds since 1970
 * @returns undefined for a caller that may
 */
export function refusalOfCaller(
  rule: CallerRule,
  caller: Caller | undefined,
  wallTime: number,
): CallerRefusal | undefined {
  // RFC 6750 section 3.1: a request without credentials gets no error code.
  if (caller === undefined) return noCaller;
  const { allScopes, anyScopes, anyRoles } = rule;
  const { scopes, roles } = caller;
  if (!allScopes.every((scope) => scopes.includes(scope)) || !holdsAny(scopes, anyScopes)) {
    const wanted = [...allScopes, ...anyScopes].join(' ');
    return { code: 'GW_FORBIDDEN', challenge: `Bearer error="insufficient_scope", scope="${wanted}"` };
  }
  // Roles are internal to the organisation: the response does not name the missing role.
  if (!holdsAny(roles, anyRoles)) return noRole;
  return refusalOfLogin(rule, caller, wallTime);
}

/** RFC 9470 section 3. */
function refusalOfLogin(
  { acr, maxAgeSeconds }: CallerRule,
  caller: Caller,
  wallTime: number,
): CallerRefusal | undefined {
  const isStrong = acr === undefined || (caller.acr !== undefined && acr.includes(caller.acr));
  const isFresh =
    maxAgeSeconds === undefined ||
    (caller.authenticatedAt !== undefined && wallTime / 1000 - caller.authenticatedAt <= maxAgeSeconds);
  if (isStrong && isFresh) return undefined;
  const wanted = [
    ...(acr === undefined ? [] : [`acr_values="${acr.join(' ')}"`]),
    ...(maxAgeSeconds === undefined ? [] : [`max_age="${maxAgeSeconds}"`]),
  ];
  const challenge = ['Bearer error="insufficient_user_authentication"', ...wanted].join(', ');
  return { code: 'GW_UNAUTHENTICATED', challenge };
}

const noCaller: CallerRefusal = { code: 'GW_UNAUTHENTICATED', challenge: 'Bearer' };
const noRole: CallerRefusal = { code: 'GW_FORBIDDEN', challenge: 'Bearer error="insufficient_scope"' };

const holdsAny = (held: readonly string[], wanted: readonly string[]): boolean =>
  wanted.length === 0 || wanted.some((one) => held.includes(one));

function listOf(value: string | readonly string[] | undefined): readonly string[] {
  if (value === undefined) return [];
  return Object.freeze(typeof value === 'string' ? [value] : [...value]);
}

function scopesOf(member: string, value: string | readonly string[] | undefined, where: string): readonly string[] {
  const scopes = listOf(value);
  for (const scope of scopes) {
    if (!scopeToken.test(scope)) {
      throw new TypeError(
        `${where}({ ${member} }): ${JSON.stringify(scope)} is not one scope; write several as a list: ['orders:read', 'orders:write']`,
      );
    }
  }
  if (value !== undefined && scopes.length === 0)
    throw new TypeError(`${where}({ ${member}: [] }) names no scope; leave "${member}" out or name one`);
  return scopes;
}
