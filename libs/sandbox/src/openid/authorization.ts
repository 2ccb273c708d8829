import type { SandboxResponse } from '../model/behaviour.js';
import type { Grants, Login } from './grants.js';
import { errorPage, loginPage, type Person } from './pages.js';
import { cookieFor, cookieOf, seeOther, textOf, wordsOf, type ProviderRequest } from './provider-request.js';
import type { ProviderSettings } from './provider-settings.js';

const codeMs = 60_000;

export interface AuthorizationParts {
  readonly issuer: string;
  readonly grants: Grants;
  readonly people: readonly Person[];
  readonly settings: ProviderSettings;
  /** True if a client may be at this host: pages of this machine, and names that the sandbox was given. */
  readonly isKnownHost: (hostname: string) => boolean;
}

interface AuthorizationRequest {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly query: URLSearchParams;
}

/** `GET /authorize` (OpenID Connect Core section 3.1.2): the login page, or a redirect with a code. */
export function authorize(parts: AuthorizationParts, { query, cookie }: ProviderRequest): SandboxResponse {
  const request = read(query, parts);
  if (typeof request === 'string') return errorPage(request);
  const wrong = mistakeOf(query);
  if (wrong !== undefined) return withError(parts, request, ...wrong);
  const login = parts.grants.loginOf(cookieOf(cookie));
  const prompts = wordsOf(query.get('prompt') ?? undefined);
  const isFresh = login !== undefined && !prompts.includes('login') && !isTooOld(login, query.get('max_age'));
  if (isFresh) return withCode(parts, request, login);
  if (prompts.includes('none')) return withError(parts, request, 'login_required', 'The user is not logged in.');
  return loginPage(request.clientId, parts.people, `${parts.issuer}/login`, query.toString());
}

/** `POST /login`: the form of the login page. */
export async function logIn(parts: AuthorizationParts, { form }: ProviderRequest): Promise<SandboxResponse> {
  const sent = await form();
  const subject = textOf(sent, 'user')?.trim();
  const query = new URLSearchParams(textOf(sent, 'request') ?? '');
  const request = read(query, parts);
  if (typeof request === 'string') return errorPage(request);
  const wrong = mistakeOf(query);
  if (wrong !== undefined) return withError(parts, request, ...wrong);
  if (subject === undefined || subject === '') return errorPage('Name the user.');
  const { cookie, login } = parts.grants.logIn(subject);
  const redirect = withCode(parts, request, login);
  return { ...redirect, headers: { ...redirect.headers, 'set-cookie': cookieFor(cookie, pathOf(parts.issuer)) } };
}

export const pathOf = (issuer: string): string => new URL(issuer).pathname;

/** RFC 6749 section 4.1.2.1: where client or redirect URI are wrong, nothing is redirected. */
function read(query: URLSearchParams, { isKnownHost }: AuthorizationParts): AuthorizationRequest | string {
  const clientId = query.get('client_id') ?? '';
  const redirectUri = query.get('redirect_uri') ?? '';
  if (clientId === '') return 'The request has no client_id.';
  const url = URL.parse(redirectUri);
  const isWeb = url !== null && /^https?:$/.test(url.protocol) && url.hash === '' && url.username === '';
  if (!isWeb || !isKnownHost(url.hostname))
    return 'The redirect_uri is not the address of a page on this machine: add further hosts to SANDBOX_HOSTS.';
  return { clientId, redirectUri, query };
}

function mistakeOf(query: URLSearchParams): readonly [error: string, description: string] | undefined {
  if (query.get('response_type') !== 'code')
    return ['unsupported_response_type', 'The sandbox knows the authorization code flow alone: response_type=code.'];
  if (query.get('code_challenge_method') !== 'S256' || (query.get('code_challenge') ?? '').length !== 43)
    return ['invalid_request', 'Send a code_challenge of the method S256 (RFC 7636).'];
  return undefined;
}

/** OpenID Connect Core section 3.1.2.1, `max_age`. */
function isTooOld({ authTime }: Login, maxAge: string | null): boolean {
  return maxAge !== null && Date.now() / 1000 - authTime > Number(maxAge);
}

function withCode(
  { issuer, grants, settings }: AuthorizationParts,
  { clientId, redirectUri, query }: AuthorizationRequest,
  login: Login,
): SandboxResponse {
  login.clients.set(backChannelOf(redirectUri), clientId);
  const nonce = query.get('nonce');
  const [acr] = wordsOf(query.get('acr_values') ?? undefined);
  const grant = grants.newGrant({
    clientId,
    login,
    scopes: wordsOf(query.get('scope') ?? undefined),
    // RFC 8707.
    audience: [...query.getAll('audience'), ...query.getAll('resource')],
    endsAt: Math.floor(Date.now() / 1000) + settings.refreshTokenSeconds,
    ...(nonce !== null && { nonce }),
    ...(acr !== undefined && { acr }),
  });
  const challenge = query.get('code_challenge') ?? '';
  const code = grants.newCode({ grant, redirectUri, challenge, expiresAt: Date.now() + codeMs });
  return seeOther(redirected(redirectUri, { code, state: query.get('state'), iss: issuer }));
}

function withError(
  { issuer }: AuthorizationParts,
  { redirectUri, query }: AuthorizationRequest,
  error: string,
  error_description: string,
): SandboxResponse {
  return seeOther(redirected(redirectUri, { error, error_description, state: query.get('state'), iss: issuer }));
}

/** `iss` is that of RFC 9207. */
function redirected(redirectUri: string, parameters: Readonly<Record<string, string | null>>): string {
  const url = new URL(redirectUri);
  for (const [name, value] of Object.entries(parameters)) if (value !== null) url.searchParams.set(name, value);
  return url.href;
}

/** A client is not registered here, so its back-channel logout is where a BFF of Frontage has it: beside its redirect URI. */
function backChannelOf(redirectUri: string): string {
  const url = new URL(redirectUri);
  url.pathname = url.pathname.replace(/\/callback(?:\/[^/]*)?$/, '/backchannel-logout');
  url.search = '';
  return url.href;
}
