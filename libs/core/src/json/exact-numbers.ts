import { keepsDecimal } from './kept-decimal.js';

const ZERO = 0x30;
const NINE = 0x39;
const POINT = 0x2e;
const E = 0x65;
/** 9007199254740991 has 16 digits, and any decimal keeps 15: a shorter run of digits and points is safe. */
const STRIDE = 16;
/** Longer runs are so rare that the slower look decides. */
const MAX_RUN = 64;

/**
 * True if JSON bytes may hold an integer beyond 2^53 - 1 or a decimal with more digits than its double keeps, which `JSON.parse` would change
 * in silence. Never misses one; returns true for some texts without one, which a slower look then clears. Looks at every 16th byte only: a run
 * of 16 digits, with a point among them or not, cannot hide between them.
 */
function maybeHasLongNumber(bytes: Uint8Array): boolean {
  const length = bytes.length;
  for (let at = STRIDE - 1; at < length; at += STRIDE) {
    if (!isDigitOrPoint(bytes[at])) continue;
    let start = at;
    while (start > 0 && isDigitOrPoint(bytes[start - 1])) start--;
    let end = at + 1;
    while (end < length && isDigitOrPoint(bytes[end])) end++;
    if (end - start >= STRIDE && isChangedRun(bytes, start, end)) return true;
    // On with the last of the 16th bytes that lie in this run.
    at = end - 1 - (end % STRIDE);
  }
  return false;
}

function isChangedRun(bytes: Uint8Array, start: number, end: number): boolean {
  const before = bytes[start - 1];
  // After a quote or a letter it is text.
  if (before !== undefined && !numberMayFollow.has(before)) return false;
  if (end - start > MAX_RUN) return true;
  let point = start;
  while (point < end && bytes[point] !== POINT) point++;
  const isInteger = point === end;
  let last = end;
  if (!isInteger) while (bytes[last - 1] === ZERO) last--;
  let high = 0;
  let low = 0;
  let count = 0;
  for (let at = start; at < last; at++) {
    const byte = bytes[at] ?? ZERO;
    if (byte === POINT || (count === 0 && byte === ZERO)) continue;
    if (++count <= HIGH_DIGITS) high = high * 10 + byte - ZERO;
    else low = low * 10 + byte - ZERO;
  }
  const whole = count > HIGH_DIGITS ? high * 10 ** (count - HIGH_DIGITS) : high;
  const hasExponent = ((bytes[end] ?? 0) | 0x20) === E;
  if (isInteger && !hasExponent) return whole + low > Number.MAX_SAFE_INTEGER;
  if (whole + low < KEPT_MANTISSA) return false;
  if (!hasExponent && count <= 17 && keepsDecimal(whole, low, last - 1 - point)) return false;
  return !isExactAt(bytes, start, hasExponent ? exponentEnd(bytes, end + 1) : end);
}

/** So many digits, with up to eight zeros behind them, are an integer that a double holds. */
const HIGH_DIGITS = 9;
/**
 * 2^52: a decimal whose digits without the point are less is further from its neighbours of as many digits than from its double, which then
 * keeps the digits. Exponents of three digits are not asked about here.
 */
const KEPT_MANTISSA = 2 ** 52;

function exponentEnd(bytes: Uint8Array, at: number): number {
  if (bytes[at] === 0x2b || bytes[at] === 0x2d) at++;
  while (isDigit(bytes[at])) at++;
  return at;
}

function isExactAt(bytes: Uint8Array, start: number, end: number): boolean {
  const source = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
  return isExactNumber(Number(source), source);
}

const numberMayFollow: ReadonlySet<number> = new Set(Buffer.from(':[,- \t\r\n'));

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= NINE;
}

function isDigitOrPoint(byte: number | undefined): boolean {
  return byte === POINT || isDigit(byte);
}

/**
 * True if JSON bytes may hold a number whose exponent takes it out of a double's range: `1e400` is no infinity, `1e-400` no zero. Looks at
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
    if (((bytes[before] ?? 0) | 0x20) === E && isNumberBefore(bytes, before)) return true;
  }
  return false;
}

/** True if a number stands right before the place: not the middle of an id in hexadecimal. */
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
  /** True if there was a number that a double cannot hold. */
  readonly found: boolean;
}

/** Makes the placeholder for a number that a double cannot hold. @param rounded the nearest double */
export type InPlaceOf = (source: string, rounded: number) => unknown;

/** True if JSON bytes may hold a number that {@link parseExactly} would replace. Never misses one. */
export function maybeHasInexactNumber(bytes: Uint8Array): boolean {
  return maybeHasLongNumber(bytes) || maybeHasHugeExponent(bytes);
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

/** A double keeps so many significant digits of any decimal (IEEE 754), unless the decimal is less than {@link MIN_NORMAL}. */
const KEPT_DIGITS = 15;
const MIN_NORMAL = 2 ** -1022;
/** `toPrecision` writes no more. */
const MAX_WRITTEN_DIGITS = 100;

/**
 * True if a double is what the text of a number says. An integer must be a safe one. A decimal must keep its digits: the double rounds to
 * them, or is spelled by them. So `0.1` is exact, and so is a double that was written with 17 digits. Zeros at the end do not count.
 */
export function isExactNumber(value: number, source: string): boolean {
  if (value === 0) return !/^-?[0.]*[1-9]/.test(source);
  if (/^-?\d+$/.test(source)) return Number.isSafeInteger(value);
  if (!Number.isFinite(value)) return false;
  const digits = significantDigits(source);
  const count = digits.length;
  if (count <= KEPT_DIGITS && Math.abs(value) >= MIN_NORMAL) return true;
  if (count > MAX_WRITTEN_DIGITS) return false;
  return significantDigits(value.toPrecision(count)) === digits || significantDigits(String(value)) === digits;
}

/** Without sign, point, exponent, and the zeros at both ends. */
const significantDigits = (text: string): string =>
  text.replace(/e.*$/i, '').replaceAll(/[-.]/g, '').replace(/^0+/, '').replace(/0+$/, '');
