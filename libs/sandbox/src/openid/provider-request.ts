import type { SandboxResponse } from '../model/behaviour.js';

/** A request to the OpenID provider. */
export interface ProviderRequest {
  readonly method: string;
  /** Below the issuer. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly authorization: string | undefined;
  readonly cookie: string | undefined;
  /** The form, read when it is needed. */
  readonly form: () => Promise<Readonly<Record<string, unknown>>>;
}

/** RFC 6749 section 5.2. */
export const oauthError = (status: number, error: string, description: string): SandboxResponse => ({
  status,
  body: { error, error_description: description },
  media: 'application/json',
  headers: { 'cache-control': 'no-store', ...(status === 401 && { 'www-authenticate': 'Basic realm="sandbox"' }) },
});

export const seeOther = (location: string, headers: Readonly<Record<string, string>> = {}): SandboxResponse => ({
  status: 303,
  headers: { location, 'cache-control': 'no-store', ...headers },
});

export const textOf = (form: Readonly<Record<string, unknown>>, name: string): string | undefined => {
  const value = form[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
};

export const wordsOf = (text: string | undefined): readonly string[] => (text ?? '').split(/\s+/).filter(Boolean);

/** The secret of every client of the sandbox. */
const clientSecret = 'sandbox';

/**
 * The client of a request: any name, with the secret of the sandbox in the header or in the form (RFC 6749 section 2.3.1).
 * @returns undefined without a client, or with another secret
 */
export function clientOf(
  { authorization }: Pick<ProviderRequest, 'authorization'>,
  form: Readonly<Record<string, unknown>>,
): string | undefined {
  const [, encoded] = /^basic +([A-Za-z0-9+/]+=*)$/i.exec(authorization ?? '') ?? [];
  if (encoded === undefined) {
    return textOf(form, 'client_secret') === clientSecret ? textOf(form, 'client_id') : undefined;
  }
  const [, id = '', secret = ''] = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded, 'base64').toString()) ?? [];
  // Both are form-encoded before they are joined.
  const [client, given] = [id, secret].map((text) => new URLSearchParams(`x=${text}`).get('x') ?? '');
  return given === clientSecret && client !== '' ? client : undefined;
}

/** The cookie of the provider itself. */
const cookieName = 'sandbox-login';

export const cookieOf = (header: string | undefined): string | undefined =>
  header
    ?.split('; ')
    .find((pair) => pair.startsWith(`${cookieName}=`))
    ?.slice(cookieName.length + 1);

export const cookieFor = (value: string, path: string): string =>
  `${cookieName}=${value}; Path=${path}; HttpOnly; SameSite=Lax${value === '' ? '; Max-Age=0' : ''}`;
