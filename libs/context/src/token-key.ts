/** The key that the token of a caller is bound to (RFC 9449), for calls to upstreams that get the token. */
export interface TokenKey {
  /**
   * A proof of the key for one request with the token.
   * @param url of the request; its query is left out
   */
  proofFor(method: string, url: string, token: string): string;
  /** The server at `origin` has sent a nonce (RFC 9449 section 9), which the next proofs for it have. One that is malformed is not taken. */
  takeNonce(origin: string, nonce: string): void;
  /** The nonce that the next proof for this server has. */
  nonceOf(origin: string): string | undefined;
}
