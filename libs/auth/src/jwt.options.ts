/** Signature algorithms that can be allowed: asymmetric ones only, so that a public key is never taken for a shared secret. */
const jwtAlgorithms = [
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

export type JwtAlgorithm = (typeof jwtAlgorithms)[number];

/** Which tokens are taken, and where the keys that prove them come from. */
export interface JwtOptions {
  /** The only `iss` that is taken, compared exactly. */
  readonly issuer: string;
  /** Who the token must be for: `aud` must name one of these. */
  readonly audience: string | readonly string[];
  /** `https:` address of the issuer's JWK set; `http:` only on this machine, or with `allowHttp`. Redirects are refused. */
  readonly jwks: string;
  /** At least one. A token that says anything else is refused before a key is looked up. */
  readonly algorithms: readonly string[];
  /** How far the issuer's clock may be off, 0 to 60,000. @default 5_000 */
  readonly clockSkewMs?: number;
  /** Values of the header `typ` that are taken, without regard to case; `''` stands for a token without one. @default ['at+jwt', 'JWT'] */
  readonly types?: readonly string[];
  /** Longest since `iat`, which must then be there. Absent: `exp` alone decides. */
  readonly maxTokenAgeMs?: number;
  /** Claim with the roles; dots lead into objects (`realm_access.roles`) where no claim has the whole name. @default 'roles' */
  readonly rolesClaim?: string;
  /** Claim with the tenant, written as `rolesClaim` is. @default 'tenant' */
  readonly tenantClaim?: string;
  /** How long a verified token is taken without verifying it again, 0 to 60,000, and never beyond its `exp`. @default 60_000 */
  readonly cacheMs?: number;
  /** How many verified tokens are remembered, 2 or more. @default 10_000 */
  readonly maxCachedTokens?: number;
  /** A token with a key id that is unknown makes the keys be fetched again, at most once in this time. @default 10_000 */
  readonly jwksCooldownMs?: number;
  /** Keys older than this are fetched again in the background. @default 600_000 (ten minutes) */
  readonly jwksRefreshMs?: number;
  /** How long the last good keys serve while the issuer cannot be reached. @default 86_400_000 (a day) */
  readonly jwksMaxAgeMs?: number;
  /** Time for one fetch of the keys. @default 5_000 */
  readonly jwksTimeoutMs?: number;
  /** Largest JWK set that is read. @default 262_144 */
  readonly jwksMaxBytes?: number;
  /** Takes `http:` for `jwks` on other machines too: whoever is on the way can then sign in as anyone. @default false */
  readonly allowHttp?: boolean;
}

/** {@link JwtOptions} checked and complete. */
export interface JwtSettings extends Required<
  Omit<JwtOptions, 'audience' | 'jwks' | 'algorithms' | 'maxTokenAgeMs' | 'allowHttp'>
> {
  readonly audience: readonly string[];
  readonly algorithms: readonly JwtAlgorithm[];
  readonly jwksUrl: URL;
  readonly maxTokenAgeMs: number | undefined;
}

const loopback = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

function within(name: string, value: number, min: number, max: number): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new RangeError(`jwt.${name}: found ${value}; write a whole number from ${min} to ${max}`);
}

function jwksAddress(value: string, allowHttp: boolean): URL {
  if (!URL.canParse(value))
    throw new TypeError(`jwt.jwks: ${JSON.stringify(value)} is not an absolute URL; write https://<issuer>/...`);
  const url = new URL(value);
  const insecure = url.protocol === 'http:' && !allowHttp && !loopback.test(url.hostname);
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

/**
 * Checks options once, at the start.
 * @throws TypeError or RangeError that names the option, what was found and what to write instead
 */
export function jwtSettings(options: JwtOptions): JwtSettings {
  if (options.issuer === '')
    throw new TypeError('jwt.issuer: is empty; write the issuer exactly as its tokens have it in "iss"');
  const audience = typeof options.audience === 'string' ? [options.audience] : [...options.audience];
  if (audience.length === 0 || audience.includes('')) {
    throw new TypeError('jwt.audience: is empty, which would take tokens made for other services; name this BFF');
  }
  if (options.algorithms.length === 0)
    throw new TypeError(`jwt.algorithms: is empty; name some of ${jwtAlgorithms.join(', ')}`);
  return {
    issuer: options.issuer,
    audience,
    jwksUrl: jwksAddress(options.jwks, options.allowHttp ?? false),
    algorithms: options.algorithms.map(algorithmOf),
    clockSkewMs: within('clockSkewMs', options.clockSkewMs ?? 5_000, 0, 60_000),
    types: (options.types ?? ['at+jwt', 'JWT']).map((type) => type.toLowerCase()),
    maxTokenAgeMs:
      options.maxTokenAgeMs === undefined
        ? undefined
        : within('maxTokenAgeMs', options.maxTokenAgeMs, 1_000, 30 * 86_400_000),
    rolesClaim: options.rolesClaim ?? 'roles',
    tenantClaim: options.tenantClaim ?? 'tenant',
    cacheMs: within('cacheMs', options.cacheMs ?? 60_000, 0, 60_000),
    maxCachedTokens: within('maxCachedTokens', options.maxCachedTokens ?? 10_000, 2, 10_000_000),
    jwksCooldownMs: within('jwksCooldownMs', options.jwksCooldownMs ?? 10_000, 1_000, 3_600_000),
    jwksRefreshMs: within('jwksRefreshMs', options.jwksRefreshMs ?? 600_000, 1_000, 86_400_000),
    jwksMaxAgeMs: within('jwksMaxAgeMs', options.jwksMaxAgeMs ?? 86_400_000, 1_000, 30 * 86_400_000),
    jwksTimeoutMs: within('jwksTimeoutMs', options.jwksTimeoutMs ?? 5_000, 1, 60_000),
    jwksMaxBytes: within('jwksMaxBytes', options.jwksMaxBytes ?? 262_144, 1_024, 16_777_216),
  };
}
