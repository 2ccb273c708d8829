export interface AccessConfig {
  /** Passport strategies, in the order in which they run. */
  readonly strategies: readonly string[];
  /** Header fields with tokens, in lower case. @default authorization */
  readonly tokenHeaders: readonly string[];
  /** The issuer of `jwt`, where it is one. */
  readonly jwt?: JwtConfig;
  /** Further issuers, by name. */
  readonly issuers: Readonly<Record<string, JwtConfig>>;
  readonly apiKeys?: ApiKeysConfig;
  readonly introspection?: IntrospectionConfig;
  readonly certificate?: CertificateConfig;
  /** Proofs of the keys that tokens are bound to (RFC 9449). Absent: no issuer has `dpop`. */
  readonly dpop?: DpopConfig;
  /** An external policy that decides about each request. */
  readonly opa?: OpaConfig;
  readonly sessions?: SessionsConfig;
  /** The time for which a revocation is kept. */
  readonly revocationKeepMs: number;
}

export interface DpopConfig {
  /** Address of the app as its clients have it. */
  readonly url: string;
  /** Longest time since `iat` of a proof. 1_000 to 300_000. @default 60_000 */
  readonly maxAgeMs: number;
  /** Proofs that are remembered. @default 100_000 */
  readonly maxProofs: number;
}

/** Tokens that are bound to a key. */
export type DpopRule = 'accepted' | 'required';

export interface OpaConfig {
  /** Base address of the agent. */
  readonly url: string;
  readonly proxy?: string;
  /** Of the rule: `shop/access`. */
  readonly path: string;
  readonly token?: string;
  /** 0 to 60_000. @default 5_000 */
  readonly cacheMs: number;
  /** @default 500 */
  readonly timeoutMs: number;
}

export interface ApiKeysConfig {
  /** In lower case. @default x-api-key */
  readonly header: string;
  /** Absolute path. Absent: the keys are in the shared store. */
  readonly file?: string;
  /** @default 2_000 */
  readonly reloadMs: number;
  /** 0 to 60_000. @default 60_000 */
  readonly cacheMs: number;
}

export interface CertificateConfig {
  /** @default connection */
  readonly from: 'connection' | 'proxy';
  /** Addresses and networks; none with `from: connection`. */
  readonly proxies: readonly string[];
  /** By the name of the caller. */
  readonly callers: Readonly<Record<string, CertificateCallerConfig>>;
  /** Absolute path. Absent: the callers of the policy are all. */
  readonly file?: string;
  /** @default 2_000 */
  readonly reloadMs: number;
  /** 0 to 60_000. @default 60_000 */
  readonly cacheMs: number;
}

/** At least one of `thumbprint`, `san` and `subject` is there. */
export interface CertificateCallerConfig {
  readonly thumbprint?: readonly string[];
  readonly san?: readonly string[];
  readonly subject?: readonly string[];
  readonly scopes: readonly string[];
  readonly roles: readonly string[];
  readonly tenant?: string;
  readonly quota?: string;
}

/** Members of an issuer of tokens that an introspection endpoint has too. */
type ClaimMember = 'audience' | 'scopeClaim' | 'rolesClaim' | 'tenantClaim' | 'requiredClaims' | 'claims';

export interface IntrospectionConfig extends Pick<JwtConfig, ClaimMember | 'proxy' | 'cacheMs' | 'clockSkewMs'> {
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly issuer?: string;
  /** Absent: tokens that are bound to a key are refused. */
  readonly dpop?: DpopRule;
  readonly timeoutMs: number;
  readonly breaker: {
    readonly failureRatio: number;
    readonly windowMs: number;
    readonly minimumCalls: number;
    readonly openForMs: number;
  };
}

export interface SessionsConfig {
  /** Address at which browsers see this app, with the path below which its routes are. */
  readonly url: string;
  readonly providers: Readonly<Record<string, SessionProviderConfig>>;
  /** Secrets; the first one encrypts. Absent, with `keysFile` too: a random one. */
  readonly keys?: readonly string[];
  /** Absolute path. */
  readonly keysFile?: string;
  readonly idleMs: number;
  readonly lifetimeMs: number;
  readonly refreshAheadMs: number;
  /** In lower case. @default x-csrf */
  readonly csrfHeader: string;
  /** @default refuse */
  readonly navigation: 'refuse' | 'login';
  /** @default / */
  readonly afterLogout: string;
  /** In memory. @default 10_000 */
  readonly maxSessions: number;
}

export interface SessionProviderConfig {
  readonly issuer: string;
  /** May hold a password. Absent: none. */
  readonly proxy?: string;
  readonly clientId: string;
  readonly clientSecret?: string;
  /** @default client_secret_basic */
  readonly clientAuthentication: 'client_secret_basic' | 'client_secret_post';
  /** Absolute path of a PEM file. */
  readonly privateKey?: string;
  /** @default ES256 */
  readonly privateKeyAlgorithm: string;
  readonly privateKeyId?: string;
  readonly scopes: readonly string[];
  readonly parameters: Readonly<Record<string, string>>;
  readonly pushedRequests?: boolean;
  /** @default false */
  readonly dpop: boolean;
  /** @default false */
  readonly idTokenHint: boolean;
  readonly subjectPrefix: string;
  readonly rolesClaim: readonly string[];
  readonly tenantClaim: string;
  readonly claims: Readonly<Record<string, ClaimConfig>>;
  /** @default 5_000 */
  readonly timeoutMs: number;
}

export interface JwtConfig {
  /** Must equal `iss`. */
  readonly issuer: string;
  /** Stands before each `sub`. @default empty for `jwt`, else the name of the issuer and a colon */
  readonly subjectPrefix: string;
  /** One of these must be in `audienceClaim`. */
  readonly audience: readonly string[];
  /** Claim with the audience of a token, or the path to it. @default aud */
  readonly audienceClaim: string;
  /** URL of the issuer's keys (RFC 7517). */
  readonly jwks: string;
  /** The proxy that the keys are fetched through; may hold a password. Absent: none. */
  readonly proxy?: string;
  /** Asymmetric algorithms only; the `alg` of a token must be in this list. @default RS256, ES256 */
  readonly algorithms: readonly string[];
  /** Tolerance on `exp`, `nbf` and `iat`. 0 to 60_000. @default 5_000 */
  readonly clockSkewMs: number;
  /** Longest time since `iat`. Absent: `exp` alone decides. */
  readonly maxTokenAgeMs?: number;
  /** Values of the header `typ`; `none` means a token without one. @default at+jwt, JWT */
  readonly types: readonly string[];
  /** Claims that every token must have. Absent: a token that nothing marks as an access token must have a scope claim. */
  readonly requiredClaims?: readonly string[];
  /** Claims with the scopes of the caller, all of them together. @default scope, scp */
  readonly scopeClaim: readonly string[];
  /** Claims with the roles of the caller, all of them together. @default roles */
  readonly rolesClaim: readonly string[];
  /** Claim with the tenant of the caller. @default tenant */
  readonly tenantClaim: string;
  /** Claims that plans and handlers see, by name. @default none */
  readonly claims: Readonly<Record<string, ClaimConfig>>;
  /** Time for which a verified token is accepted without verifying it again. 0 to 60_000. @default 60_000 */
  readonly cacheMs: number;
  /** Keys older than this are fetched again; keys twice as old wait for that. @default 30_000 */
  readonly jwksRefreshMs: number;
  /** Time for which the last good keys are used while the issuer cannot be reached. @default 86_400_000 */
  readonly jwksMaxAgeMs: number;
  /** Timeout of one fetch of the keys. @default 5_000 */
  readonly jwksTimeoutMs: number;
  /** Absent: tokens that are bound to a key are refused. */
  readonly dpop?: DpopRule;
}

export interface ClaimConfig {
  readonly kind: 'text' | 'texts' | 'number' | 'flag';
  /** The claim, or the path to it. Absent: the name. */
  readonly claim?: string;
  /** A token without it is refused. @default false */
  readonly required: boolean;
}
