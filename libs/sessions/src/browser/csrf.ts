import type { IncomingHttpHeaders } from 'node:http';
import { ProblemError } from '@frontage/core';

/** The part of a request that says how a browser came to send it. */
export interface SentBy {
  readonly method?: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

export interface CsrfRules {
  /** Header field that every request must have with the value 1, in lower case. */
  readonly header: string;
  /** Of this app, as browsers have it. */
  readonly origin: string;
  /** A browser may open pages with a session. */
  readonly takesNavigation: boolean;
}

/**
 * Tells a request with which a browser opens a page. Browsers alone write these fields (Fetch Metadata), so no script of another page can.
 */
export const isNavigation = ({ method, headers }: SentBy): boolean =>
  (method === 'GET' || method === 'HEAD') &&
  headers['sec-fetch-mode'] === 'navigate' &&
  headers['sec-fetch-dest'] === 'document';

/**
 * Refuses a request with a session that a page of another origin may have caused. RFC 10017 section 6.1.3.3: a page of another origin cannot
 * send the header field without a preflight, which is refused; it is asked for on every request, whichever method. `Sec-Fetch-Site` and `Origin`
 * are looked at as well: they tell a sister sub-domain apart, for which `SameSite` does nothing.
 * @throws ProblemError `GW_FORBIDDEN`
 */
export function assertSameOrigin(request: SentBy, { header, origin, takesNavigation }: CsrfRules): void {
  const { headers } = request;
  const site = headers['sec-fetch-site'];
  if (headers.origin !== undefined && headers.origin !== origin) throw refused('"Origin" is another one');
  // `none`: the user typed the address, or took a bookmark.
  if (takesNavigation && isNavigation(request) && (site === 'same-origin' || site === 'none')) return;
  if (site !== undefined && site !== 'same-origin') throw refused('"Sec-Fetch-Site" is not same-origin');
  if (headers[header] !== '1') throw refused(`"${header}: 1" is missing`, `Send the header field ${header}: 1.`);
}

const refused = (reason: string, detail = 'A page of another origin may not do this.'): ProblemError =>
  new ProblemError('GW_FORBIDDEN', {
    event: 'csrf.refused',
    detail,
    cause: new Error(`cross-site request: ${reason}`),
  });
