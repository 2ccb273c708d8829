import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';

/** The part of an OpenID provider that one login needs. It logs in whoever asks. */
export class OpenId {
  readonly #tokenOf: (claims: object) => string;
  #nonce = '';

  /** @param tokenOf signs the claims of a token, with `iat` and `exp` */
  constructor(tokenOf: (claims: object) => string) {
    this.#tokenOf = tokenOf;
  }

  /** The response to a request; a text is the address of a redirect. `undefined` for what is none of its endpoints. */
  async answer(request: IncomingMessage, issuer: string): Promise<object | string | undefined> {
    const { pathname, searchParams: query } = new URL(request.url ?? '/', issuer);
    switch (pathname) {
      case '/.well-known/openid-configuration':
        return {
          issuer,
          authorization_endpoint: `${issuer}/authorize`,
          token_endpoint: `${issuer}/token`,
          jwks_uri: `${issuer}/jwks.json`,
        };
      case '/authorize': {
        this.#nonce = query.get('nonce') ?? '';
        const back = new URL(query.get('redirect_uri') ?? '');
        back.search = new URLSearchParams({ code: 'code', state: query.get('state') ?? '' }).toString();
        return back.href;
      }
      case '/token':
        await text(request);
        return {
          access_token: this.#tokenOf({ aud: 'bench-bff', sub: 'ada' }),
          token_type: 'Bearer',
          expires_in: 7_200,
          refresh_token: 'refresh',
          scope: 'home:read',
          id_token: this.#tokenOf({ aud: 'bench', sub: 'ada', nonce: this.#nonce }),
        };
      default:
        return undefined;
    }
  }
}

/** Logs in as a browser does. @param url any address of a server with sessions @returns the headers of each request with the session */
export async function logIn(url: string): Promise<Readonly<Record<string, string>>> {
  const { origin } = new URL(url);
  const begun = await whenUp(`${origin}/login`);
  const back = await fetch(begun.headers.get('location') ?? '', { redirect: 'manual' });
  const done = await fetch(back.headers.get('location') ?? '', { headers: { cookie: cookieIn(begun) } });
  if (!done.ok) throw new Error(`the login failed with ${done.status}: ${await done.text()}`);
  return { cookie: cookieIn(done), 'x-csrf': '1' };
}

const cookieIn = ({ headers }: Response): string => headers.getSetCookie()[0]?.split(';', 1)[0] ?? '';

/** Waits until a server listens, 30 s at most. */
async function whenUp(url: string): Promise<Response> {
  for (let attempt = 0; attempt < 300; attempt++) {
    const response = await fetch(url, { redirect: 'manual' }).catch(() => undefined);
    if (response !== undefined) return response;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`${url} did not answer within 30 s`);
}
