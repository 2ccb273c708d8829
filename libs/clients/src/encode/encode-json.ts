import { EncodeError, kindOf } from './encode-value.js';

/** @throws EncodeError for what JSON has no text for */
export function jsonOf(value: unknown): string {
  let text: string | undefined;
  try {
    // The library's type leaves out that functions and symbols have no text.
    text = JSON.stringify(value) as string | undefined;
  } catch {
    text = stringifyWithBigIntegers(value);
  }
  if (text === undefined) throw new EncodeError(`holds ${kindOf(value)}, which JSON cannot carry`);
  // Infinity and NaN become null in silence; where no null stands in the text, there was none of them.
  if (text.includes('null') && holdsNoNumber(value)) {
    throw new EncodeError('holds NaN or Infinity, which JSON cannot carry');
  }
  return text;
}

declare global {
  interface JSON {
    /** ECMAScript proposal "JSON.parse source text access", in V8 since 11.4; the compiler's library does not have it yet. */
    rawJSON(text: string): object;
  }
}

function stringifyWithBigIntegers(value: unknown): string | undefined {
  const rawBigInteger = (_name: string, member: unknown): unknown =>
    typeof member === 'bigint' ? JSON.rawJSON(String(member)) : member;
  try {
    return JSON.stringify(value, rawBigInteger);
  } catch (error) {
    throw new EncodeError(
      `is no JSON: ${error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)}`,
    );
  }
}

function holdsNoNumber(value: unknown): boolean {
  if (typeof value === 'number') return !Number.isFinite(value);
  if (typeof value !== 'object' || value === null || 'toJSON' in value) return false;
  return Object.values(value).some(holdsNoNumber);
}

/** The same text without any character that a header cannot carry. */
export function asciiJson(json: string): string {
  return json.replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
