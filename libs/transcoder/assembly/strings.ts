// Strings with escapes, written as JSON.stringify spells them. The result is never longer than the input.
import { Char } from './characters';

/** False after half of a surrogate pair. Reset it before the string in question. */
export let isWellFormed: bool = true;
export function expectWellFormed(): void {
  isWellFormed = true;
}

/** Writes the string from its opening quote to behind its closing one; gives the end of the output. The string was checked before. */
export function rewriteString(from: usize, end: usize, to: usize): usize {
  while (true) {
    const block = v128.load(from);
    v128.store(to, block);
    const backslashes = i8x16.bitmask(i8x16.eq(block, i8x16.splat(0x5c)));
    const plain = backslashes ? <usize>ctz(backslashes) : 16;
    if (from + plain >= end) return to + (end - from);
    from += plain;
    to += plain;
    if (!backslashes) continue;
    const kind = <u32>load<u8>(from, 1);
    if (kind == Char.slash) {
      store<u8>(to++, Char.slash);
      from += 2;
    } else if (kind != Char.u) {
      store<u16>(to, load<u16>(from));
      to += 2;
      from += 2;
    } else {
      const unit = codeUnit(from);
      from += 6;
      const low = isHighSurrogate(unit) && load<u8>(from) == Char.backslash && load<u8>(from, 1) == Char.u ? codeUnit(from) : 0;
      if (isLowSurrogate(low)) {
        to = writePair(unit, low, to);
        from += 6;
      } else to = writeUnit(unit, to);
    }
  }
}

@inline
function isHighSurrogate(unit: u32): bool {
  return (unit & 0xfc00) == 0xd800;
}

@inline
function isLowSurrogate(unit: u32): bool {
  return (unit & 0xfc00) == 0xdc00;
}

/** The code unit of an escape with four digits, from its backslash. */
function codeUnit(at: usize): u32 {
  return (
    (digitValue(load<u8>(at, 2)) << 12) |
    (digitValue(load<u8>(at, 3)) << 8) |
    (digitValue(load<u8>(at, 4)) << 4) |
    digitValue(load<u8>(at, 5))
  );
}

/** The low four bits of letters begin with 1 for `a`, and only letters have the bit of 64. */
@inline
function digitValue(digit: u32): u32 {
  return (digit & 15) + (digit >> 6) * 9;
}

@inline
function hexDigit(value: u32): u32 {
  return value < 10 ? Char.zero + value : Char.a + value - 10;
}

function writeUnit(unit: u32, to: usize): usize {
  if (unit < 0x20) return writeControl(unit, to);
  if (unit == Char.quote || unit == Char.backslash) {
    store<u8>(to, Char.backslash);
    store<u8>(to, unit, 1);
    return to + 2;
  }
  if (unit < 0x80) {
    store<u8>(to, unit);
    return to + 1;
  }
  if (unit < 0x800) {
    store<u8>(to, 0xc0 | (unit >> 6));
    store<u8>(to, 0x80 | (unit & 0x3f), 1);
    return to + 2;
  }
  // A lone surrogate has no UTF-8.
  if ((unit & 0xf800) == 0xd800) {
    isWellFormed = false;
    return writeEscape(unit, to);
  }
  store<u8>(to, 0xe0 | (unit >> 12));
  store<u8>(to, 0x80 | ((unit >> 6) & 0x3f), 1);
  store<u8>(to, 0x80 | (unit & 0x3f), 2);
  return to + 3;
}

function writePair(high: u32, low: u32, to: usize): usize {
  const point = 0x10000 + ((high & 0x3ff) << 10) + (low & 0x3ff);
  store<u8>(to, 0xf0 | (point >> 18));
  store<u8>(to, 0x80 | ((point >> 12) & 0x3f), 1);
  store<u8>(to, 0x80 | ((point >> 6) & 0x3f), 2);
  store<u8>(to, 0x80 | (point & 0x3f), 3);
  return to + 4;
}

function writeControl(unit: u32, to: usize): usize {
  let letter: u32 = 0;
  if (unit == 8) letter = Char.b;
  else if (unit == Char.tab) letter = Char.t;
  else if (unit == Char.lineFeed) letter = Char.n;
  else if (unit == 12) letter = Char.f;
  else if (unit == Char.carriageReturn) letter = Char.r;
  if (!letter) return writeEscape(unit, to);
  store<u8>(to, Char.backslash);
  store<u8>(to, letter, 1);
  return to + 2;
}

function writeEscape(unit: u32, to: usize): usize {
  store<u8>(to, Char.backslash);
  store<u8>(to, Char.u, 1);
  store<u8>(to, hexDigit(unit >> 12), 2);
  store<u8>(to, hexDigit((unit >> 8) & 15), 3);
  store<u8>(to, hexDigit((unit >> 4) & 15), 4);
  store<u8>(to, hexDigit(unit & 15), 5);
  return to + 6;
}
