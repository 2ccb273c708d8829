/** Fields that belong to the connection, to the body, or to the gateway itself: no screen sets them. */
const ownFields: ReadonlySet<string> = new Set(
  (
    'connection keep-alive proxy-connection proxy-authenticate te trailer transfer-encoding upgrade content-length content-type content-encoding ' +
    'date x-request-id frontage-parts ratelimit ratelimit-policy content-security-policy strict-transport-security x-content-type-options ' +
    'referrer-policy cross-origin-resource-policy'
  ).split(' '),
);

const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** The reason why a screen cannot send a header of this name; undefined where it can. */
export function whyNoHeader(name: string): string | undefined {
  if (!token.test(name)) return 'which is no name of a header';
  const lower = name.toLowerCase();
  if (lower === 'set-cookie') return 'which is written by `cookies` of screen(...)';
  if (lower.startsWith('access-control-')) return 'which `cors` of the policy sets';
  return ownFields.has(lower) ? 'which the gateway sets itself' : undefined;
}

/** The reason why a cookie of this name and these attributes cannot be sent. RFC 6265bis section 4.1.3 has the prefixes. */
export function whyNoCookie(cookie: {
  readonly name: string;
  readonly path?: string;
  readonly domain?: string;
  readonly secure?: boolean;
  readonly sameSite?: string;
  readonly partitioned?: boolean;
}): string | undefined {
  const { name, path = '/', domain, secure = true, sameSite, partitioned } = cookie;
  if (!token.test(name)) return 'which is no name of a cookie';
  if (!/^\/[\x20-\x3a\x3c-\x7e]*$/.test(path))
    return `with the path ${JSON.stringify(path)}: write one that begins with /`;
  if (domain !== undefined && !/^\.?[A-Za-z0-9.-]+$/.test(domain))
    return `with the domain ${JSON.stringify(domain)}: write the name of a host`;
  if (!secure && (sameSite === 'none' || partitioned === true || /^__(?:Secure|Host)-/i.test(name)))
    return 'which browsers take with `secure: true` only';
  if (/^__Host-/i.test(name) && (path !== '/' || domain !== undefined))
    return 'which browsers take without a domain and with the path / only';
  return undefined;
}

/** RFC 9111 section 5.2.2: a response to one caller must not be given to another one by a shared cache. */
export const isPrivate = (cacheControl: string): boolean =>
  /(?:^|[\s,])(?:private|no-store)(?:$|[\s,=])/i.test(cacheControl);
