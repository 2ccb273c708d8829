const ZERO = 0x30;
const NINE = 0x39;
/** 9007199254740991 has 16 digits: a shorter run is safe. */
const STRIDE = 16;

/**
 * Whether JSON bytes may hold an integer beyond 2^53 - 1 that `JSON.parse` would change in silence. Never misses one; answers true for
 * some texts without one, which a slower look then clears. Looks at every 16th byte only: a run of 16 digits cannot hide between them.
 */
export function maybeHasBigInteger(bytes: Uint8Array): boolean {
  const length = bytes.length;
  for (let at = STRIDE - 1; at < length; at += STRIDE) {
    if (!isDigit(bytes[at])) continue;
    let start = at;
    while (start > 0 && isDigit(bytes[start - 1])) start--;
    let end = at + 1;
    while (end < length && isDigit(bytes[end])) end++;
    if (end - start >= STRIDE && isBigInteger(bytes, start, end)) return true;
    // On with the last of the 16th bytes that lie in this run.
    at = end - 1 - (end % STRIDE);
  }
  return false;
}

function isBigInteger(bytes: Uint8Array, start: number, end: number): boolean {
  const before = bytes[start - 1];
  // After a quote or a letter it is text, after a point a fraction: neither is an integer.
  if (before !== undefined && !numberMayFollow.has(before)) return false;
  if (end - start > STRIDE) return true;
  let value = 0;
  for (let at = start; at < end; at++) value = value * 10 + (bytes[at] ?? ZERO) - ZERO;
  return value > Number.MAX_SAFE_INTEGER;
}

const numberMayFollow: ReadonlySet<number> = new Set(Buffer.from(':[,- \t\r\n'));

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= NINE;
}

interface SourceContext {
  /** The text of a primitive as it stood in the document. */
  readonly source?: string;
}

declare global {
  interface JSON {
    /** ECMAScript proposal "JSON.parse source text access", in V8 since 11.4; the compiler's library does not have it yet. */
    parse(text: string, reviver: (key: string, value: unknown, context: SourceContext) => unknown): unknown;
  }
}

/** Parses with every integer that a number cannot hold as its own text. Slow: for texts that {@link maybeHasBigInteger} suspects. */
export function parseBigIntegersAsText(text: string): { readonly value: unknown; readonly found: boolean } {
  let found = false;
  const value = JSON.parse(text, (_key: string, member: unknown, { source }: SourceContext) => {
    if (typeof member !== 'number' || source === undefined) return member;
    if (Number.isSafeInteger(member) || !/^-?\d+$/.test(source)) return member;
    found = true;
    return source;
  });
  return { value, found };
}
