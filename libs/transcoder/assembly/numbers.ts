// Numbers: exactly those of RFC 8259 that a double holds unchanged. Of decimals with many digits, the host knows. Other numbers that are
// refused here (very long ones, and exponents of three digits) are rare, and left to the parser.
import { Char, isDigit } from './characters';

/** An integer and a decimal up to this number of digits are exact. */
const exactDigits: usize = 15;
/** A fraction of this length, with an exponent of two digits, cannot become zero. */
const maxNumberBytes: usize = 64;
const maxSafeInteger: u64 = 9007199254740991;
const fourZeros: u32 = 0x30303030;

/** True if a double keeps the digits of the decimal that stands here. */
@external("host", "judgeDecimal")
declare function judgeDecimal(start: usize, end: usize): Judged;
enum Judged {
  changed,
  exact,
  /** It is spelled as JavaScript spells it, too. */
  canonical,
}

/** True if the last number is spelled as JavaScript spells it. */
export let isCanonical: bool = false;

/** The number of digits here: 16 for any more. */
@inline
function digitsAt(at: usize): usize {
  const digits = i8x16.lt_u(i8x16.sub(v128.load(at), i8x16.splat(0x30)), i8x16.splat(10));
  return <usize>ctz(~i8x16.bitmask(digits));
}

@inline
function digitsEnd(at: usize): usize {
  let more: usize;
  do {
    more = digitsAt(at);
    at += more;
  } while (more == 16);
  return at;
}

/** The end of the number that begins here, with a digit or a minus, of any size; 0 for none. For numbers that no shape reads. */
export function numberEnd(start: usize): usize {
  let at = load<u8>(start) == Char.minus ? start + 1 : start;
  const first = at;
  at = digitsEnd(at);
  if (at == first || (load<u8>(first) == Char.zero && at - first > 1)) return 0;
  if (load<u8>(at) == Char.point) {
    const fraction = ++at;
    at = digitsEnd(at);
    if (at == fraction) return 0;
  }
  if ((<u32>load<u8>(at) | 0x20) != Char.e) return at;
  const sign = <u32>load<u8>(++at);
  if (sign == Char.plus || sign == Char.minus) at++;
  const exponent = at;
  at = digitsEnd(at);
  return at == exponent ? 0 : at;
}

/** The end of the number that begins here, with a digit or a minus; 0 for none, or for one that a double may not hold. */
export function number(start: usize): usize {
  let at = start;
  const negative = load<u8>(at) == Char.minus;
  if (negative) at++;
  const digits = digitsAt(at);
  const zero = load<u8>(at) == Char.zero;
  if (digits == 0 || (zero && digits > 1)) return 0;
  at += digits;
  const next = <u32>load<u8>(at);
  if (next != Char.point && (next | 0x20) != Char.e) {
    isCanonical = !(negative && zero);
    if (digits <= exactDigits) return at;
    return !isDigit(next) && isSafeInteger(at - digits) ? at : 0;
  }
  return digits > exactDigits ? 0 : fraction(start, at, digits);
}

/** The value of 16 digits. */
function isSafeInteger(at: usize): bool {
  let value: u64 = 0;
  for (let end = at + 16; at < end; at++) value = value * 10 + load<u8>(at) - Char.zero;
  return value <= maxSafeInteger;
}

function fraction(start: usize, at: usize, digits: usize): usize {
  isCanonical = false;
  // A zero before the point is no digit that a double has to keep.
  let kept: usize = digits == 1 && load<u8>(at - 1) == Char.zero ? 0 : digits;
  if (load<u8>(at) == Char.point) {
    const first = ++at;
    at = digitsEnd(at);
    if (at == first || at - start > maxNumberBytes) return 0;
    kept += at - first;
    // Trailing zeros are not written, and very small numbers are written with an exponent.
    isCanonical =
      digits + (at - first) <= exactDigits && load<u8>(at - 1) != Char.zero && load<u32>(first) != fourZeros;
  }
  if ((<u32>load<u8>(at) | 0x20) == Char.e) {
    isCanonical = false;
    const sign = <u32>load<u8>(++at);
    if (sign == Char.plus || sign == Char.minus) at++;
    // Three digits may leave what a double can hold.
    const exponent = digitsAt(at);
    at = exponent == 1 || exponent == 2 ? at + exponent : 0;
    if (!at) return 0;
  }
  return kept <= exactDigits ? at : judged(start, at);
}

function judged(start: usize, end: usize): usize {
  const found = judgeDecimal(start, end);
  isCanonical = found == Judged.canonical;
  return found == Judged.changed ? 0 : end;
}
