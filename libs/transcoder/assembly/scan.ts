// Finds the end of a value and proves that it is JSON: nothing is skipped without a check.
import { Char, Letters, isDigit, isHexDigit } from './characters';
import { numberEnd } from './numbers';

/** The maximum depth of objects and lists. It bounds the stack, too. */
export const maxDepth: u32 = 500;

/** True after a string with an escape. Reset it before the string in question. */
export let sawEscape: bool = false;
export function expectNoEscape(): void {
  sawEscape = false;
}

@inline
export function skipSpace(at: usize): usize {
  let char = <u32>load<u8>(at);
  while (char <= Char.space) {
    if (char != Char.space && char != Char.lineFeed && char != Char.carriageReturn && char != Char.tab) break;
    char = load<u8>(++at);
  }
  return at;
}

/** The end of a string, behind its closing quote, from behind its opening one; 0 for none. */
@inline
export function stringEnd(at: usize): usize {
  while (true) {
    const block = v128.load(at);
    const special = i8x16.bitmask(
      v128.or(
        v128.or(i8x16.eq(block, i8x16.splat(0x22)), i8x16.eq(block, i8x16.splat(0x5c))),
        i8x16.lt_u(block, i8x16.splat(0x20)),
      ),
    );
    if (!special) {
      at += 16;
      continue;
    }
    at += <usize>ctz(special);
    const char = <u32>load<u8>(at);
    if (char == Char.quote) return at + 1;
    if (char != Char.backslash) return 0;
    at = escapeEnd(at);
    if (!at) return 0;
  }
}

function escapeEnd(at: usize): usize {
  sawEscape = true;
  switch (<u32>load<u8>(at, 1)) {
    case Char.quote:
    case Char.backslash:
    case Char.slash:
    case Char.b:
    case Char.f:
    case Char.n:
    case Char.r:
    case Char.t:
      return at + 2;
    case Char.u: {
      const fourDigits =
        isHexDigit(load<u8>(at, 2)) &&
        isHexDigit(load<u8>(at, 3)) &&
        isHexDigit(load<u8>(at, 4)) &&
        isHexDigit(load<u8>(at, 5));
      return fourDigits ? at + 6 : 0;
    }
    default:
      return 0;
  }
}

/** The end of `true`, `false` or `null`. */
export function literalEnd(at: usize, first: u32): usize {
  if (first == Char.t) return load<u32>(at) == Letters.true_ ? at + 4 : 0;
  if (first == Char.n) return load<u32>(at) == Letters.null_ ? at + 4 : 0;
  if (first == Char.f) return load<u32>(at, 1) == Letters.alse ? at + 5 : 0;
  return 0;
}

/** The end of the value that begins here, at this depth of objects and lists; 0 for none. */
export function skipValue(at: usize, depth: u32): usize {
  const first = <u32>load<u8>(at);
  if (first == Char.quote) return stringEnd(at + 1);
  if (first == Char.minus || isDigit(first)) return numberEnd(at);
  if (first == Char.openObject) return depth < maxDepth ? skipMembers(at + 1, depth + 1) : 0;
  if (first == Char.openList) return depth < maxDepth ? skipItems(at + 1, depth + 1) : 0;
  return literalEnd(at, first);
}

function skipMembers(at: usize, depth: u32): usize {
  at = skipSpace(at);
  if (load<u8>(at) == Char.closeObject) return at + 1;
  while (true) {
    if (load<u8>(at) != Char.quote) return 0;
    at = valueOfKey(stringEnd(at + 1));
    if (!at) return 0;
    at = skipValue(at, depth);
    if (!at) return 0;
    at = skipSpace(at);
    const next = <u32>load<u8>(at++);
    if (next != Char.comma) return next == Char.closeObject ? at : 0;
    at = skipSpace(at);
  }
}

function skipItems(at: usize, depth: u32): usize {
  at = skipSpace(at);
  if (load<u8>(at) == Char.closeList) return at + 1;
  while (true) {
    at = skipValue(at, depth);
    if (!at) return 0;
    at = skipSpace(at);
    const next = <u32>load<u8>(at++);
    if (next != Char.comma) return next == Char.closeList ? at : 0;
    at = skipSpace(at);
  }
}

/** From the end of a key over its colon to its value; 0 for none. */
@inline
export function valueOfKey(keyEnd: usize): usize {
  if (!keyEnd) return 0;
  const at = skipSpace(keyEnd);
  return load<u8>(at) == Char.colon ? skipSpace(at + 1) : 0;
}
