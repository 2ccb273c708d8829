import { GrantRefused } from './refusals.js';
import type { PrivateJwk } from '../records/session-key.js';

/** The part of a token response that a session keeps. */
export interface ReceivedTokens {
  readonly accessToken: string;
  readonly expiresInSeconds?: number;
  readonly refreshToken?: string;
  /** The key that they are bound to. */
  readonly tokenKey?: PrivateJwk;
  /** The provider may leave it out (Keycloak: `refresh_expires_in`). */
  readonly refreshExpiresInSeconds?: number;
  /** Absent: the scopes are those that were requested (RFC 6749 section 5.1). */
  readonly scopes?: readonly string[];
  readonly idToken?: string;
  readonly claims?: Readonly<Record<string, unknown>> & { readonly sub: string };
}

interface TokenResponse {
  readonly access_token: string;
  /** In lower case. */
  readonly token_type: string;
  readonly expires_in?: number;
  readonly refresh_token?: string;
  readonly scope?: string;
  readonly id_token?: string;
  readonly refresh_expires_in?: unknown;
  readonly refresh_token_expires_in?: unknown;
}

/**
 * @param tokenKey the key that the tokens were asked for with
 * @throws GrantRefused for tokens that are not bound to it (RFC 9449 section 5)
 */
export function received(
  response: TokenResponse,
  claims: (Readonly<Record<string, unknown>> & { readonly sub: string }) | undefined,
  tokenKey: PrivateJwk | undefined,
): ReceivedTokens {
  if (tokenKey !== undefined && response.token_type !== 'dpop')
    throw new GrantRefused(
      new Error('the provider gives tokens that are not bound to a key, and policy says dpop: true'),
    );
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
    ...(tokenKey !== undefined && { tokenKey }),
    // Keycloak writes 0 for a token without an end.
    ...(typeof refreshExpiresIn === 'number' && refreshExpiresIn > 0 && { refreshExpiresInSeconds: refreshExpiresIn }),
    ...(scope !== undefined && { scopes: scope.split(' ').filter(Boolean) }),
    ...(idToken !== undefined && { idToken }),
    ...(claims !== undefined && { claims }),
  };
}
