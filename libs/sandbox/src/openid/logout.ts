import { randomUUID } from 'node:crypto';
import type { SandboxResponse } from '../model/behaviour.js';
import { pathOf, type AuthorizationParts } from './authorization.js';
import type { Login } from './grants.js';
import { errorPage, loggedOutPage, logoutPage } from './pages.js';
import { cookieFor, cookieOf, seeOther, textOf, type ProviderRequest } from './provider-request.js';
import type { TokenIssuer } from './token-issuer.js';

const backChannelMs = 5_000;

export interface LogoutParts extends AuthorizationParts {
  readonly tokens: TokenIssuer;
}

/**
 * `GET /end-session` (OpenID Connect RP-Initiated Logout 1.0). With an ID token of the login as the hint, it ends at once; else the user is
 * asked, because any page can send a browser here.
 */
export async function endSession(parts: LogoutParts, { query, cookie }: ProviderRequest): Promise<SandboxResponse> {
  const wrong = whyNotThere(query, parts);
  if (wrong !== undefined) return errorPage(wrong);
  const login = parts.grants.loginOf(cookieOf(cookie));
  if (login === undefined) return ended(parts, query);
  const hint = await parts.tokens.claimsOf(query.get('id_token_hint') ?? '', { evenExpired: true });
  if (hint?.['sid'] !== login.sid) return logoutPage(`${parts.issuer}/logout`, query.toString());
  await end(parts, login);
  return ended(parts, query);
}

/** `POST /logout`: the form of the question. */
export async function logOut(parts: LogoutParts, { form, cookie }: ProviderRequest): Promise<SandboxResponse> {
  const query = new URLSearchParams(textOf(await form(), 'request') ?? '');
  const wrong = whyNotThere(query, parts);
  if (wrong !== undefined) return errorPage(wrong);
  const login = parts.grants.loginOf(cookieOf(cookie));
  if (login !== undefined) await end(parts, login);
  return ended(parts, query);
}

function whyNotThere(query: URLSearchParams, { isKnownHost }: LogoutParts): string | undefined {
  const target = query.get('post_logout_redirect_uri');
  if (target === null) return undefined;
  const url = URL.parse(target);
  if (url !== null && /^https?:$/.test(url.protocol) && isKnownHost(url.hostname)) return undefined;
  return 'The post_logout_redirect_uri is not the address of a page on this machine.';
}

function ended({ issuer }: LogoutParts, query: URLSearchParams): SandboxResponse {
  const headers = { 'set-cookie': cookieFor('', pathOf(issuer)) };
  const url = URL.parse(query.get('post_logout_redirect_uri') ?? '');
  if (url === null) return loggedOutPage(headers);
  const state = query.get('state');
  if (state !== null) url.searchParams.set('state', state);
  return seeOther(url.href, headers);
}

/** Ends a login, and tells its clients so (OpenID Connect Back-Channel Logout 1.0 section 2.5). */
async function end({ issuer, grants, tokens }: LogoutParts, login: Login): Promise<void> {
  grants.logOut(login);
  const { sid, subject, clients } = login;
  await Promise.all(
    [...clients].map(async ([url, clientId]) => {
      const now = Math.floor(Date.now() / 1000);
      const token = await tokens.sign('logout+jwt', {
        iss: issuer,
        aud: clientId,
        sub: subject,
        sid,
        iat: now,
        exp: now + 120,
        jti: randomUUID(),
        events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
      });
      const body = new URLSearchParams({ logout_token: token });
      // A client that is gone hears nothing; the user is logged out all the same.
      await fetch(url, {
        method: 'POST',
        body,
        redirect: 'manual',
        signal: AbortSignal.timeout(backChannelMs),
      }).catch(() => undefined);
    }),
  );
}
