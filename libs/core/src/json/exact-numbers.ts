const ZERO = 0x30;
const NINE = 0x39;
/** 9007199254740991 has 16 digits: a shorter run is safe. */
const STRIDE = 16;

/**
 * Whether JSON bytes may hold an integer beyond 2^53 - 1 that `JSON.parse` would change in silence. Never misses one; returns true for
 * some texts without one, which a slower look then clears. Looks at every 16th byte only: a run of 16 digits cannot hide between them.
 */
function maybeHasBigInteger(bytes: Uint8Array): boolean {
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
  // So many digits behind a point may be a fraction that becomes zero.
  if (before === 0x2e) return end - start > 300;
  // After a quote or a letter it is text.
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

/**
 * Whether JSON bytes may hold a number whose exponent takes it out of a double's range: `1e400` is no infinity, `1e-400` no zero. Looks at
 * every third byte: only exponents of three digits and more do that, and one of three digits stands at such a place.
 */
function maybeHasHugeExponent(bytes: Uint8Array): boolean {
  const length = bytes.length;
  for (let at = 2; at < length; at += 3) {
    if (!isDigit(bytes[at])) continue;
    // Back over the digits of the exponent that stand before this one, and its sign.
    let before = at - 1;
    if (isDigit(bytes[before])) before--;
    if (isDigit(bytes[before])) before--;
    const sign = bytes[before];
    if (sign === 0x2b || sign === 0x2d) before--;
    // `e` and `E`, which differ in one bit.
    if (((bytes[before] ?? 0) | 0x20) === 0x65 && isNumberBefore(bytes, before)) return true;
  }
  return false;
}

/** Whether a number stands right before the place: not the middle of an id in hexadecimal. */
function isNumberBefore(bytes: Uint8Array, end: number): boolean {
  let start = end;
  while (isDigit(bytes[start - 1]) || bytes[start - 1] === 0x2e || bytes[start - 1] === 0x2d) start--;
  const before = bytes[start - 1];
  return start < end && (before === undefined || numberMayFollow.has(before));
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

export interface ExactValue {
  readonly value: unknown;
  /** Whether there was a number that a double cannot hold. */
  readonly found: boolean;
}

/** Makes the placeholder for a number that a double cannot hold. @param rounded the nearest double */
export type InPlaceOf = (source: string, rounded: number) => unknown;

/** Whether JSON bytes may hold a number that {@link parseExactly} would replace. Never misses one. */
export function maybeHasInexactNumber(bytes: Uint8Array): boolean {
  return maybeHasBigInteger(bytes) || maybeHasHugeExponent(bytes);
}

/**
 * Parses with something else in the place of every number that a double cannot hold. Slow: for texts that {@link maybeHasInexactNumber}
 * suspects.
 * @throws SyntaxError as `JSON.parse` does
 */
export function parseExactly(text: string, inPlaceOf: InPlaceOf): ExactValue {
  let found = false;
  const value = JSON.parse(text, (_key: string, member: unknown, { source }: SourceContext) => {
    if (typeof member !== 'number' || source === undefined || isExactNumber(member, source)) return member;
    found = true;
    return inPlaceOf(source, member);
  });
  return { value, found };
}

/** Whether a double is what the text of a number says. Fractions may be rounded. */
export function isExactNumber(value: number, source: string): boolean {
  if (value === 0) return !/^-?[0.]*[1-9]/.test(source);
  return Number.isSafeInteger(value) || (Number.isFinite(value) && !/^-?\d+$/.test(source));
}
