import type { IncomingMessage } from 'node:http';

/**
 * The reason why a request to the data of the page is refused: it comes from a page of another site. The name in `Host` has been checked
 * before, so a page is ours if it has that name.
 * @param isAction it changes something
 */
export function refusalOf({ headers }: Pick<IncomingMessage, 'headers'>, isAction: boolean): string | undefined {
  const { origin, host = '', 'content-type': type = '' } = headers;
  const site = headers['sec-fetch-site'];
  if (origin !== undefined && origin !== `http://${host}`) return 'A page of another site may not ask this\n';
  // Fetch Metadata: browsers say so where they send no Origin. `same-site` is another port of this machine.
  if (site !== undefined && site !== 'same-origin' && site !== 'none')
    return 'A page of another site may not ask this\n';
  // A form cannot send this type, and a script of another site cannot without a preflight, which nothing here permits.
  if (isAction && !/^application\/json\b/i.test(type)) return 'Send application/json\n';
  return undefined;
}
