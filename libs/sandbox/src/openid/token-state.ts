import { ok, type SandboxResponse } from '../model/behaviour.js';
import type { Person } from './pages.js';
import { clientOf, oauthError, textOf, type ProviderRequest } from './provider-request.js';
import type { TokenParts } from './token-endpoint.js';

/** `POST /introspect` (RFC 7662). */
export async function introspection(parts: TokenParts, request: ProviderRequest): Promise<SandboxResponse> {
  const form = await request.form();
  if (clientOf(request, form) === undefined) return oauthError(401, 'invalid_client', 'The client is not known.');
  const token = textOf(form, 'token') ?? '';
  const claims = await parts.tokens.claimsOf(token);
  if (claims !== undefined && claims.iss === parts.issuer && !parts.grants.isRevoked(claims.jti ?? ''))
    return ok({ active: true, token_type: 'Bearer', ...claims });
  const grant = parts.grants.grantOf(token);
  if (grant === undefined) return ok({ active: false });
  const { clientId: client_id, scopes, login, endsAt: exp } = grant;
  return ok({ active: true, token_use: 'refresh_token', client_id, scope: scopes.join(' '), sub: login.subject, exp });
}

/** `POST /revoke` (RFC 7009): an unknown token is no error. */
export async function revocation({ grants, tokens }: TokenParts, request: ProviderRequest): Promise<SandboxResponse> {
  const form = await request.form();
  if (clientOf(request, form) === undefined) return oauthError(401, 'invalid_client', 'The client is not known.');
  const token = textOf(form, 'token') ?? '';
  const claims = await tokens.claimsOf(token);
  grants.revoke(claims?.jti ?? token);
  return { status: 200 };
}

/** `GET /userinfo` (OpenID Connect Core section 5.3). */
export async function userInfo(
  { tokens, grants }: TokenParts,
  people: readonly Person[],
  { authorization = '' }: ProviderRequest,
): Promise<SandboxResponse> {
  const claims = await tokens.claimsOf(authorization.replace(/^bearer +/i, ''));
  if (claims?.sub === undefined || grants.isRevoked(claims.jti ?? ''))
    return { status: 401, headers: { 'www-authenticate': 'Bearer error="invalid_token"' } };
  const name = people.find(({ id }) => id === claims.sub)?.name;
  return ok({ sub: claims.sub, preferred_username: claims.sub, ...(name !== undefined && { name }) });
}
