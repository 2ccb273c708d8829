import { refusedToken } from './refusals.js';

// RFC 9110 section 11.4 and RFC 6750 section 2.1: scheme without regard to case, 1*SP, token68.
const bearer = /^bearer +([A-Za-z0-9\-._~+/]+=*)$/i;
// RFC 9449 section 7.1
const bearerOrDpop = /^(?:bearer|dpop) +([A-Za-z0-9\-._~+/]+=*)$/i;
const maxLength = 8_192;

/**
 * The token of an `Authorization` header, `undefined` without a header. A token is never read from the query, because logs and referrers
 * would keep it (RFC 6750 section 5.3).
 * @throws ProblemError `GW_UNAUTHENTICATED` for another scheme, a malformed header, or more than 8,192 characters
 */
export const bearerOf = (authorization: string | undefined): string | undefined => tokenIn(authorization, bearer);

/** The same where tokens may be bound to a key: also of the scheme `DPoP`. */
export const bearerOrDpopOf = (authorization: string | undefined): string | undefined =>
  tokenIn(authorization, bearerOrDpop);

export const isDpop = (authorization: string | undefined): boolean =>
  authorization !== undefined && /^dpop /i.test(authorization);

function tokenIn(authorization: string | undefined, credentials: RegExp): string | undefined {
  if (authorization === undefined) return undefined;
  const token = authorization.length <= maxLength ? credentials.exec(authorization)?.[1] : undefined;
  if (token === undefined) throw refusedToken(new Error('the Authorization header is not "Bearer <token>"'));
  return token;
}
