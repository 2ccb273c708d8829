import { jwtVerify, SignJWT, type JWK, type JWTPayload } from 'jose';
import { createPublicKey, randomUUID } from 'node:crypto';
import { seededKey, type SigningKey } from './signing-key.js';

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

/** Signs access tokens (RFC 9068), ID tokens and logout tokens with the key of its seed. */
export class TokenIssuer {
  #made: Promise<SigningKey> | undefined;
  readonly #audiences: () => readonly string[];
  readonly #seed: string;

  /**
   * @param audiences the audiences of a token that is requested without one
   * @param seed the same one gives the same key
   */
  constructor(audiences: () => readonly string[], seed: string) {
    this.#audiences = audiences;
    this.#seed = seed;
  }

  get #key(): Promise<SigningKey> {
    return (this.#made ??= seededKey(this.#seed));
  }

  /** RFC 7517 section 5. */
  async jwks(): Promise<{ readonly keys: readonly JWK[] }> {
    return { keys: [(await this.#key).jwk] };
  }

  async issue(issuer: string, request: TokenRequest): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    const audience = request.audience ?? this.#audiences();
    return this.sign('at+jwt', {
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
    });
  }

  /** @param type `typ` of the header */
  async sign(type: string, claims: JWTPayload): Promise<string> {
    const { privateKey, jwk } = await this.#key;
    return new SignJWT(claims).setProtectedHeader({ alg: 'ES256', typ: type, kid: jwk.kid ?? '' }).sign(privateKey);
  }

  /** The claims of a token of this issuer; undefined for another text, and for an expired token unless that is ignored. */
  async claimsOf(token: string, { evenExpired = false } = {}): Promise<JWTPayload | undefined> {
    const { jwk } = await this.#key;
    try {
      const currentDate = evenExpired ? { currentDate: new Date(0) } : {};
      const key = createPublicKey({ key: { ...jwk }, format: 'jwk' });
      return (await jwtVerify(token, key, { algorithms: ['ES256'], ...currentDate })).payload;
    } catch {
      return undefined;
    }
  }
}
