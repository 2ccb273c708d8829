/** The provider has refused what it was sent; another attempt with it is refused too. */
export class GrantRefused extends Error {
  constructor(cause: unknown) {
    super('the provider has refused the grant', { cause });
    this.name = 'GrantRefused';
  }
}

/** A response that this login has not led to, or an error of the provider about this login (RFC 6749 sections 4.1.2.1 and 5.2). */
export async function isRefusedLogin(error: unknown): Promise<boolean> {
  const { AuthorizationResponseError, ResponseBodyError, ClientError } = await import('openid-client');
  if (error instanceof AuthorizationResponseError) return true;
  if (error instanceof ResponseBodyError) return error.error === 'invalid_grant';
  return error instanceof ClientError && refusalCodes.has(error.code ?? '');
}

/** Checks of the response that fail: another state, nonce, issuer or audience. */
const refusalCodes: ReadonlySet<string> = new Set([
  'OAUTH_INVALID_RESPONSE',
  'OAUTH_JWT_CLAIM_COMPARISON_FAILED',
  'OAUTH_JWT_TIMESTAMP_CHECK_FAILED',
  'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED',
]);

/** Any other error may be over with the next attempt: a session does not end with a mistake of the provider. */
export async function isDeadGrant(error: unknown): Promise<boolean> {
  const { ResponseBodyError } = await import('openid-client');
  return error instanceof ResponseBodyError && error.error === 'invalid_grant';
}

/** Tells a provider that fails from one that refuses a request. */
export async function isProviderFailure(error: unknown): Promise<boolean> {
  const { ResponseBodyError } = await import('openid-client');
  return !(error instanceof ResponseBodyError) || error.status >= 500;
}

/** The errors of the library hold responses and claims; the log gets the words alone. */
export function withoutTokens(error: unknown): Error {
  if (!(error instanceof Error)) return new Error('unknown');
  const code: unknown = Reflect.get(error, 'error') ?? Reflect.get(error, 'code');
  const reason = error.cause instanceof Error ? `: ${error.cause.message}` : '';
  return new Error(`${error.message}${typeof code === 'string' ? ` (${code})` : ''}${reason}`);
}
