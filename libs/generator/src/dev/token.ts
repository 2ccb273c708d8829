import { terminalLine } from '@frontage/contracts/terminal-text';

export interface TokenQuery {
  readonly user: string;
  readonly scopes: readonly string[];
  /** @default every BFF of the workspace */
  readonly audience?: string;
  readonly roles?: readonly string[];
  readonly expiresInSeconds?: number;
  /** Replace all other claims. */
  readonly claims?: Readonly<Record<string, unknown>>;
}

/**
 * Requests a token from the issuer of the sandbox.
 * @throws Error with the address that cannot be reached, or the response of the issuer
 */
export async function fetchToken(issuer: string, request: TokenQuery): Promise<string> {
  const response = await fetch(`${issuer}/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      user: request.user,
      scope: request.scopes.join(' '),
      audience: request.audience,
      roles: request.roles ?? [],
      claims: request.claims,
      expires_in: request.expiresInSeconds ?? 3600,
    }),
  }).catch((cause: unknown) => {
    throw new Error(`no sandbox listens at ${issuer}: start one with \`npm start\``, { cause });
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`the issuer at ${issuer} refused: ${terminalLine(text)}`);
  const body: unknown = JSON.parse(text);
  if (typeof body !== 'object' || body === null || !('access_token' in body))
    throw new Error(`the issuer responded without a token: ${terminalLine(text)}`);
  return String(body.access_token);
}
