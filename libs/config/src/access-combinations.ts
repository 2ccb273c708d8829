import { isLoopback } from '@frontage/core';
import type { JwtConfig } from './schema/access-config.js';
import { renderDuration } from './schema/scalars.js';
import type { Path } from './document/tree.js';

/** Types of JWTs that are no access tokens, with their names (RFC 8417, RFC 9101, RFC 9449, RFC 9701, OpenID Connect logout). */
const otherTypes: ReadonlyMap<string, string> = new Map([
  ['dpop+jwt', 'a proof of a key'],
  ['id+jwt', 'an ID token'],
  ['id_token', 'an ID token'],
  ['logout+jwt', 'a logout token'],
  ['oauth-authz-req+jwt', 'an authorization request'],
  ['refresh+jwt', 'a refresh token'],
  ['rt+jwt', 'a refresh token'],
  ['secevent+jwt', 'a security event'],
  ['token-introspection+jwt', 'an introspection response'],
]);

/** Claims that are the same in all tokens of an issuer, or different in each: none of them can hold an audience. */
const notForAudiences: ReadonlySet<string> = new Set(['iss', 'sub', 'jti', 'exp', 'iat', 'nbf']);

/** Refuses values of `access.jwt` that contradict each other. */
export function checkJwt(jwt: JwtConfig, refuse: (path: Path, message: string) => void): void {
  const at = (...path: string[]): Path => ['access', 'jwt', ...path];
  const { protocol, hostname } = new URL(jwt.jwks);
  if (protocol === 'http:' && !isLoopback(hostname)) {
    refuse(
      at('jwks'),
      'keys that are fetched over http: can be replaced on the way, and then any token is accepted; write https: (http: is for this machine only)',
    );
  }
  for (const type of jwt.types) {
    const kind = otherTypes.get(type.toLowerCase().replace(/^application\//, ''));
    if (kind !== undefined) refuse(at('types'), `"${type}" is the type of ${kind}, not of an access token; remove it`);
  }
  if (notForAudiences.has(jwt.audienceClaim)) {
    refuse(
      at('audienceClaim'),
      `"${jwt.audienceClaim}" is not the audience of a token; write aud, or the claim in which this issuer names the client, such as azp`,
    );
  }
  if (jwt.jwksMaxAgeMs < 2 * jwt.jwksRefreshMs) {
    refuse(
      at('keys'),
      `maxAge (${renderDuration(jwt.jwksMaxAgeMs)}) is shorter than twice refresh (${renderDuration(jwt.jwksRefreshMs)}): one failed fetch would refuse all callers`,
    );
  }
}
