import type { Agent } from 'node:http';
import type { Clock } from '@frontage/core';

/** One OpenID provider that logs users in. */
export interface SessionProviderOptions {
  readonly name: string;
  /** Equals `issuer` of its discovery document, and `iss` of its tokens. */
  readonly issuer: string;
  readonly clientId: string;
  /** One of `clientSecret` and `privateKey` is given: a BFF is a confidential client (RFC 10017). */
  readonly clientSecret?: string;
  /** PEM (PKCS #8) of the key that signs client assertions (RFC 7523). */
  readonly privateKey?: () => Promise<string>;
  /** JWS algorithm of client assertions. @default ES256 */
  readonly privateKeyAlgorithm?: string;
  /** `kid` of client assertions. @default none */
  readonly privateKeyId?: string;
  /** The way in which the secret is sent. @default client_secret_basic */
  readonly clientAuthentication?: 'client_secret_basic' | 'client_secret_post';
  readonly scopes: readonly string[];
  /** Further parameters of the authorization request. @default none */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Sends authorization requests by the back channel (RFC 9126). @default where the provider requires it */
  readonly pushedRequests?: boolean;
  /** Tokens are bound to a key of the session (RFC 9449); a provider that does not bind them is refused. @default false */
  readonly dpop?: boolean;
  /** Sends the ID token with the browser to the logout of the provider. @default false: no token leaves this app */
  readonly idTokenHint?: boolean;
  /** Stands before each `sub`. @default empty */
  readonly subjectPrefix: string;
  readonly rolesClaim: readonly string[];
  readonly tenantClaim: string;
  readonly claims: Readonly<Record<string, SessionClaim>>;
  /** The proxy to the provider. @default none */
  readonly proxy?: string;
  /** For one request to the provider, in milliseconds. */
  readonly timeoutMs: number;
}

export interface SessionClaim {
  readonly kind: 'text' | 'texts' | 'number' | 'flag';
  readonly claim?: string;
  readonly required: boolean;
}

/** Gives the secrets that records are encrypted with: the first one encrypts, all of them decrypt. */
export interface KeySource {
  /** A text that changes with the keys. It is asked for often, so it is cheap. */
  version(): Promise<string>;
  /** @throws where they cannot be read */
  read(): Promise<readonly string[]>;
}

export interface SessionsOptions {
  /** Name of the app: cookies and keys of the store begin with it. */
  readonly app: string;
  /** The address at which browsers see this app, with the path below which its routes are. */
  readonly url: string;
  readonly providers: readonly SessionProviderOptions[];
  /** @default a random key, which ends with the process */
  readonly keys?: KeySource;
  /** Time without a request after which a session ends, in milliseconds. */
  readonly idleMs: number;
  /** Longest time after the login, in milliseconds; refresh tokens that end before end it too. */
  readonly lifetimeMs: number;
  /** An access token is refreshed so long before it expires, in milliseconds; after half of its life at the earliest. */
  readonly refreshAheadMs: number;
  /** Header field that every request with a session must have, in lower case. */
  readonly csrfHeader: string;
  /** The answer to a browser that opens a page without a session. */
  readonly navigation: 'refuse' | 'login';
  /** Path for the browser after a logout. */
  readonly afterLogout: string;
  readonly clock: Clock;
  /** Connects to providers. @default an agent of Node */
  readonly agentFor?: (url: string, proxy: string | undefined) => { readonly agent: Agent };
}
