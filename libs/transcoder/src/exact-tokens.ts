import { maxDepth } from './projection.js';

const quote = 0x22;
const backslash = 0x5c;
const minus = 0x2d;
/** Shorter numbers without an exponent are exact, and those without room for an exponent of three digits in any case. */
const safeLength = 15;
const alwaysSafeLength = 4;

/**
 * Whether JSON that parses is within `maxDepth`, and all its numbers are within what a double holds: no integer beyond 2^53 - 1, nothing
 * that became infinite or zero. Fractions may be rounded.
 */
export function isExact(bytes: Uint8Array): boolean {
  let depth = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === quote) at = endOfString(bytes, at);
    // `[` and `{`, `]` and `}` differ in one bit.
    else if ((byte | 0x20) === 0x7b && ++depth > maxDepth) return false;
    else if ((byte | 0x20) === 0x7d) depth--;
    else if (byte === minus || isDigit(byte)) {
      const end = endOfNumber(bytes, at);
      if (!isExactNumber(bytes, at, end)) return false;
      at = end - 1;
    }
  }
  return true;
}

/** The place of the closing quote. */
function endOfString(bytes: Uint8Array, start: number): number {
  let at = start + 1;
  while (bytes[at] !== quote) at += bytes[at] === backslash ? 2 : 1;
  return at;
}

function endOfNumber(bytes: Uint8Array, start: number): number {
  let end = start + 1;
  while (end < bytes.length && partsOfNumbers.has(bytes[end] ?? 0)) end++;
  return end;
}

const partsOfNumbers: ReadonlySet<number> = new Set(Buffer.from('0123456789+-.eE'));

function isExactNumber(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start <= alwaysSafeLength) return true;
  const exponent = bytes.subarray(start, end).some((byte) => (byte | 0x20) === 0x65);
  if (end - start <= safeLength && !exponent) return true;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
  const value = Number(text);
  if (/^-?\d+$/.test(text)) return Number.isSafeInteger(value);
  return Number.isFinite(value) && (value !== 0 || !/^-?[0.]*[1-9]/.test(text));
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}
