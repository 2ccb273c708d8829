import { randomBytes, randomUUID } from 'node:crypto';

/** A user who is logged in at the provider, in one browser. */
export interface Login {
  /** `sid` of ID tokens and logout tokens. */
  readonly sid: string;
  readonly subject: string;
  /** Seconds since 1970. */
  readonly authTime: number;
  /** The addresses at which the clients of this login hear of its end: their `client_id` by back-channel address. */
  readonly clients: Map<string, string>;
}

/** The rights that a client has from one authorization; its refresh tokens follow each other. */
export interface Grant {
  readonly clientId: string;
  readonly login: Login;
  readonly scopes: readonly string[];
  readonly audience: readonly string[];
  readonly nonce?: string;
  readonly acr?: string;
  /** Seconds since 1970. */
  readonly endsAt: number;
  /** The only refresh token that is valid. */
  refreshToken: string;
  isRevoked: boolean;
}

export interface Code {
  readonly grant: Grant;
  readonly redirectUri: string;
  /** S256 (RFC 7636 section 4.2). */
  readonly challenge: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

const maxEntries = 10_000;

/** Everything that the provider remembers; the oldest entries are dropped first. */
export class Grants {
  readonly #logins = new Map<string, Login>();
  readonly #codes = new Map<string, Code>();
  /** Old refresh tokens too, so that the second use of one is noticed. */
  readonly #byRefreshToken = new Map<string, Grant>();
  readonly #revokedTokens = new Map<string, true>();

  /** @returns the value of the cookie of the browser */
  logIn(subject: string): { readonly cookie: string; readonly login: Login } {
    const cookie = randomText();
    const authTime = Math.floor(Date.now() / 1000);
    const login: Login = { sid: randomUUID(), subject, authTime, clients: new Map() };
    keep(this.#logins, cookie, login);
    return { cookie, login };
  }

  loginOf(cookie: string | undefined): Login | undefined {
    return cookie === undefined ? undefined : this.#logins.get(cookie);
  }

  /** Ends a login with its grants. */
  logOut({ sid }: Login): void {
    for (const [cookie, login] of this.#logins) if (login.sid === sid) this.#logins.delete(cookie);
    for (const grant of this.#byRefreshToken.values()) if (grant.login.sid === sid) grant.isRevoked = true;
  }

  newGrant(facts: Omit<Grant, 'refreshToken' | 'isRevoked'>): Grant {
    const grant: Grant = { ...facts, refreshToken: randomText(), isRevoked: false };
    keep(this.#byRefreshToken, grant.refreshToken, grant);
    return grant;
  }

  newCode(code: Code): string {
    const text = randomText();
    keep(this.#codes, text, code);
    return text;
  }

  /** A code is good for one use (RFC 6749 section 4.1.2). */
  takeCode(text: string): Code | undefined {
    const code = this.#codes.get(text);
    this.#codes.delete(text);
    return code !== undefined && code.expiresAt > Date.now() ? code : undefined;
  }

  /** The grant of a refresh token, which has another one afterwards. The second use of one ends the grant (RFC 9700 section 4.14.2). */
  rotate(refreshToken: string, clientId: string): Grant | undefined {
    const grant = this.#byRefreshToken.get(refreshToken);
    if (grant === undefined || grant.clientId !== clientId) return undefined;
    if (grant.refreshToken !== refreshToken) grant.isRevoked = true;
    if (!isActive(grant)) return undefined;
    grant.refreshToken = randomText();
    keep(this.#byRefreshToken, grant.refreshToken, grant);
    return grant;
  }

  /** The grant whose present refresh token this is. */
  grantOf(refreshToken: string): Grant | undefined {
    const grant = this.#byRefreshToken.get(refreshToken);
    return grant !== undefined && grant.refreshToken === refreshToken && isActive(grant) ? grant : undefined;
  }

  /** @param token a refresh token, or the `jti` of an access token */
  revoke(token: string): void {
    const grant = this.#byRefreshToken.get(token);
    if (grant === undefined) keep(this.#revokedTokens, token, true);
    else grant.isRevoked = true;
  }

  isRevoked(jti: string): boolean {
    return this.#revokedTokens.has(jti);
  }
}

const isActive = ({ isRevoked, endsAt }: Grant): boolean => !isRevoked && endsAt * 1000 > Date.now();

const randomText = (): string => randomBytes(32).toString('base64url');

function keep<T>(table: Map<string, T>, key: string, value: T): void {
  table.set(key, value);
  const [oldest] = table.keys();
  if (table.size > maxEntries && oldest !== undefined) table.delete(oldest);
}
