/** Visible ASCII without a backslash: browsers read that as a slash, and drop tabs and line ends. */
const plain = /^\/(?!\/)[\x21-\x5b\x5d-\x7e]*$/;

const maxLength = 2_048;

/**
 * The path of this origin that a browser goes to after a login.
 * @returns undefined for a text that leads, or could lead, to another origin
 */
export function pathOfOrigin(text: string, origin: string): string | undefined {
  if (text.length > maxLength || !plain.test(text)) return undefined;
  const url = URL.parse(text, origin);
  return url?.origin === origin && url.pathname.startsWith('/') && !url.pathname.startsWith('//')
    ? url.pathname + url.search + url.hash
    : undefined;
}
