import { namesIn, type Fields } from './fields.js';
import type { Sent } from './followed.options.js';

/** Names of headers with the values that a request sends of them, in the order of the names. */
export type Selected = readonly (readonly [name: string, value: string | null])[];

/** The values that a request sends of some headers. */
export const valuesOf = (names: readonly string[], sent: Sent): Selected =>
  names.toSorted().map((name) => [name, sent(name) ?? null] as const);

/** The values that a request sends of the headers in the `Vary` of a response (RFC 9111 section 4.1). */
export const selectedBy = (fields: Fields, sent: Sent): Selected => valuesOf(namesIn(fields, 'vary'), sent);
