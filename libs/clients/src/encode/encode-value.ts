import type { IntegerFormat } from '@frontage/core';

/** A value that cannot be sent as what it is. The call fails with it before anything leaves; it never reaches the client verbatim. */
export class EncodeError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'EncodeError';
  }
}

/** Says of which parameter the value is that cannot be written. */
export function inParameter<T>(place: string, write: () => T): T {
  try {
    return write();
  } catch (error) {
    if (error instanceof EncodeError) throw new EncodeError(`${place} ${error.message}`);
    throw error;
  }
}

/** Turns text into what may stand at one place of a request. */
export type EncodeText = (text: string) => string;

// RFC 3986 section 2.3: the only characters that mean themselves wherever they stand.
const unreserved = tableOf('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~');

/** Percent-encodes everything but unreserved characters (RFC 3986 section 2.1, the simple expansion of RFC 6570 section 3.2.2). */
export function percentEncode(text: string): string {
  // Identifiers are most of what is sent: they pass this loop and nothing is allocated.
  for (let at = 0; at < text.length; at++) {
    if (unreserved[text.charCodeAt(at)] !== 1) return percentEncodeAll(text);
  }
  return text;
}

function percentEncodeAll(text: string): string {
  if (!text.isWellFormed()) throw new EncodeError('holds half of a surrogate pair, which UTF-8 cannot carry');
  return encodeURIComponent(text).replace(/[!'()*]/g, percentEncodeByte);
}

function percentEncodeByte(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}

/**
 * For `allowReserved` in a query: leaves the reserved characters that have no meaning to parsers of queries. Characters that could end the value or
 * begin another (`& ; # + %`), or are not allowed raw in a query (`[ ]`), are still encoded: one value stays one value.
 */
export function percentEncodeLeavingReserved(text: string): string {
  return percentEncode(text).replace(/%(?:3A|2F|3F|40|21|24|27|28|29|2A|2C|3D)/g, decodeURIComponent);
}

// RFC 9110 section 5.5, without obs-text, whose encoding is unknown.
const fieldText = tableOf(
  '\t !"#$%&\'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~',
);

/** Checks text for a header field: it is refused, never bent, where it could end the field (CR, LF) or change its meaning on the way. */
export function fieldValue(text: string): string {
  for (let at = 0; at < text.length; at++) {
    if (fieldText[text.charCodeAt(at)] !== 1) {
      throw new EncodeError(
        `holds U+${text.charCodeAt(at).toString(16).toUpperCase().padStart(4, '0')}, which a header cannot carry`,
      );
    }
  }
  if (text !== text.trim()) throw new EncodeError('begins or ends with white space, which a header cannot carry');
  return text;
}

/** True if a header can carry the text as it is; for what is left out rather than refused. */
export function isFieldValue(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (fieldText[text.charCodeAt(at)] !== 1) return false;
  return true;
}

/** The text of a primitive. @throws EncodeError for anything that has no one way to write it */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new EncodeError(`is ${value}, which is not a number that can be sent`);
    return String(value);
  }
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  throw new EncodeError(`holds ${kindOf(value)} where text, a number or a boolean is taken`);
}

const int64 = [-(2n ** 63n), 2n ** 63n - 1n] as const;
const uint64 = [0n, 2n ** 64n - 1n] as const;

/**
 * An integer of 64 bits as it was given, digit by digit.
 * @throws EncodeError for a number that may have lost digits, for text that is no integer, and beyond the format
 */
export function integerOf(value: unknown, format: IntegerFormat): bigint {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) {
    if (!Number.isInteger(value)) throw new EncodeError(`is ${value}, which is no integer`);
    throw new EncodeError(`is ${value}, whose digits a number cannot hold: give it as text or as a bigint`);
  }
  if (typeof value === 'string' && !/^-?\d{1,20}$/.test(value)) throw new EncodeError('is text that is no integer');
  if (typeof value !== 'number' && typeof value !== 'string' && typeof value !== 'bigint') {
    throw new EncodeError(`holds ${kindOf(value)} where an integer is taken`);
  }
  const integer = BigInt(value);
  const [least, most] = format === 'int64' ? int64 : uint64;
  if (integer < least || integer > most) throw new EncodeError(`is ${integer}, which is beyond ${format}`);
  return integer;
}

export function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a value of type ${typeof value}`;
}

/** The members of a plain object that hold something. @throws EncodeError for instances of classes: a Date has no one way to be sent */
export function membersOf(value: object): [name: string, member: unknown][] {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    throw new EncodeError('holds an instance of a class where plain data is taken');
  }
  return Object.entries(value).filter(([, member]) => member !== undefined && member !== null);
}

function tableOf(characters: string): Uint8Array {
  // 65,536 wide, so that any code unit can be looked up without asking first whether it is ASCII.
  const table = new Uint8Array(65_536);
  for (const character of characters) table[character.charCodeAt(0)] = 1;
  return table;
}
