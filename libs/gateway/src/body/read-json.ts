import { isAscii, isUtf8 } from 'node:buffer';
import { TextDecoder } from 'node:util';
import {
  findInexact,
  isTooDeep,
  maxJsonDepth,
  maybeHasInexactNumber,
  parseWithPlaceholders,
  ProblemError,
  type InexactNumber,
} from '@frontage/core';
import { findBadKey } from './json-keys.js';

/**
 * The value of a JSON request body, which is taken as it was sent or not at all: nothing of it is bent on the way. A number that a double
 * cannot hold harms nothing where nothing reads it; reading it refuses the request.
 * @returns `undefined` for no bytes: no body
 * @throws ProblemError `GW_BAD_REQUEST` that says what is wrong, and where
 */
export function readJson(bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined;
  const plain = isAscii(bytes);
  if (!plain) checkText(bytes);
  if (isTooDeep(bytes)) throw unreadable(`It nests deeper than ${maxJsonDepth} objects and lists.`);
  const text = bytes.toString(plain ? 'latin1' : 'utf8');
  const value = parse(text, maybeHasInexactNumber(bytes));
  const bad = findBadKey(text);
  if (bad !== undefined) throw unreadable(bad.mistake, bad.path);
  return value;
}

function checkText(bytes: Buffer): void {
  if (!isUtf8(bytes)) throw unreadable(`It is not UTF-8 from byte ${endOfUtf8(bytes)} on.`);
  // RFC 8259 section 8.1: none is sent.
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf)
    throw unreadable('It begins with a byte order mark.');
}

function parse(text: string, maybeInexact: boolean): unknown {
  try {
    if (!maybeInexact) return JSON.parse(text);
    const parsed = parseWithPlaceholders(text, (read) => inexactIn(parsed.value, read));
    return parsed.value;
  } catch {
    // The message of the engine repeats text of the client.
    throw unreadable('It is not JSON.');
  }
}

/** The problem of a number that was read although a double cannot hold it. */
export function inexactIn(value: unknown, read?: InexactNumber, group = 'body'): ProblemError {
  const path = findInexact(value, read) ?? [];
  const message = 'The number is beyond what a double holds: write it as text.';
  return new ProblemError('GW_INVALID_INPUT', { errors: [{ pointer: pointerOf([group, ...path]), message }] });
}

function unreadable(mistake: string, path: readonly (string | number)[] = []): ProblemError {
  return new ProblemError('GW_BAD_REQUEST', {
    detail: 'The body cannot be read.',
    errors: [{ pointer: pointerOf(['body', ...path]), message: mistake }],
  });
}

/** JSON Pointer, RFC 6901 section 3. */
const pointerOf = (keys: readonly (string | number)[]): string =>
  keys.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

/** The number of bytes from the beginning that are UTF-8: looked for by halves, since only refused bodies ask. */
function endOfUtf8(bytes: Buffer): number {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let good = 0;
  let bad = bytes.length;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (isBeginning(decoder, bytes.subarray(0, middle))) good = middle;
    else bad = middle;
  }
  // Back over a character that has begun and does not go on.
  while (!isUtf8(bytes.subarray(0, good))) good--;
  return good;
}

/** True if bytes are UTF-8, be it that the last character has not ended yet. */
function isBeginning(decoder: TextDecoder, bytes: Buffer): boolean {
  try {
    decoder.decode(bytes, { stream: true });
    return true;
  } catch {
    return false;
  } finally {
    reset(decoder);
  }
}

function reset(decoder: TextDecoder): void {
  try {
    decoder.decode();
  } catch {
    // A character that has not ended: it is forgotten by this.
  }
}
