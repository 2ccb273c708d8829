import { isRecord, type SandboxResponse } from '../model/behaviour.js';
import type { TokenIssuer } from './token-issuer.js';

/**
 * A token for any user of the sandbox, for the command line and for tests: `POST /token` without a `grant_type`, and without client
 * authentication.
 */
export async function anyToken(issuer: TokenIssuer, url: string, body: unknown): Promise<SandboxResponse> {
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
