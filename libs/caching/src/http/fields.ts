/** Header fields by lower-case name. The lines of one name stand in the order in which they came. */
export type Fields = Readonly<Record<string, string | readonly string[] | undefined>>;

/** The head of a response, with its times. */
export interface ResponseHead {
  readonly status: number;
  readonly fields: Fields;
  /** The time at which the request was written, in monotonic milliseconds. */
  readonly requestedAt: number;
  /** The time at which the head had come, in monotonic milliseconds. */
  readonly receivedAt: number;
  /** The same moment in milliseconds since 1970, for the dates of the response. */
  readonly wallTime: number;
}

/**
 * `shared`: its entries are for several callers. `private`: each entry is for one caller. RFC 9111 has other rules for the two.
 */
export type CacheKind = 'shared' | 'private';

/** The lines of one field; empty if there is none. */
export function linesOf(fields: Fields, name: string): readonly string[] {
  const found = Object.hasOwn(fields, name) ? fields[name] : undefined;
  return found === undefined ? [] : typeof found === 'string' ? [found] : found;
}

/** The value of a field that takes one value; `undefined` if it is missing or stands there several times. */
export function onlyLineOf(fields: Fields, name: string): string | undefined {
  const lines = linesOf(fields, name);
  return lines.length === 1 ? lines[0]?.trim() : undefined;
}

/** RFC 9110 section 5.6.2. */
export const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** The names in a field that is a list of names, in lower case and without repetition. */
export function namesIn(fields: Fields, name: string): readonly string[] {
  const names = linesOf(fields, name).flatMap((line) => line.split(','));
  return [...new Set(names.map((one) => one.trim().toLowerCase()).filter((one) => one !== ''))];
}
