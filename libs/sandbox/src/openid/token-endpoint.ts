import { createHash } from 'node:crypto';
import type { SandboxResponse } from '../model/behaviour.js';
import type { Grant, Grants } from './grants.js';
import { clientOf, oauthError, textOf, wordsOf, type ProviderRequest } from './provider-request.js';
import type { ProviderSettings } from './provider-settings.js';
import type { TokenIssuer } from './token-issuer.js';

export interface TokenParts {
  readonly issuer: string;
  readonly grants: Grants;
  readonly tokens: TokenIssuer;
  readonly settings: ProviderSettings;
}

type Form = Readonly<Record<string, unknown>>;

const exchangeGrant = 'urn:ietf:params:oauth:grant-type:token-exchange';
const accessTokenType = 'urn:ietf:params:oauth:token-type:access_token';

export const grantTypes: readonly string[] = [
  'authorization_code',
  'refresh_token',
  'client_credentials',
  exchangeGrant,
];

/** `POST /token` with a `grant_type` (RFC 6749 section 3.2). */
export async function tokenResponse(parts: TokenParts, request: ProviderRequest, form: Form): Promise<SandboxResponse> {
  const clientId = clientOf(request, form);
  if (clientId === undefined)
    return oauthError(401, 'invalid_client', 'Every client of the sandbox has the secret "sandbox".');
  switch (textOf(form, 'grant_type')) {
    case 'authorization_code':
      return ofCode(parts, clientId, form);
    case 'refresh_token':
      return ofRefreshToken(parts, clientId, form);
    case 'client_credentials':
      return ofClient(parts, clientId, form);
    case exchangeGrant:
      return ofExchange(parts, clientId, form);
    default:
      return oauthError(400, 'unsupported_grant_type', `The grants are ${grantTypes.join(', ')}.`);
  }
}

async function ofCode(parts: TokenParts, clientId: string, form: Form): Promise<SandboxResponse> {
  const code = parts.grants.takeCode(textOf(form, 'code') ?? '');
  const verifier = textOf(form, 'code_verifier') ?? '';
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  // RFC 6749 section 4.1.3: the same client and the same redirect URI; RFC 7636 section 4.6: the verifier.
  const isGood =
    code !== undefined &&
    code.grant.clientId === clientId &&
    code.redirectUri === textOf(form, 'redirect_uri') &&
    code.challenge === challenge;
  if (isGood) return tokensOf(parts, code.grant, code.grant.scopes);
  return oauthError(400, 'invalid_grant', 'The code is used, expired, or of another client, address or verifier.');
}

async function ofRefreshToken(parts: TokenParts, clientId: string, form: Form): Promise<SandboxResponse> {
  const grant = parts.grants.rotate(textOf(form, 'refresh_token') ?? '', clientId);
  if (grant === undefined) return oauthError(400, 'invalid_grant', 'The refresh token is used, expired or revoked.');
  const wanted = wordsOf(textOf(form, 'scope'));
  return tokensOf(
    parts,
    grant,
    wanted.length === 0 ? grant.scopes : wanted.filter((one) => grant.scopes.includes(one)),
  );
}

async function ofClient(
  { issuer, tokens, settings }: TokenParts,
  clientId: string,
  form: Form,
): Promise<SandboxResponse> {
  const scopes = wordsOf(textOf(form, 'scope'));
  const audience = wordsOf(textOf(form, 'audience') ?? textOf(form, 'resource'));
  const expiresInSeconds = settings.accessTokenSeconds;
  const token = await tokens.issue(issuer, {
    subject: clientId,
    app: clientId,
    scopes,
    expiresInSeconds,
    ...audienceOf(audience),
  });
  return sent({ access_token: token, expires_in: expiresInSeconds, scope: scopes.join(' ') });
}

/** RFC 8693: the same user for another audience, with the client as the one that acts. */
async function ofExchange(
  { issuer, tokens, settings }: TokenParts,
  clientId: string,
  form: Form,
): Promise<SandboxResponse> {
  const claims = await tokens.claimsOf(textOf(form, 'subject_token') ?? '');
  if (claims?.sub === undefined || textOf(form, 'subject_token_type') !== accessTokenType)
    return oauthError(400, 'invalid_request', 'The subject_token is no access token of the sandbox.');
  const wanted = wordsOf(textOf(form, 'scope'));
  const held = wordsOf(typeof claims['scope'] === 'string' ? claims['scope'] : undefined);
  const scopes = wanted.length === 0 ? held : wanted.filter((one) => held.includes(one));
  const audience = wordsOf(textOf(form, 'audience') ?? textOf(form, 'resource'));
  const expiresInSeconds = settings.accessTokenSeconds;
  const token = await tokens.issue(issuer, {
    subject: claims.sub,
    app: clientId,
    scopes,
    expiresInSeconds,
    ...audienceOf(audience),
    claims: { act: { sub: clientId } },
  });
  return sent({
    access_token: token,
    issued_token_type: accessTokenType,
    expires_in: expiresInSeconds,
    scope: scopes.join(' '),
  });
}

async function tokensOf(
  { issuer, tokens, settings }: TokenParts,
  { login, clientId, audience, refreshToken, endsAt, nonce, acr }: Grant,
  scopes: readonly string[],
): Promise<SandboxResponse> {
  const now = Math.floor(Date.now() / 1000);
  const expiresInSeconds = settings.accessTokenSeconds;
  const about = { sid: login.sid, auth_time: login.authTime, ...(acr !== undefined && { acr }) };
  const accessToken = await tokens.issue(issuer, {
    subject: login.subject,
    app: clientId,
    scopes,
    expiresInSeconds,
    ...audienceOf(audience),
    claims: about,
  });
  // OpenID Connect Core section 3.1.3.6.
  const half = createHash('sha256').update(accessToken).digest().subarray(0, 16).toString('base64url');
  const idToken = await tokens.sign('JWT', {
    iss: issuer,
    sub: login.subject,
    aud: clientId,
    azp: clientId,
    iat: now,
    exp: now + expiresInSeconds,
    at_hash: half,
    ...(nonce !== undefined && { nonce }),
    ...about,
  });
  return sent({
    access_token: accessToken,
    expires_in: expiresInSeconds,
    refresh_token: refreshToken,
    // As Keycloak names it.
    refresh_expires_in: Math.max(0, endsAt - now),
    scope: scopes.join(' '),
    ...(scopes.includes('openid') && { id_token: idToken }),
  });
}

const sent = (body: Readonly<Record<string, unknown>>): SandboxResponse => ({
  status: 200,
  body: { token_type: 'Bearer', ...body },
  headers: { 'cache-control': 'no-store' },
});

/** One audience is a text (RFC 7519 section 4.1.3); without any, those of the sandbox are taken. */
function audienceOf(audience: readonly string[]): { readonly audience?: string | readonly string[] } {
  const [first, ...others] = audience;
  if (first === undefined) return {};
  return { audience: others.length === 0 ? first : audience };
}
