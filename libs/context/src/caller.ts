/** The caller, as far as verification established it. Plans take it as `given<Caller>()`. */
export interface Caller {
  /** `sub` of the token (RFC 7519 section 4.1.2). */
  readonly subject: string;
  readonly scopes: readonly string[];
  readonly roles: readonly string[];
  /** `tenant` claim, if the issuer gives one. */
  readonly tenant?: string;
  /** `azp` or `client_id`: the app that the token was given to. */
  readonly app?: string;
}
