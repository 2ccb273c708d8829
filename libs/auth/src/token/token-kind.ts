import type { JWTPayload } from 'jose';

/** OpenID Connect Core sections 2 and 3.3.2.11: only an ID token responds to an authentication request; RFC 8417: an access token has no `events`. */
const otherKinds = ['nonce', 'at_hash', 'c_hash', 's_hash', 'events'];

/**
 * Refuses tokens that the right issuer signed but that are no bearer access tokens. RFC 9068 gave access tokens a `typ` of their own. If
 * an issuer writes `JWT` or nothing into tokens of every kind, other claims tell the kinds apart.
 * @param typ the header `typ` in lower case, without `application/`; empty without one
 * @returns whether a mark of the token says that it is an access token
 * @throws Error that names the mark of another kind
 */
export function assertAccessToken(typ: string, payload: JWTPayload): boolean {
  if (typ === 'at+jwt') return true;
  const use = payload['token_use']; // Cognito
  if (use !== undefined && use !== 'access') throw new Error('"token_use" is not "access"');
  const kind = payload['typ']; // Keycloak
  if (kind !== undefined && kind !== 'Bearer') throw new Error('the claim "typ" is not "Bearer"');
  if (use === 'access' || kind === 'Bearer') return true;
  const mark = otherKinds.find((name) => payload[name] !== undefined);
  if (mark !== undefined) throw new Error(`"${mark}" marks a token of another kind`);
  return false;
}
