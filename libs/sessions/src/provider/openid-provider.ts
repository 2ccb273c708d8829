import { createPrivateKey } from 'node:crypto';
import { CircuitBreaker } from '@frontage/breaker';
import { isLoopback, ProblemError, type Clock } from '@frontage/core';
import type { ClientAuth, Configuration, CustomFetchOptions, DPoPOptions } from 'openid-client';
import type { SessionProviderOptions, SessionsOptions } from '../options/sessions.options.js';
import { issuerFetch, type IssuerFetch } from './issuer-fetch.js';
import { GrantRefused, isDeadGrant, isProviderFailure, isRefusedLogin, withoutTokens } from './refusals.js';
import { cryptoKeys, newPrivateJwk, type PrivateJwk } from '../records/session-key.js';
import { received, type ReceivedTokens } from './token-response.js';

/** A discovery document is fetched again after this time, in milliseconds: providers move endpoints with notice. */
const discoveryMs = 3_600_000;

const breaker = { failureRatio: 0.5, windowMs: 10_000, minimumCalls: 5, openForMs: 5_000 };

/** The values of a login that its response must repeat. */
export interface LoginChecks {
  readonly state: string;
  readonly nonce: string;
  /** PKCE (RFC 7636). */
  readonly verifier: string;
  /** Seconds. */
  readonly maxAge?: number;
}

const client = () => import('openid-client'); // loaded by the first login

/** Proofs of a key for one grant; `openid-client` repeats it with the nonce that a provider asks for. */
async function bindingOf(config: Configuration, tokenKey: PrivateJwk | undefined): Promise<DPoPOptions> {
  if (tokenKey === undefined) return {};
  const { getDPoPHandle } = await client();
  return { DPoP: getDPoPHandle(config, await cryptoKeys(tokenKey)) };
}

/** An OpenID provider, as `openid-client` talks to it, behind a circuit breaker. */
export class OpenIdProvider {
  readonly options: SessionProviderOptions;
  /** Exact, and of this provider alone (RFC 9700 sections 2.1 and 4.4.2). */
  readonly redirectUri: string;
  readonly fetch: IssuerFetch;
  readonly #clock: Clock;
  readonly #breaker: CircuitBreaker;
  #found: Promise<Configuration> | undefined;
  #foundAt = 0;

  constructor(
    options: SessionProviderOptions,
    { url, clock, agentFor }: Pick<SessionsOptions, 'url' | 'clock' | 'agentFor'>,
  ) {
    this.options = options;
    this.redirectUri = `${url.replace(/\/$/, '')}/callback/${options.name}`;
    this.#clock = clock;
    this.#breaker = new CircuitBreaker(`sessions ${options.name}`, breaker, clock);
    this.fetch = issuerFetch(agentFor?.(options.issuer, options.proxy).agent, options.timeoutMs);
  }

  /** The address that a browser is sent to. @throws ProblemError where the provider cannot be asked */
  async authorizationUrl(checks: LoginChecks, more: Readonly<Record<string, string>>): Promise<URL> {
    const { calculatePKCECodeChallenge, buildAuthorizationUrl, buildAuthorizationUrlWithPAR } = await client();
    const { scopes, parameters, pushedRequests } = this.options;
    const config = await this.#config();
    const asked = {
      redirect_uri: this.redirectUri,
      scope: [...new Set(['openid', ...scopes])].join(' '),
      code_challenge: await calculatePKCECodeChallenge(checks.verifier),
      code_challenge_method: 'S256',
      state: checks.state,
      nonce: checks.nonce,
      ...parameters,
      ...more,
    };
    const isPushed = pushedRequests ?? config.serverMetadata().require_pushed_authorization_requests === true;
    return isPushed
      ? this.#guarded(() => buildAuthorizationUrlWithPAR(config, asked))
      : buildAuthorizationUrl(config, asked);
  }

  /**
   * Exchanges the code of an authorization response.
   * @param query of the response
   * @throws GrantRefused (rejects) for a response that this login has not led to, or an error of the provider
   */
  async exchange(query: string, { state, nonce, verifier, maxAge }: LoginChecks): Promise<ReceivedTokens> {
    const { authorizationCodeGrant } = await client();
    const config = await this.#config();
    const checks = {
      expectedState: state,
      expectedNonce: nonce,
      pkceCodeVerifier: verifier,
      idTokenExpected: true,
      ...(maxAge !== undefined && { maxAge }),
    };
    const url = new URL(this.redirectUri + query);
    const tokenKey = this.options.dpop === true ? await newPrivateJwk() : undefined;
    const binding = await bindingOf(config, tokenKey);
    const response = await this.#guarded(
      () => authorizationCodeGrant(config, url, checks, undefined, binding),
      isRefusedLogin,
    );
    return received(response, response.claims(), tokenKey);
  }

  /**
   * @param tokenKey the key that the tokens are bound to
   * @throws GrantRefused (rejects) for a refresh token that has ended
   */
  async refresh(refreshToken: string, tokenKey?: PrivateJwk): Promise<ReceivedTokens> {
    const { refreshTokenGrant } = await client();
    const config = await this.#config();
    const binding = await bindingOf(config, tokenKey);
    const response = await this.#guarded(() => refreshTokenGrant(config, refreshToken, undefined, binding));
    return received(response, response.claims(), tokenKey);
  }

  /** Revokes a token where the provider can (RFC 7009). */
  async revoke(token: string, hint: 'access_token' | 'refresh_token'): Promise<void> {
    const { tokenRevocation } = await client();
    const config = await this.#config();
    if (config.serverMetadata().revocation_endpoint === undefined) return;
    await this.#guarded(() => tokenRevocation(config, token, { token_type_hint: hint }));
  }

  /** The address at which a browser ends its login at the provider; `undefined` where it has none. */
  async endSessionUrl(parameters: Readonly<Record<string, string>>): Promise<string | undefined> {
    const { buildEndSessionUrl } = await client();
    const config = await this.#config();
    if (config.serverMetadata().end_session_endpoint === undefined) return undefined;
    return buildEndSessionUrl(config, parameters).href;
  }

  async jwksUrl(): Promise<string> {
    const { jwks_uri: url } = (await this.#config()).serverMetadata();
    if (url === undefined) throw new Error(`the provider "${this.options.name}" has no jwks_uri`);
    return url;
  }

  /** The discovery document (OpenID Connect Discovery 1.0), with the client that this app is. */
  #config(): Promise<Configuration> {
    const now = this.#clock.now();
    if (this.#found === undefined || now - this.#foundAt > discoveryMs) {
      const found = this.#guarded(() => this.#discover());
      this.#found = found;
      this.#foundAt = now;
      found.catch(() => {
        if (this.#found === found) this.#found = undefined;
      });
    }
    return this.#found;
  }

  async #discover(): Promise<Configuration> {
    const { discovery, customFetch, allowInsecureRequests, enableNonRepudiationChecks } = await client();
    const { issuer, clientId, timeoutMs } = this.options;
    const { protocol, hostname } = new URL(issuer);
    return discovery(new URL(issuer), clientId, undefined, await this.#authentication(), {
      execute: [
        enableNonRepudiationChecks,
        // The reader of the policy allows http: for this machine only.
        ...(protocol === 'http:' && isLoopback(hostname) ? [allowInsecureRequests] : []),
      ],
      [customFetch]: (url: string, request: CustomFetchOptions) => this.fetch(url, request),
      timeout: timeoutMs / 1000,
    });
  }

  async #authentication(): Promise<ClientAuth> {
    const { ClientSecretBasic, ClientSecretPost, PrivateKeyJwt } = await client();
    const {
      clientSecret,
      clientAuthentication,
      privateKey,
      privateKeyAlgorithm = 'ES256',
      privateKeyId,
    } = this.options;
    if (privateKey !== undefined) {
      const { importPKCS8 } = await import('jose');
      const pem = createPrivateKey(await privateKey())
        .export({ type: 'pkcs8', format: 'pem' })
        .toString();
      const key = await importPKCS8(pem, privateKeyAlgorithm);
      return PrivateKeyJwt({ key, ...(privateKeyId !== undefined && { kid: privateKeyId }) });
    }
    return clientAuthentication === 'client_secret_post'
      ? ClientSecretPost(clientSecret)
      : ClientSecretBasic(clientSecret);
  }

  /** A refusal is a response like any other; the circuit opens where the provider fails. */
  async #guarded<T>(call: () => Promise<T>, isRefusal = isDeadGrant): Promise<T> {
    const detail = 'The OpenID provider does not respond';
    const permit = this.#breaker.tryAcquire();
    if (permit === undefined) throw new ProblemError('GW_UPSTREAM_OPEN_CIRCUIT', { detail });
    try {
      const result = await call();
      permit.succeed();
      return result;
    } catch (cause) {
      if (await isRefusal(cause)) {
        permit.succeed();
        throw new GrantRefused(withoutTokens(cause));
      }
      if (await isProviderFailure(cause)) permit.fail();
      else permit.succeed();
      throw new ProblemError('GW_UPSTREAM_FAILED', { detail, cause: withoutTokens(cause) });
    }
  }
}
