/** Objects and lists within each other, of every JSON text that is read: requests and responses alike. Beyond, it is refused unparsed. */
export const maxJsonDepth = 500;

const openList = 0x5b;
const openObject = 0x7b;
const quote = 0x22;
const backslash = 0x5c;

/**
 * True if a text nests deeper than {@link maxJsonDepth}. Asked before parsing, which takes a second for 10 MB of `[` and gives values that
 * no recursive function survives. Exact for JSON; of other texts it is right as far as they are JSON, which is as far as parsing goes.
 */
export function isTooDeep(bytes: Uint8Array): boolean {
  // Without so many brackets, and as many that close them, nothing is that deep.
  if (bytes.length <= 2 * maxJsonDepth || !hasManyOpenings(bytes)) return false;
  let depth = 0;
  const { length } = bytes;
  for (let at = 0; at < length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === quote) {
      for (at++; at < length && bytes[at] !== quote; at++) if (bytes[at] === backslash) at++;
      continue;
    }
    // `[` and `{`, `]` and `}` differ in one bit.
    const kind = byte | 0x20;
    if (kind === 0x7b) {
      if (++depth > maxJsonDepth) return true;
    } else if (kind === 0x7d) depth--;
  }
  return false;
}

/** Most texts are cleared by this, for a fraction of what looking at each byte costs. */
function hasManyOpenings(bytes: Uint8Array): boolean {
  let left = maxJsonDepth;
  for (const opening of [openObject, openList]) {
    for (let at = bytes.indexOf(opening); at !== -1; at = bytes.indexOf(opening, at + 1)) if (left-- === 0) return true;
  }
  return false;
}
