/** An address without its query, its fragment and the spellings that mean the same (RFC 3986 section 6.2.2). `undefined` for none. */
export function comparableAddress(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  url.search = '';
  url.hash = '';
  return url.href.replace(/%[0-9a-f]{2}/gi, (escape) => {
    const character = String.fromCharCode(Number.parseInt(escape.slice(1), 16));
    return /[A-Za-z0-9._~-]/.test(character) ? character : escape.toUpperCase();
  });
}

/**
 * The address of a request as its client has it.
 * @param base address of the app, without a slash at its end
 * @param target of the request, as its first line has it
 * @returns undefined for a target that is no path
 */
export function addressOf(base: string, target: string): string | undefined {
  const [path = ''] = target.split('?', 1);
  return path.startsWith('/') ? comparableAddress(base + path) : undefined;
}
