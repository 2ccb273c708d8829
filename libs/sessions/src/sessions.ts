import { randomBytes } from 'node:crypto';
import { lasting, refusedToken, type CredentialPlace, type Proof, type Prover } from '@frontage/auth/proofs';
import { channels, ProblemError, type SecurityDecision } from '@frontage/core';
import { StoreDownError } from '@frontage/store';
import { json, type BrowserResponse } from './browser/browser-response.js';
import { cookieIn, cookieName, setCookie, several } from './browser/cookies.js';
import { assertSameOrigin, isNavigation, type CsrfRules, type SentBy } from './browser/csrf.js';
import { Login, type CompletedLogin } from './flow/login.js';
import { groupsOf, Logout } from './flow/logout.js';
import { TokenRefresh } from './flow/token-refresh.js';
import { LogoutTokens } from './provider/logout-token.js';
import { OpenIdProvider } from './provider/openid-provider.js';
import { SessionCallers } from './records/session-callers.js';
import { LiveKeys } from './records/live-keys.js';
import { nameOf, SealedRecords } from './records/sealed-records.js';
import { leastReaderOf, recordVersion, type SessionRecord } from './records/session-record.js';
import type { SessionsOptions } from './options/sessions.options.js';
import type { SessionStore } from './stores/session-store.js';

/** 256 random bits. */
const idPattern = /^[A-Za-z0-9_-]{43}$/;

/** Browser sessions of an app: the browser has an opaque id in a cookie, and everything else stays on the server (RFC 10017 section 6.1). */
export class Sessions implements Prover {
  /** The cookie of a request, which is refused where a page of another origin may have sent it. */
  readonly place: CredentialPlace;
  readonly #options: SessionsOptions;
  readonly #cookie: string;
  readonly #csrf: CsrfRules;
  readonly #keys: LiveKeys;
  readonly #records: SealedRecords;
  readonly #callers: SessionCallers;
  readonly #login: Login;
  readonly #logout: Logout;
  readonly #refresh: TokenRefresh;

  /** @throws TypeError where there is no provider */
  constructor(options: SessionsOptions, store: SessionStore) {
    const { app, url, csrfHeader, navigation, clock, refreshAheadMs, afterLogout } = options;
    if (options.providers.length === 0) throw new TypeError('sessions need a provider');
    const { origin } = new URL(url);
    const providers = new Map(options.providers.map((one) => [one.name, new OpenIdProvider(one, options)]));
    this.#options = options;
    this.#cookie = cookieName(app, 'session');
    this.#csrf = { header: csrfHeader, origin, takesNavigation: navigation === 'login' };
    this.#keys = new LiveKeys(options.keys, app, clock);
    this.#records = new SealedRecords(store, this.#keys);
    this.#callers = new SessionCallers(options.providers, clock);
    this.#login = new Login({ cookie: cookieName(app, 'login'), origin, providers, keys: this.#keys, clock });
    const tokens = new Map([...providers].map(([name, provider]) => [name, new LogoutTokens(provider, clock)]));
    const target = new URL(afterLogout, origin).href;
    this.#logout = new Logout({ records: this.#records, providers, tokens, afterLogout: target, clock });
    this.#refresh = new TokenRefresh({
      records: this.#records,
      providerOf: (name) => providers.get(name),
      aheadMs: refreshAheadMs,
      clock,
    });
    this.place = { header: 'cookie', isToken: false, isReference: true, read: (request) => this.#idOf(request) };
  }

  /** @throws Error (rejects) where the keys cannot be read */
  start(): Promise<void> {
    return this.#keys.start();
  }

  stop(): void {
    this.#keys.stop();
  }

  async prove(id: string): Promise<Proof> {
    const { clock, idleMs } = this.#options;
    const name = nameOf(id);
    const found = await this.#available(() => this.#records.read(name, clock.wallTime(), idleMs));
    const record = found && (await this.#available(async () => this.#refresh.fresh(name, found)));
    const caller = record && this.#callers.callerOf(record);
    if (record === undefined || caller === undefined) throw refusedToken(new Error('the session is unknown, or over'));
    const tokenKey = this.#callers.keyOf(record);
    return {
      caller,
      facts: { subject: caller.subject, issuedAt: record.loggedInAt },
      credential: id,
      token: record.accessToken,
      ...(tokenKey && { tokenKey }),
      // The next request may come after a logout, in this process or in another one.
      until: Number.NEGATIVE_INFINITY,
      ground: lasting,
      generation: 0,
    };
  }

  /** The way to the login, for a browser that opens a page without a session; `undefined` for every other request, and where policy says so. */
  loginFor(request: SentBy & { readonly url?: string | undefined }): string | undefined {
    if (this.#options.navigation !== 'login' || !isNavigation(request)) return undefined;
    const base = this.#options.url.replace(/\/$/, '');
    return `${base}/login?${new URLSearchParams({ returnTo: request.url ?? '/' }).toString()}`;
  }

  /** `GET /login` */
  login(request: SentBy, query: URLSearchParams): Promise<BrowserResponse> {
    return this.#login.begin(query, this.#nameIn(request));
  }

  /** `GET /callback/<provider>` @param search query of the request, with its question mark */
  async callback(provider: string, search: string, request: SentBy): Promise<BrowserResponse> {
    const completed = await this.#login.complete(provider, search, request.headers.cookie);
    const id = randomBytes(32).toString('base64url');
    await this.#available(() => this.#begin(nameOf(id), completed));
    tell('session.login', completed.tokens.claims, provider, request);
    return this.#login.onward(completed.returnTo, setCookie(this.#cookie, id, { sameSite: 'Strict' }));
  }

  /** `POST /logout` */
  async logout(request: SentBy): Promise<BrowserResponse> {
    assertSameOrigin(request, { ...this.#csrf, takesNavigation: false });
    const name = this.#nameIn(request);
    const gone = [setCookie(this.#cookie, '', { sameSite: 'Strict', maxAge: 0 })];
    const { clock, afterLogout } = this.#options;
    if (name === undefined) return json(200, { location: afterLogout }, gone);
    const record = await this.#available(() => this.#records.read(name, clock.wallTime()));
    if (record === undefined) return json(200, { location: afterLogout }, gone);
    const location = await this.#available(() => this.#logout.end(name, record));
    tell('session.logout', record.claims, record.provider, request);
    return json(200, { location }, gone);
  }

  /** `POST /backchannel-logout` @param token `logout_token` of the form */
  async backChannelLogout(token: string | undefined): Promise<BrowserResponse> {
    try {
      await this.#logout.backChannel(token ?? '');
      return { status: 200, headers: { 'cache-control': 'no-store' } };
    } catch (cause) {
      if (cause instanceof StoreDownError) throw unavailable(cause);
      if (cause instanceof ProblemError) throw cause;
      return json(400, { error: 'invalid_request', error_description: 'The logout token proves nothing.' });
    }
  }

  /** `GET /session`: who the user is, and until when. It does not extend the session, so a page may ask at intervals. */
  async describe(request: SentBy): Promise<BrowserResponse> {
    const { clock } = this.#options;
    const id = this.#idOf({ headers: request.headers });
    const found =
      id === undefined ? undefined : await this.#available(() => this.#records.read(nameOf(id), clock.wallTime()));
    const caller = found && this.#callers.callerOf(found);
    if (found === undefined || caller === undefined)
      throw new ProblemError('GW_UNAUTHENTICATED', { detail: 'There is no session.' });
    const { app: _ours, ...seen } = caller;
    return json(200, {
      ...seen,
      provider: found.provider,
      loggedInAt: new Date(found.loggedInAt).toISOString(),
      endsAt: new Date(found.endsAt).toISOString(),
    });
  }

  /** The session of a request that has one cookie of the name, in the right form. */
  #nameIn({ headers }: SentBy): string | undefined {
    const id = cookieIn(headers.cookie, this.#cookie);
    return typeof id === 'string' && idPattern.test(id) ? nameOf(id) : undefined;
  }

  /** @throws ProblemError `GW_FORBIDDEN` for a request of another origin, `GW_UNAUTHENTICATED` for two cookies of the name */
  #idOf(request: SentBy): string | undefined {
    const id = cookieIn(request.headers.cookie, this.#cookie);
    if (id === undefined) return undefined;
    assertSameOrigin(request, this.#csrf);
    // A sister site may have planted the second one.
    if (id === several) throw refusedToken(new Error('the request has two session cookies'));
    if (!idPattern.test(id)) throw refusedToken(new Error('the session cookie is malformed'));
    return id;
  }

  async #begin(name: string, { provider, tokens, replaces }: CompletedLogin): Promise<void> {
    const { clock, lifetimeMs, idleMs } = this.#options;
    const { claims, scopes, accessToken, expiresInSeconds, refreshToken, refreshExpiresInSeconds, idToken } = tokens;
    const { tokenKey } = tokens;
    if (claims === undefined) throw new Error('the login has no ID token');
    const now = clock.wallTime();
    // RFC 10017 section 6.1.2.2: no longer than the refresh token, or without one than the access token.
    const tokenSeconds = refreshToken === undefined ? expiresInSeconds : refreshExpiresInSeconds;
    const lastingMs = Math.min(lifetimeMs, tokenSeconds === undefined ? lifetimeMs : tokenSeconds * 1000);
    const record: SessionRecord = {
      version: recordVersion,
      leastReader: leastReaderOf(tokens),
      provider: provider.options.name,
      claims,
      scopes: scopes ?? provider.options.scopes,
      accessToken,
      receivedAt: now,
      ...(expiresInSeconds !== undefined && { expiresAt: now + expiresInSeconds * 1000 }),
      ...(refreshToken !== undefined && { refreshToken }),
      ...(tokenKey !== undefined && { tokenKey }),
      ...(idToken !== undefined && provider.options.idTokenHint === true && { idToken }),
      loggedInAt: now,
      endsAt: now + lastingMs,
    };
    await this.#records.create(name, record, { idleMs, lifetimeMs: lastingMs, groups: groupsOf(record) });
    if (replaces !== undefined) await this.#records.store.remove([replaces]);
  }

  async #available<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      throw cause instanceof StoreDownError ? unavailable(cause) : cause;
    }
  }
}

/** For the log of security decisions. */
function tell(event: string, claims: SessionRecord['claims'] | undefined, provider: string, request: SentBy): void {
  if (!channels.securityDecision.hasSubscribers) return;
  const subject = claims?.['sub'];
  channels.securityDecision.publish({
    event,
    subject: typeof subject === 'string' ? subject : undefined,
    what: `provider ${provider}`,
    request,
  } satisfies SecurityDecision);
}

const unavailable = (cause: Error): ProblemError =>
  new ProblemError('GW_UNAVAILABLE', { detail: 'Sessions cannot be read at the moment.', retryAfterMs: 1_000, cause });
