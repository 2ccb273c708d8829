import { exportJWK, generateKeyPair, SignJWT, type JWK } from 'jose';
import { randomUUID, type webcrypto } from 'node:crypto';

export interface TokenRequest {
  /** `sub`: the user of the token. */
  readonly subject: string;
  /** @default none */
  readonly scopes?: readonly string[];
  /** `aud`. @default the audiences of the sandbox */
  readonly audience?: string | readonly string[];
  /** @default none */
  readonly roles?: readonly string[];
  readonly tenant?: string;
  /** `client_id`: the client that the token is issued to. */
  readonly app?: string;
  /** Negative for a token that has expired already. @default 3600 */
  readonly expiresInSeconds?: number;
  /** Replace all other claims, `iss` and `exp` included, for tokens that must be refused. */
  readonly claims?: Readonly<Record<string, unknown>>;
}

interface SigningKey {
  readonly privateKey: webcrypto.CryptoKey;
  readonly jwk: JWK;
}

/** Signs access tokens (RFC 9068) with a key that lives as long as the process. */
export class TokenIssuer {
  #made: Promise<SigningKey> | undefined;
  readonly #audiences: () => readonly string[];

  /** @param audiences the audiences of a token that is requested without one */
  constructor(audiences: () => readonly string[]) {
    this.#audiences = audiences;
  }

  /** Made when it is first needed: a key takes a tenth of a second, and most sandboxes of tests need none. */
  get #key(): Promise<SigningKey> {
    return (this.#made ??= makeKey());
  }

  /** RFC 7517 section 5. */
  async jwks(): Promise<{ readonly keys: readonly JWK[] }> {
    return { keys: [(await this.#key).jwk] };
  }

  async issue(issuer: string, request: TokenRequest): Promise<string> {
    const { privateKey, jwk } = await this.#key;
    const now = Math.floor(Date.now() / 1000);
    const audience = request.audience ?? this.#audiences();
    const claims = {
      iss: issuer,
      sub: request.subject,
      aud: typeof audience === 'string' ? audience : [...audience],
      iat: now,
      exp: now + (request.expiresInSeconds ?? 3600),
      jti: randomUUID(),
      scope: (request.scopes ?? []).join(' '),
      roles: [...(request.roles ?? [])],
      client_id: request.app ?? 'sandbox',
      ...(request.tenant !== undefined && { tenant: request.tenant }),
      ...request.claims,
    };
    return new SignJWT(claims).setProtectedHeader({ alg: 'RS256', typ: 'at+jwt', kid: jwk.kid ?? '' }).sign(privateKey);
  }
}

async function makeKey(): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair('RS256', { modulusLength: 2048 });
  return { privateKey, jwk: { ...(await exportJWK(publicKey)), kid: randomUUID(), use: 'sig', alg: 'RS256' } };
}
