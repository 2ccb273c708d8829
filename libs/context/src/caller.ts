/** The value of a claim of the caller's token, as policy names its kind. */
export type ClaimValue = string | number | boolean | readonly string[];

/** The caller, as far as verification established it. */
interface VerifiedCaller {
  /** `sub` of the token (RFC 7519 section 4.1.2). */
  readonly subject: string;
  readonly scopes: readonly string[];
  readonly roles: readonly string[];
  /** `tenant` claim, if the issuer gives one. */
  readonly tenant?: string;
  /** `azp` or `client_id`: the app that the token was given to. */
  readonly app?: string;
  /** The name of the API key by which the caller is known; both keys of a rotation have it. */
  readonly apiKey?: string;
  /** `acr`: how strongly the user was authenticated, in the words of the issuer (RFC 9470). */
  readonly acr?: string;
  /** `auth_time`: when the user was authenticated, in seconds since 1970. */
  readonly authenticatedAt?: number;
  /** The rate class of an API key or a client certificate, in place of the limits per caller of each route. */
  readonly quota?: string;
}

/**
 * The caller of a request. Plans take it as `given<Caller>()`, and with the claims that `access.jwt.claims` of the policy names as
 * `given<Caller<{ plan: string; seats?: number }>>()`. A claim that the policy does not require is optional.
 */
export type Caller<Claims extends object | undefined = undefined> = VerifiedCaller &
  ([Claims] extends [object]
    ? { readonly claims: Readonly<Claims> }
    : { readonly claims?: Readonly<Record<string, ClaimValue>> });
