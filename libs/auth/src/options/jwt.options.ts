import { isLoopback } from '@frontage/core';
import { claimReader } from './claim-path.js';
import type { DpopRule } from './dpop.options.js';

/** Signature algorithms that can be allowed. They are asymmetric only, so that a public key is never taken for a shared secret. */
export const jwtAlgorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
] as const;

/** The challenge for clients whose tokens are bound to a key (RFC 9449 section 7.1): a proof may be signed in the same ways as a token. */
export const dpopChallenge = `DPoP algs="${jwtAlgorithms.join(' ')}"`;

export type JwtAlgorithm = (typeof jwtAlgorithms)[number];

/** `texts` is a list of texts, or one text. */
export type ClaimKind = 'text' | 'texts' | 'number' | 'flag';

export interface ClaimOptions {
  readonly kind: ClaimKind;
  /** The claim, written as `rolesClaim` is. @default the name */
  readonly claim?: string;
  /** @default false */
  readonly required?: boolean;
}

/** The tokens that are accepted, and the source of the keys that prove them. */
export interface JwtOptions {
  /** The only accepted `iss`, compared exactly. */
  readonly issuer: string;
  /**
   * Stands before each `sub`. Two issuers may give the same `sub` to two persons, so each of several issuers needs a prefix of its own,
   * unless they share their users. @default none
   */
  readonly subjectPrefix?: string;
  /** The accepted audiences: `audienceClaim` must name one of them. */
  readonly audience: string | readonly string[];
  /**
   * Claim with the audience, a text or a list. Some issuers leave `aud` out and name the client in another claim: `azp`, `client_id`. Then
   * `aud` itself is not read. Written as `rolesClaim` is. @default 'aud'
   */
  readonly audienceClaim?: string;
  /** `https:` address of the issuer's JWK set; `http:` only on this machine, or with `allowHttp`. Redirects are refused. */
  readonly jwks: string;
  /** The proxy to fetch the keys through. @default none */
  readonly proxy?: string;
  /** At least one. A token with another `alg` is refused before a key is looked up. */
  readonly algorithms: readonly string[];
  /** @default tokens that are bound to a key are refused */
  readonly dpop?: DpopRule;
  /** Accepted difference to the clock of the issuer in milliseconds, 0 to 60,000. @default 5_000 */
  readonly clockSkewMs?: number;
  /** Accepted values of the header `typ`, without regard to case; `none` stands for a token without one. @default ['at+jwt', 'JWT'] */
  readonly types?: readonly string[];
  /**
   * Claims that every token must have. @default a token that is not marked as an access token (`typ: at+jwt`, Cognito's `token_use`,
   * Keycloak's claim `typ`) must have one of `scopeClaim`, because it could be an ID token.
   */
  readonly requiredClaims?: readonly string[];
  /** Claims with the scopes, all of them together: a list of texts, or one text with blanks between them. @default ['scope', 'scp'] */
  readonly scopeClaim?: string | readonly string[];
  /** Longest time since `iat` in milliseconds; a token must then have an `iat`. @default `exp` alone decides */
  readonly maxTokenAgeMs?: number;
  /** Claims with the roles, all of them together: a list of texts, or one role as text; dots lead into objects (`realm_access.roles`). @default 'roles' */
  readonly rolesClaim?: string | readonly string[];
  /**
   * Claims that plans and handlers see as `caller.claims`, by the name that they get there; no others are seen. A token without a required one, or
   * with another kind of value there, is refused. @default none
   */
  readonly claims?: Readonly<Record<string, ClaimOptions>>;
  /** Claim with the tenant, written as `rolesClaim` is. @default 'tenant' */
  readonly tenantClaim?: string;
  /**
   * The time for which a verified token is accepted without another verification, 0 to 60,000 ms, never beyond its `exp`, and never after the issuer
   * has withdrawn a key. @default 60_000
   */
  readonly cacheMs?: number;
  /** The number of verified tokens that are remembered, 2 or more; 40 bytes for each are reserved at the start. @default 10_000 */
  readonly maxCachedTokens?: number;
  /** A token with an unknown key id starts another fetch of the keys, at most once in this time (milliseconds). @default 10_000 */
  readonly jwksCooldownMs?: number;
  /**
   * Keys older than this (milliseconds) are fetched again in the background. A token waits for that fetch when the keys are twice as old,
   * and the old keys verify it only if the fetch fails. So a withdrawn key is refused after twice this time, also by an app that had no
   * requests. 1,000 to 86,400,000. @default 30_000
   */
  readonly jwksRefreshMs?: number;
  /** The time for which the last good keys are used while the issuer cannot be reached, in milliseconds. @default 86_400_000 (a day) */
  readonly jwksMaxAgeMs?: number;
  /** Time for one fetch of the keys, in milliseconds. @default 5_000 */
  readonly jwksTimeoutMs?: number;
  /** Largest JWK set that is read, in bytes. @default 262_144 */
  readonly jwksMaxBytes?: number;
  /** Accepts `http:` for `jwks` on other machines too: an attacker on the network can then sign in as any caller. @default false */
  readonly allowHttp?: boolean;
}

/** {@link JwtOptions} checked and complete. */
export interface JwtSettings extends Required<
  Omit<
    JwtOptions,
    | 'audience'
    | 'jwks'
    | 'proxy'
    | 'subjectPrefix'
    | 'algorithms'
    | 'maxTokenAgeMs'
    | 'allowHttp'
    | 'types'
    | 'scopeClaim'
    | 'rolesClaim'
    | 'requiredClaims'
    | 'dpop'
  >
> {
  readonly audience: readonly string[];
  /** In lower case; empty stands for a token without a type. */
  readonly types: readonly string[];
  readonly scopeClaims: readonly string[];
  readonly rolesClaims: readonly string[];
  readonly requiredClaims: readonly string[] | undefined;
  readonly algorithms: readonly JwtAlgorithm[];
  readonly jwksUrl: URL;
  readonly maxTokenAgeMs: number | undefined;
  readonly dpop: DpopRule | undefined;
  readonly subjectPrefix: string;
}

/** The settings that say how the claims of a token are read. */
export type ClaimSettings = Pick<
  JwtSettings,
  | 'audience'
  | 'audienceClaim'
  | 'scopeClaims'
  | 'rolesClaims'
  | 'tenantClaim'
  | 'requiredClaims'
  | 'claims'
  | 'subjectPrefix'
>;

function within(name: string, value: number, min: number, max: number): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new RangeError(`jwt.${name}: found ${value}; write a whole number from ${min} to ${max}`);
}

function jwksAddress(value: string, allowHttp: boolean): URL {
  if (!URL.canParse(value))
    throw new TypeError(`jwt.jwks: ${JSON.stringify(value)} is not an absolute URL; write https://<issuer>/...`);
  const url = new URL(value);
  const insecure = url.protocol === 'http:' && !allowHttp && !isLoopback(url.hostname);
  if (insecure || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw new TypeError(
      `jwt.jwks: found ${url.protocol}//${url.host}; write an https: address (http: is for this machine only)`,
    );
  }
  if (url.username !== '' || url.password !== '')
    throw new TypeError('jwt.jwks: has credentials in it; keys are public, leave them out');
  return url;
}

function algorithmOf(name: string): JwtAlgorithm {
  const known = jwtAlgorithms.find((algorithm) => algorithm === name);
  if (known !== undefined) return known;
  throw new TypeError(`jwt.algorithms: found ${JSON.stringify(name)}; name some of ${jwtAlgorithms.join(', ')}`);
}

export const listOf = (value: string | readonly string[]): readonly string[] =>
  typeof value === 'string' ? [value] : [...value];

/** @throws TypeError for an empty list, or for a text that is no path of a claim; it begins with the name of the option */
export function claimList(name: string, value: string | readonly string[]): readonly string[] {
  const list = listOf(value);
  if (list.length === 0) throw new TypeError(`${name}: is empty; name a claim`);
  try {
    for (const path of list) claimReader(path);
  } catch (cause) {
    throw new TypeError(`${name}: ${cause instanceof Error ? cause.message : ''}`, { cause });
  }
  return list;
}

const claims = (name: string, value: string | readonly string[]): readonly string[] => claimList(`jwt.${name}`, value);

function namedClaims(named: Readonly<Record<string, ClaimOptions>>): Readonly<Record<string, ClaimOptions>> {
  for (const [name, { claim = name }] of Object.entries(named)) claims(`claims.${name}`, claim);
  return named;
}

/** In lower case; empty for a token without a type. */
function typesOf(types: readonly string[]): readonly string[] {
  if (types.length === 0) throw new TypeError('jwt.types: is empty; write "none" for tokens without a type');
  return types
    .map((type) => type.toLowerCase().replace(/^application\//, ''))
    .map((type) => (type === 'none' ? '' : type));
}

/**
 * Checks options once, at the start.
 * @throws TypeError or RangeError that names the option, what was found and what to write instead
 */
export function jwtSettings(options: JwtOptions): JwtSettings {
  if (options.issuer === '')
    throw new TypeError('jwt.issuer: is empty; write the issuer exactly as its tokens have it in "iss"');
  const audience = listOf(options.audience);
  if (audience.length === 0 || audience.includes('')) {
    throw new TypeError('jwt.audience: is empty, which would take tokens made for other services; name this BFF');
  }
  if (options.algorithms.length === 0)
    throw new TypeError(`jwt.algorithms: is empty; name some of ${jwtAlgorithms.join(', ')}`);
  return {
    issuer: options.issuer,
    subjectPrefix: options.subjectPrefix ?? '',
    audience,
    jwksUrl: jwksAddress(options.jwks, options.allowHttp ?? false),
    algorithms: options.algorithms.map(algorithmOf),
    dpop: options.dpop,
    clockSkewMs: within('clockSkewMs', options.clockSkewMs ?? 5_000, 0, 60_000),
    audienceClaim: claims('audienceClaim', options.audienceClaim ?? 'aud')[0] ?? 'aud',
    types: typesOf(options.types ?? ['at+jwt', 'JWT']),
    requiredClaims: options.requiredClaims && claims('requiredClaims', options.requiredClaims),
    scopeClaims: claims('scopeClaim', options.scopeClaim ?? ['scope', 'scp']),
    maxTokenAgeMs:
      options.maxTokenAgeMs === undefined
        ? undefined
        : within('maxTokenAgeMs', options.maxTokenAgeMs, 1_000, 30 * 86_400_000),
    rolesClaims: claims('rolesClaim', options.rolesClaim ?? 'roles'),
    tenantClaim: claims('tenantClaim', options.tenantClaim ?? 'tenant')[0] ?? 'tenant',
    claims: namedClaims(options.claims ?? {}),
    cacheMs: within('cacheMs', options.cacheMs ?? 60_000, 0, 60_000),
    maxCachedTokens: within('maxCachedTokens', options.maxCachedTokens ?? 10_000, 2, 10_000_000),
    jwksCooldownMs: within('jwksCooldownMs', options.jwksCooldownMs ?? 10_000, 1_000, 3_600_000),
    jwksRefreshMs: within('jwksRefreshMs', options.jwksRefreshMs ?? 30_000, 1_000, 86_400_000),
    jwksMaxAgeMs: within('jwksMaxAgeMs', options.jwksMaxAgeMs ?? 86_400_000, 1_000, 30 * 86_400_000),
    jwksTimeoutMs: within('jwksTimeoutMs', options.jwksTimeoutMs ?? 5_000, 1, 60_000),
    jwksMaxBytes: within('jwksMaxBytes', options.jwksMaxBytes ?? 262_144, 1_024, 16_777_216),
  };
}
