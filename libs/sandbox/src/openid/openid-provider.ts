import { ok, problem, type SandboxResponse } from '../model/behaviour.js';
import { authorize, logIn } from './authorization.js';
import { Grants } from './grants.js';
import { endSession, logOut, type LogoutParts } from './logout.js';
import type { Person } from './pages.js';
import { oauthError, textOf, type ProviderRequest } from './provider-request.js';
import { defaultSettings, readSettings, type ProviderSettings } from './provider-settings.js';
import { grantTypes, tokenResponse } from './token-endpoint.js';
import type { TokenIssuer } from './token-issuer.js';
import { anyToken } from './any-token.js';
import { introspection, revocation, userInfo } from './token-state.js';

export interface OpenIdProviderOptions {
  readonly tokens: TokenIssuer;
  /** Users that the login page shows. */
  readonly people: readonly Person[];
  /** True if a client may be at this host. */
  readonly isKnownHost: (hostname: string) => boolean;
}

/**
 * The OpenID provider of the sandbox: authorization code with PKCE, rotating refresh tokens, client credentials, token exchange,
 * introspection, revocation, logout. A client is any name with the secret `sandbox`, and a user any name without a password.
 */
export class OpenIdProvider {
  readonly #options: OpenIdProviderOptions;
  readonly #grants = new Grants();
  /** Requests of the token endpoint, by grant. */
  readonly #counts = new Map<string, number>();
  #settings: ProviderSettings = defaultSettings;

  constructor(options: OpenIdProviderOptions) {
    this.#options = options;
  }

  /** The paths that pages of other sites must not use. */
  static isGuarded(path: string): boolean {
    return path === '/token' || path === '/login' || path === '/logout';
  }

  /**
   * Responses below `/issuer`.
   * @param issuer its address
   * @returns undefined for an unknown path
   */
  async respond(issuer: string, request: ProviderRequest): Promise<SandboxResponse | undefined> {
    const { method, path } = request;
    const parts: LogoutParts = { ...this.#options, issuer, grants: this.#grants, settings: this.#settings };
    const get = method === 'GET' || method === 'HEAD';
    switch (path) {
      case '/jwks.json':
        return ok(await parts.tokens.jwks());
      // OpenID Connect Discovery section 4, RFC 8414 section 3.
      case '/.well-known/openid-configuration':
      case '/.well-known/oauth-authorization-server':
        return ok(metadata(issuer));
      case '/authorize':
        return get ? authorize(parts, request) : notAllowed('GET');
      case '/login':
        return method === 'POST' ? logIn(parts, request) : notAllowed('POST');
      case '/token':
        return method === 'POST' ? this.#token(parts, request) : problem(405, 'Request a token with POST');
      case '/introspect':
        return method === 'POST' ? introspection(parts, request) : notAllowed('POST');
      case '/revoke':
        return method === 'POST' ? revocation(parts, request) : notAllowed('POST');
      case '/userinfo':
        return userInfo(parts, this.#options.people, request);
      case '/end-session':
        return get ? endSession(parts, request) : notAllowed('GET');
      case '/logout':
        return method === 'POST' ? logOut(parts, request) : notAllowed('POST');
      default:
        return undefined;
    }
  }

  /**
   * `/__sandbox/issuer`: `GET` shows the settings and how often each grant was requested, `PUT` sets {@link ProviderSettings},
   * `DELETE` restores them and counts from zero.
   */
  control(method: string, body: unknown): SandboxResponse {
    if (method === 'GET') return ok({ settings: this.#settings, tokenRequests: Object.fromEntries(this.#counts) });
    if (method === 'DELETE') {
      this.#settings = defaultSettings;
      this.#counts.clear();
      return { status: 204 };
    }
    if (method !== 'PUT') return problem(405, 'Settings are read, put and deleted');
    const settings = readSettings(body);
    if (typeof settings === 'string') return problem(422, 'These are no settings', { detail: settings });
    this.#settings = settings;
    return { status: 204 };
  }

  async #token(parts: LogoutParts, request: ProviderRequest): Promise<SandboxResponse> {
    const form = await request.form();
    const grant = textOf(form, 'grant_type');
    if (grant === undefined) return anyToken(parts.tokens, parts.issuer, form);
    const counted = grantTypes.includes(grant) ? grant : 'other';
    this.#counts.set(counted, (this.#counts.get(counted) ?? 0) + 1);
    const { tokenLatencyMs, tokenStatus } = this.#settings;
    if (tokenLatencyMs > 0) await new Promise((resolve) => setTimeout(resolve, tokenLatencyMs));
    if (tokenStatus !== undefined) {
      const error = tokenStatus === 400 ? 'invalid_grant' : 'temporarily_unavailable';
      return oauthError(tokenStatus, error, 'A setting says so.');
    }
    return tokenResponse(parts, request, form);
  }
}

const notAllowed = (allow: string): SandboxResponse => ({
  ...problem(405, `Use ${allow} here`),
  headers: { allow },
});

const metadata = (issuer: string): Readonly<Record<string, unknown>> => ({
  issuer,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
  userinfo_endpoint: `${issuer}/userinfo`,
  jwks_uri: `${issuer}/jwks.json`,
  introspection_endpoint: `${issuer}/introspect`,
  revocation_endpoint: `${issuer}/revoke`,
  end_session_endpoint: `${issuer}/end-session`,
  response_types_supported: ['code'],
  response_modes_supported: ['query'],
  grant_types_supported: grantTypes,
  subject_types_supported: ['public'],
  id_token_signing_alg_values_supported: ['ES256'],
  code_challenge_methods_supported: ['S256'],
  token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
  introspection_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
  revocation_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
  authorization_response_iss_parameter_supported: true,
  backchannel_logout_supported: true,
  backchannel_logout_session_supported: true,
});
