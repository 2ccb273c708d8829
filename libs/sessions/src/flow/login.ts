import { randomBytes } from 'node:crypto';
import { ProblemError, type Clock } from '@frontage/core';
import type { BrowserResponse } from '../browser/browser-response.js';
import { cookieIn, setCookie } from '../browser/cookies.js';
import { onwardPage } from '../browser/pages.js';
import { pathOfOrigin } from '../browser/return-to.js';
import type { LiveKeys } from '../records/live-keys.js';
import type { LoginChecks, OpenIdProvider } from '../provider/openid-provider.js';
import { GrantRefused } from '../provider/refusals.js';
import type { ReceivedTokens } from '../provider/token-response.js';

/** A user has this long for the login at the provider, in seconds. */
const loginSeconds = 600;

/** The prompts of a provider that a page may ask for; `none` would show the page an error. */
const prompts: ReadonlySet<string> = new Set(['login', 'consent', 'select_account', 'create']);

interface Transaction extends LoginChecks {
  readonly provider: string;
  readonly returnTo: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Store name of the session that the browser had before: it ends with the login. */
  readonly replaces?: string;
}

/** A login that has succeeded. */
export interface CompletedLogin {
  readonly provider: OpenIdProvider;
  readonly tokens: ReceivedTokens;
  readonly returnTo: string;
  readonly replaces: string | undefined;
}

export interface LoginOptions {
  readonly cookie: string;
  readonly origin: string;
  readonly providers: ReadonlyMap<string, OpenIdProvider>;
  readonly keys: LiveKeys;
  readonly clock: Clock;
}

/**
 * Logs users in by the authorization code flow with PKCE. What the response must repeat is in a cookie, encrypted: a flood of logins that are
 * never completed costs no memory. `SameSite=Lax`, because the browser comes back from another site.
 */
export class Login {
  readonly #options: LoginOptions;

  constructor(options: LoginOptions) {
    this.#options = options;
  }

  /** @throws ProblemError `GW_BAD_REQUEST` for a parameter that is none */
  async begin(query: URLSearchParams, replaces: string | undefined): Promise<BrowserResponse> {
    const { cookie, origin, providers, keys, clock } = this.#options;
    const returnTo = pathOfOrigin(query.get('returnTo') ?? '/', origin);
    if (returnTo === undefined) throw badRequest('"returnTo" is not a path of this origin, such as /account.');
    const [first] = providers.keys();
    const provider = providers.get(query.get('provider') ?? first ?? '');
    if (provider === undefined) throw badRequest(`"provider" is none of ${[...providers.keys()].join(', ')}.`);
    const more = authorizationParameters(query);
    const transaction: Transaction = {
      provider: provider.options.name,
      returnTo,
      state: randomText(),
      nonce: randomText(),
      verifier: randomText(),
      at: clock.wallTime(),
      ...(more['max_age'] !== undefined && { maxAge: Number(more['max_age']) }),
      ...(replaces !== undefined && { replaces }),
    };
    const location = await provider.authorizationUrl(transaction, more);
    const sealed = keys.ring.seal(Buffer.from(JSON.stringify(transaction)), 'login').toString('base64url');
    return {
      status: 303,
      headers: {
        location: location.href,
        'cache-control': 'no-store',
        'set-cookie': [setCookie(cookie, sealed, { sameSite: 'Lax', maxAge: loginSeconds })],
      },
    };
  }

  /**
   * Completes a login with the response of the provider.
   * @param search query of the request, with its question mark
   * @throws ProblemError `GW_BAD_REQUEST` for a response that no login of this browser has led to, `GW_FORBIDDEN` for one that was refused
   */
  async complete(providerName: string, search: string, cookies: string | undefined): Promise<CompletedLogin> {
    const transaction = this.#transaction(cookies);
    const provider = this.#options.providers.get(providerName);
    if (transaction === undefined || provider === undefined || transaction.provider !== providerName)
      throw badRequest('No login of this browser has led here, or it has taken too long. Log in again.');
    try {
      const tokens = await provider.exchange(search, transaction);
      return { provider, tokens, returnTo: transaction.returnTo, replaces: transaction.replaces };
    } catch (cause) {
      if (cause instanceof GrantRefused)
        throw new ProblemError('GW_FORBIDDEN', { detail: 'The login was refused.', cause });
      throw cause;
    }
  }

  /** The page that leads on, with the cookie of the new session. */
  onward(returnTo: string, sessionCookie: string): BrowserResponse {
    return onwardPage(returnTo, [sessionCookie, setCookie(this.#options.cookie, '', { sameSite: 'Lax', maxAge: 0 })]);
  }

  #transaction(cookies: string | undefined): Transaction | undefined {
    const { cookie, keys, clock } = this.#options;
    const sealed = cookieIn(cookies, cookie);
    const bytes = typeof sealed === 'string' ? keys.ring.open(Buffer.from(sealed, 'base64url'), 'login') : undefined;
    if (bytes === undefined) return undefined;
    // Only this app can have sealed it, in this form.
    const transaction = JSON.parse(bytes.toString()) as Transaction;
    return clock.wallTime() - transaction.at <= loginSeconds * 1000 ? transaction : undefined;
  }
}

/** Parameters of the authorization request that a page may choose: for a stronger or fresher login (RFC 9470), or to create an account. */
function authorizationParameters(query: URLSearchParams): Readonly<Record<string, string>> {
  const prompt = query.get('prompt');
  const acr = query.get('acr_values');
  const maxAge = query.get('max_age');
  if (prompt !== null && !prompts.has(prompt)) throw badRequest(`"prompt" is none of ${[...prompts].join(', ')}.`);
  if (maxAge !== null && !/^\d{1,9}$/.test(maxAge)) throw badRequest('"max_age" is no number of seconds.');
  if (acr !== null && !/^[\x21-\x7e ]{1,256}$/.test(acr)) throw badRequest('"acr_values" is no text of words.');
  return {
    ...(prompt !== null && { prompt }),
    ...(acr !== null && { acr_values: acr }),
    ...(maxAge !== null && { max_age: maxAge }),
  };
}

const badRequest = (detail: string): ProblemError => new ProblemError('GW_BAD_REQUEST', { detail });

const randomText = (): string => randomBytes(32).toString('base64url');
