import type { Caller } from '@frontage/context';
import type { JWTPayload } from 'jose';
import type { JwtSettings } from './jwt.options.js';

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

function claimAt(payload: JWTPayload, claim: string): unknown {
  if (Object.hasOwn(payload, claim)) return payload[claim];
  let value: unknown = payload;
  for (const name of claim.split('.')) {
    if (!isObject(value) || !Object.hasOwn(value, name)) return undefined;
    value = value[name];
  }
  return value;
}

/** A list of words, or one string with spaces between them (RFC 6749 section 3.3). Anything else grants nothing. */
function wordsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return Object.freeze(value.split(' ').filter((word) => word !== ''));
  if (!Array.isArray(value)) return Object.freeze([]);
  return Object.freeze(value.filter((word): word is string => typeof word === 'string' && word !== ''));
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/**
 * What a verified payload says about its caller. Frozen: it is shared by all requests with the same token.
 * @throws Error when there is no subject
 */
export function callerOf(payload: JWTPayload, settings: Pick<JwtSettings, 'rolesClaim' | 'tenantClaim'>): Caller {
  const subject = textOf(payload.sub);
  if (subject === undefined) throw new Error('"sub" is missing or empty');
  const tenant = textOf(claimAt(payload, settings.tenantClaim));
  const app = textOf(payload['azp']) ?? textOf(payload['client_id']);
  return Object.freeze({
    subject,
    scopes: wordsOf(payload['scope'] ?? payload['scp']),
    roles: wordsOf(claimAt(payload, settings.rolesClaim)),
    ...(tenant === undefined ? {} : { tenant }),
    ...(app === undefined ? {} : { app }),
  });
}

/**
 * Refuses tokens that are signed by the right issuer but are no bearer access tokens. RFC 9068 gave access tokens a `typ` of their own;
 * where the issuer writes plain `JWT` into every kind, its own marks tell them apart.
 * @throws Error that says which mark was found
 */
export function assertAccessToken(typ: string, payload: JWTPayload): void {
  // RFC 9449 section 7.2, RFC 8705 section 3: a token bound to a key proves nothing without proof of that key.
  if (payload['cnf'] !== undefined) throw new Error('the token is bound to a key ("cnf") that was not proven');
  if (typ === 'at+jwt' || typ === 'application/at+jwt') return;
  const use = payload['token_use']; // Cognito
  if (use !== undefined && use !== 'access') throw new Error('"token_use" is not "access"');
  const kind = payload['typ']; // Keycloak
  if (kind !== undefined && kind !== 'Bearer') throw new Error('the claim "typ" is not "Bearer"');
  if (use === 'access' || kind === 'Bearer') return;
  // OpenID Connect Core sections 2 and 3.3.2.11: only an ID token answers an authentication request.
  const mark = ['nonce', 'at_hash', 'c_hash', 's_hash'].find((name) => payload[name] !== undefined);
  if (mark !== undefined) throw new Error(`"${mark}" marks an ID token`);
}
