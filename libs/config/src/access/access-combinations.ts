import { isLoopback } from '@frontage/core';
import { checkSessions } from './session-combinations.js';
import type { AccessConfig, CertificateConfig, JwtConfig } from './access-config.js';
import { renderDuration } from '../schema/values/scalars.js';
import type { Path } from '../document/tree.js';

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

type Refuse = (path: Path, message: string) => void;

/** The strategies of Frontage. Every other name is one of the app. */
const builtIn = ['jwt', 'apiKeys', 'introspection', 'certificate', 'session'] as const;

/** The rest of the policy, as far as `access` needs it. */
export interface AccessNeeds {
  /** Keys and revocations can be shared. */
  readonly hasStore: boolean;
  /** Clients are asked for certificates. */
  readonly asksForCertificates: boolean;
  readonly rateClasses: readonly string[];
}

/** Refuses values of `access` that contradict each other. */
export function checkAccess(access: AccessConfig, needs: AccessNeeds, refuse: Refuse): void {
  const { hasStore } = needs;
  const { strategies, tokenHeaders, jwt, issuers, apiKeys, introspection, sessions } = access;
  if (strategies.length === 0) {
    refuse(
      ['access'],
      'no caller can be identified; add jwt: { issuer, audience, jwks }, or write access: off if this app takes no credentials',
    );
  }
  const configured: Readonly<Record<(typeof builtIn)[number], boolean>> = {
    jwt: jwt !== undefined || Object.keys(issuers).length > 0,
    apiKeys: apiKeys !== undefined,
    introspection: introspection !== undefined,
    certificate: access.certificate !== undefined,
    session: sessions !== undefined,
  };
  for (const name of builtIn) {
    if (strategies.includes(name) === configured[name]) continue;
    const block = name === 'session' ? 'sessions' : name;
    if (configured[name])
      refuse(['access', block], `"${name}" is not in access.strategies, so it has no effect; add it there`);
    else refuse(['access', 'strategies'], `"${name}" has no block here; add access.${block}`);
  }
  if (new Set(strategies).size < strategies.length)
    refuse(['access', 'strategies'], 'a strategy stands twice in this list');
  if (apiKeys !== undefined && apiKeys.file === undefined && !hasStore)
    refuse(['access', 'apiKeys'], 'the keys have no place: add "file", or "redis" to this policy');
  if (apiKeys !== undefined && [...tokenHeaders, 'authorization', 'cookie'].includes(apiKeys.header))
    refuse(['access', 'apiKeys', 'header'], `"${apiKeys.header}" holds other credentials; write x-api-key`);
  if (introspection !== undefined) {
    const { protocol, hostname } = new URL(introspection.url);
    if (protocol === 'http:' && !isLoopback(hostname))
      refuse(
        ['access', 'introspection', 'url'],
        'tokens and the secret of this app go there; write https: (http: is for this machine only)',
      );
  }
  if (access.certificate !== undefined) checkCertificate(access.certificate, needs, refuse);
  checkDpop(access, refuse);
  if (access.opa !== undefined) {
    const { protocol, hostname } = new URL(access.opa.url);
    if (protocol === 'http:' && !isLoopback(hostname))
      refuse(
        ['access', 'opa', 'url'],
        'decisions that come over http: can be replaced on the way; write https: (http: is for this machine only)',
      );
  }
  if (sessions !== undefined) checkSessions(sessions, hasStore, refuse);
  if (jwt !== undefined) checkJwt(jwt, ['access', 'jwt'], refuse);
  const seen = new Map<string, string>(jwt === undefined ? [] : [[jwt.issuer, 'access.jwt']]);
  for (const [name, issuer] of Object.entries(issuers)) {
    checkJwt(issuer, ['access', 'issuers', name], refuse);
    const other = seen.get(issuer.issuer);
    if (other !== undefined)
      refuse(['access', 'issuers', name], `${other} is for the same issuer; write all its audiences as one list there`);
    seen.set(issuer.issuer, other ?? `access.issuers.${name}`);
  }
}

/** Proofs need the address of the app, and an issuer whose tokens are bound to keys. */
function checkDpop({ dpop, jwt, issuers, introspection, tokenHeaders }: AccessConfig, refuse: Refuse): void {
  const users: readonly (readonly [Path, { readonly dpop?: unknown }])[] = [
    ...(jwt === undefined ? [] : [[['access', 'jwt'], jwt] as const]),
    ...Object.entries(issuers).map(([name, issuer]) => [['access', 'issuers', name], issuer] as const),
    ...(introspection === undefined ? [] : [[['access', 'introspection'], introspection] as const]),
  ];
  const bound = users.filter(([, issuer]) => issuer.dpop !== undefined);
  if (dpop === undefined) {
    for (const [path] of bound)
      refuse(
        [...path, 'dpop'],
        'proofs name the address of this app, which is not known; add access.dpop: { url: https://... }',
      );
    return;
  }
  if (bound.length === 0)
    refuse(['access', 'dpop'], 'no issuer has tokens that are bound to a key; add dpop: accepted to one, or remove it');
  if (!tokenHeaders.includes('authorization'))
    refuse(['access', 'dpop'], 'tokens with a proof stand in "authorization", which tokenHeaders does not have');
  const { protocol, hostname } = new URL(dpop.url);
  if (protocol === 'http:' && !isLoopback(hostname))
    refuse(['access', 'dpop', 'url'], 'tokens come over it; write https: (http: is for this machine only)');
}

function checkCertificate(
  { from, proxies, callers, file }: CertificateConfig,
  { asksForCertificates, rateClasses }: AccessNeeds,
  refuse: Refuse,
): void {
  const at = (...path: string[]): Path => ['access', 'certificate', ...path];
  if (from === 'connection' && !asksForCertificates)
    refuse(
      at(),
      'no client is asked for a certificate; add listen.tls.clientCertificates: { ca }, or from: proxy where a proxy ends TLS',
    );
  if (from === 'connection' && proxies.length > 0)
    refuse(at('proxies'), '"proxies" is not used with the certificates of connections; write from: proxy or remove it');
  if (from === 'proxy' && proxies.length === 0)
    refuse(at(), 'any client could name a certificate in the header; add "proxies" with the addresses of your proxies');
  if (Object.keys(callers).length === 0 && file === undefined)
    refuse(at(), 'no certificate identifies a caller; add "callers" or "file"');
  const seen = new Map<string, string>();
  for (const [name, { thumbprint = [], san = [], subject = [], quota }] of Object.entries(callers)) {
    if (thumbprint.length + san.length + subject.length === 0)
      refuse(at('callers', name), 'this caller has no certificate; add "thumbprint", "san" or "subject"');
    if (quota !== undefined && !rateClasses.includes(quota))
      refuse(at('callers', name, 'quota'), `"${quota}" is not in rateClasses; add it there`);
    for (const value of [...thumbprint.map((text) => text.replaceAll(':', '').toLowerCase()), ...san, ...subject]) {
      const other = seen.get(value) ?? name;
      if (other !== name) refuse(at('callers', name), `"${other}" has the same certificate: ${value}`);
      seen.set(value, other);
    }
  }
}

/** Refuses values for one issuer that contradict each other. */
function checkJwt(jwt: JwtConfig, place: Path, refuse: Refuse): void {
  const at = (...path: string[]): Path => [...place, ...path];
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
