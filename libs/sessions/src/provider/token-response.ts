/** The part of a token response that a session keeps. */
export interface ReceivedTokens {
  readonly accessToken: string;
  readonly expiresInSeconds?: number;
  readonly refreshToken?: string;
  /** The provider may leave it out (Keycloak: `refresh_expires_in`). */
  readonly refreshExpiresInSeconds?: number;
  /** Absent: the scopes are those that were requested (RFC 6749 section 5.1). */
  readonly scopes?: readonly string[];
  readonly idToken?: string;
  readonly claims?: Readonly<Record<string, unknown>> & { readonly sub: string };
}

interface TokenResponse {
  readonly access_token: string;
  readonly expires_in?: number;
  readonly refresh_token?: string;
  readonly scope?: string;
  readonly id_token?: string;
  readonly refresh_expires_in?: unknown;
  readonly refresh_token_expires_in?: unknown;
}

export function received(
  response: TokenResponse,
  claims: (Readonly<Record<string, unknown>> & { readonly sub: string }) | undefined,
): ReceivedTokens {
  const {
    access_token: accessToken,
    expires_in: expiresIn,
    refresh_token: refreshToken,
    scope,
    id_token: idToken,
  } = response;
  const refreshExpiresIn = response.refresh_expires_in ?? response.refresh_token_expires_in;
  return {
    accessToken,
    ...(expiresIn !== undefined && { expiresInSeconds: expiresIn }),
    ...(refreshToken !== undefined && { refreshToken }),
    // Keycloak writes 0 for a token without an end.
    ...(typeof refreshExpiresIn === 'number' && refreshExpiresIn > 0 && { refreshExpiresInSeconds: refreshExpiresIn }),
    ...(scope !== undefined && { scopes: scope.split(' ').filter(Boolean) }),
    ...(idToken !== undefined && { idToken }),
    ...(claims !== undefined && { claims }),
  };
}
