import { isRecord, ok, problem, type SandboxResponse } from '../model/behaviour.js';
import type { TokenIssuer } from './token-issuer.js';

/** Responses below `/issuer`, for verifiers and the command line. Undefined for an unknown path. */
export async function issuerResponse(
  issuer: TokenIssuer,
  url: string,
  method: string,
  path: string,
  body: () => Promise<unknown>,
): Promise<SandboxResponse | undefined> {
  if (path === '/jwks.json') return ok(await issuer.jwks());
  // OpenID Connect Discovery section 4, RFC 8414 section 3.
  if (path === '/.well-known/openid-configuration' || path === '/.well-known/oauth-authorization-server') {
    return ok({
      issuer: url,
      jwks_uri: `${url}/jwks.json`,
      token_endpoint: `${url}/token`,
      response_types_supported: ['token'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
    });
  }
  if (path !== '/token') return undefined;
  return method === 'POST' ? token(issuer, url, await body()) : problem(405, 'Request a token with POST');
}

/** RFC 6749 section 5 without client authentication: every caller may be any user of the sandbox. */
async function token(issuer: TokenIssuer, url: string, body: unknown): Promise<SandboxResponse> {
  const asked = isRecord(body) ? body : {};
  const subject = asked['user'] ?? asked['subject'];
  if (typeof subject !== 'string' || subject === '') {
    const error_description = 'Name the user of the token: user=ada.';
    return { status: 400, body: { error: 'invalid_request', error_description }, media: 'application/json' };
  }
  const scopes = words(asked['scope'] ?? asked['scopes']);
  const audience = words(asked['audience']);
  const expiresInSeconds = Number(asked['expires_in'] ?? asked['expiresInSeconds'] ?? 3600);
  const { tenant, client_id: app, claims } = asked;
  const accessToken = await issuer.issue(url, {
    subject,
    scopes,
    roles: words(asked['roles']),
    ...(audience.length > 0 && {
      audience: audience.length === 1 && audience[0] !== undefined ? audience[0] : audience,
    }),
    ...(typeof tenant === 'string' && { tenant }),
    ...(typeof app === 'string' && { app }),
    ...(isRecord(claims) && { claims }),
    ...(Number.isFinite(expiresInSeconds) && { expiresInSeconds }),
  });
  return {
    status: 200,
    body: { access_token: accessToken, token_type: 'Bearer', expires_in: expiresInSeconds, scope: scopes.join(' ') },
    headers: { 'cache-control': 'no-store' },
  };
}

/** A list of JSON, or words between blanks of a form. */
function words(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.map(String);
  return typeof value === 'string' ? value.split(/[\s,]+/).filter(Boolean) : [];
}
