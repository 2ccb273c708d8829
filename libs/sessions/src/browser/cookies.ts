/** Stands for a cookie that a request has more than once: it is not clear which of them is meant. */
export const several: unique symbol = Symbol('several cookies of a name');

/** The cookie of a name in the field `Cookie`. */
export function cookieIn(header: string | undefined, name: string): string | typeof several | undefined {
  if (header === undefined || !header.includes(name)) return undefined;
  let found: string | undefined;
  for (const pair of header.split(';')) {
    const at = pair.indexOf('=');
    if (at < 0 || pair.slice(0, at).trim() !== name) continue;
    if (found !== undefined) return several;
    found = pair.slice(at + 1).trim();
  }
  return found;
}

export interface CookieRules {
  /** `Lax` for a cookie that has to arrive with a browser that another site sends here. */
  readonly sameSite: 'Strict' | 'Lax';
  /** Seconds; absent: until the browser ends. 0 deletes it. */
  readonly maxAge?: number;
}

/**
 * A field `Set-Cookie` with the attributes of RFC 10017 section 6.1.3.2. The prefix `__Host-` has browsers take it from this host alone, for
 * all of its paths, over TLS.
 */
export const setCookie = (name: string, value: string, { sameSite, maxAge }: CookieRules): string =>
  `${name}=${value}; Path=/; Secure; HttpOnly; SameSite=${sameSite}${maxAge === undefined ? '' : `; Max-Age=${maxAge}`}`;

/** Cookies of apps on one host have their names apart. The name of an app may have characters that no cookie has. */
export const cookieName = (app: string, kind: 'session' | 'login'): string =>
  `__Host-${encodeURIComponent(app).replaceAll('%', '.').replaceAll(/[()]/g, '.')}-${kind}`;
