import { CircuitBreaker } from '@frontage/breaker';
import type { Clock } from '@frontage/core';
import type { ClientAuth } from 'oauth4webapi';
import { CredentialsError } from './credential-source.js';
import type { SigningKey } from './signing-keys.js';
import type { IssuedToken } from './token-slot.js';

/** The proof of the client towards the authorization server (RFC 6749 section 2.3, RFC 7523 section 2.2). */
export type ClientAuthentication =
  | { readonly method: 'client_secret_basic' | 'client_secret_post'; readonly secret: () => string }
  | {
      readonly method: 'private_key_jwt';
      readonly key: () => SigningKey;
      /** `aud` of the assertion: the issuer, or what the server wants there. */
      readonly audience: string;
    };

/** Sends a form. It follows no redirect, and bounds the size of the response. */
export type SendForm = (
  url: string,
  form: { readonly headers: Readonly<Record<string, string>>; readonly body: string; readonly signal: AbortSignal },
) => Promise<Response>;

export interface TokenEndpointOptions {
  /** `https:`, or `http:` on this machine. */
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly authentication: ClientAuthentication;
  /** For one request, in milliseconds. */
  readonly timeoutMs: number;
  readonly send: SendForm;
  readonly clock: Clock;
}

/** The reasons of RFC 6749 section 5.2 and RFC 8693 section 2.2.2 that lie with what was asked for, and not with this app or the server. */
const refusals: ReadonlySet<string> = new Set(['invalid_grant', 'invalid_request', 'invalid_target', 'access_denied']);

/** RFC 8693 section 2.2.1: a token that is no access token has this type. */
const otherTokens = { n_a: () => undefined };

/** The token endpoint of an authorization server. While it fails, a circuit opens, and it is left alone for five seconds. */
export class TokenEndpoint {
  readonly #options: TokenEndpointOptions;
  readonly #breaker: CircuitBreaker;
  readonly #host: string;

  constructor(options: TokenEndpointOptions) {
    this.#options = options;
    this.#host = new URL(options.tokenUrl).host;
    const breaker = { failureRatio: 0.5, windowMs: 10_000, minimumCalls: 5, openForMs: 5_000 };
    this.#breaker = new CircuitBreaker(`tokens of ${this.#host}`, breaker, options.clock);
  }

  /**
   * @param grant the grant type
   * @param parameters of the grant, beside the client
   * @throws CredentialsError (rejects) where no token was given
   */
  async request(grant: string, parameters: URLSearchParams): Promise<IssuedToken> {
    const permit = this.#breaker.tryAcquire();
    if (permit === undefined)
      throw new CredentialsError(`the token endpoint of ${this.#host} fails, and is left alone`, {
        retryAfterMs: this.#breaker.retryAfterMs,
      });
    try {
      const token = await this.#token(grant, parameters);
      permit.succeed();
      return token;
    } catch (error) {
      const failure = await this.#failureOf(error);
      if (failure.isRefusal) permit.succeed();
      else permit.fail();
      throw failure;
    }
  }

  async #token(grant: string, parameters: URLSearchParams): Promise<IssuedToken> {
    const oauth = await import('oauth4webapi');
    const { tokenUrl, clientId, timeoutMs, send } = this.#options;
    const server = { issuer: this.#audience, token_endpoint: tokenUrl };
    const client = { client_id: clientId };
    const response = await oauth.genericTokenEndpointRequest(
      server,
      client,
      await this.#authentication(),
      grant,
      parameters,
      {
        signal: AbortSignal.timeout(timeoutMs),
        // Policy takes `http:` for this machine alone.
        [oauth.allowInsecureRequests]: tokenUrl.startsWith('http:'),
        [oauth.customFetch]: (url, { headers, body, signal }) =>
          send(url, { headers, body: String(body), signal: signal ?? AbortSignal.timeout(timeoutMs) }),
      },
    );
    const { access_token: value, expires_in: seconds } = await oauth.processGenericTokenEndpointResponse(
      server,
      client,
      response,
      { recognizedTokenTypes: otherTokens },
    );
    if (!/^[\x21-\x7e]+$/.test(value)) throw new Error('its token cannot be carried by a header');
    return { value, lifetimeMs: seconds === undefined ? undefined : seconds * 1000 };
  }

  get #audience(): string {
    const { authentication, tokenUrl } = this.#options;
    return authentication.method === 'private_key_jwt' ? authentication.audience : tokenUrl;
  }

  async #authentication(): Promise<ClientAuth> {
    const oauth = await import('oauth4webapi');
    const { authentication } = this.#options;
    switch (authentication.method) {
      case 'client_secret_basic':
        return oauth.ClientSecretBasic(authentication.secret());
      case 'client_secret_post':
        return oauth.ClientSecretPost(authentication.secret());
      case 'private_key_jwt': {
        const { privateKey, kid, alg } = authentication.key();
        return oauth.PrivateKeyJwt({ key: privateKey.toCryptoKey(webAlgorithm(alg), false, ['sign']), kid });
      }
    }
  }

  /** Messages hold the error code of the server and its host, and nothing that was sent. */
  async #failureOf(error: unknown): Promise<CredentialsError> {
    const { ResponseBodyError } = await import('oauth4webapi');
    const from = `the token endpoint of ${this.#host}`;
    if (error instanceof ResponseBodyError) {
      const isRefusal = error.status < 500 && refusals.has(error.error);
      return new CredentialsError(`${from} refused: ${error.status} ${shortly(error.error)}`, { isRefusal });
    }
    if (error instanceof Error && (error.name === 'TimeoutError' || error.name === 'AbortError'))
      return new CredentialsError(`${from} did not respond within ${this.#options.timeoutMs} ms`);
    const reason = error instanceof Error ? error.message : 'unknown';
    return new CredentialsError(`${from} gave no token: ${shortly(reason)}`, { cause: error });
  }
}

const shortly = (text: string): string => text.replaceAll(/[^\x20-\x7e]/g, '?').slice(0, 200);

/** The algorithm of a key in the words of Web Cryptography. */
function webAlgorithm(alg: string): Parameters<SigningKey['privateKey']['toCryptoKey']>[0] {
  const hash = `SHA-${alg.slice(-3)}`;
  if (alg.startsWith('RS')) return { name: 'RSASSA-PKCS1-v1_5', hash };
  if (alg.startsWith('PS')) return { name: 'RSA-PSS', hash };
  if (alg.startsWith('ES')) return { name: 'ECDSA', namedCurve: alg === 'ES512' ? 'P-521' : `P-${alg.slice(-3)}` };
  return { name: 'Ed25519' };
}
