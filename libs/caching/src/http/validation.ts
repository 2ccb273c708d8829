import { linesOf, namesIn, onlyLineOf, type Fields } from './fields.js';
import { readHttpDate } from './http-date.js';

/** RFC 9110 section 8.8.3. */
const entityTag = /^(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"$/;

/** The headers that ask whether a stored response still holds (RFC 9111 section 4.3.1): name, value, name, value; empty without a validator. */
export function validatorsOf(fields: Fields): readonly string[] {
  const tag = tagOf(fields);
  const modified = onlyLineOf(fields, 'last-modified');
  const isDate = modified !== undefined && readHttpDate(modified, 0) !== undefined;
  return [...(tag === undefined ? [] : ['if-none-match', tag]), ...(isDate ? ['if-modified-since', modified] : [])];
}

function tagOf(fields: Fields): string | undefined {
  const tag = onlyLineOf(fields, 'etag');
  return tag !== undefined && entityTag.test(tag) ? tag : undefined;
}

/**
 * Tells whether a 304 is about a stored response (RFC 9111 section 4.3.4). A 304 without a validator is about the only one that was named in
 * its request.
 */
export function confirms(fields: Fields, stored: Fields): boolean {
  const [said, known] = [tagOf(fields), tagOf(stored)];
  if (said !== undefined) return known !== undefined && withoutWeakness(said) === withoutWeakness(known);
  const modified = onlyLineOf(fields, 'last-modified');
  return modified === undefined || modified === onlyLineOf(stored, 'last-modified');
}

const withoutWeakness = (tag: string): string => tag.replace(/^W\//, '');

/** Fields of one connection, and those of authentication at a proxy (RFC 9111 section 3.1). */
const ofConnection: ReadonlySet<string> = new Set(
  (
    'connection proxy-connection keep-alive te trailer transfer-encoding upgrade proxy-authenticate proxy-authentication-info ' +
    'proxy-authorization'
  ).split(' '),
);

/** The fields that are stored with a response: not those of its connection. */
export function storedFields(fields: Fields): Fields {
  const dropped = new Set([...ofConnection, ...namesIn(fields, 'connection')]);
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !dropped.has(name)));
}

/** Fields about the stored bytes, which a 304 does not change (RFC 9111 section 3.2). */
const ofContent: ReadonlySet<string> = new Set(
  'content-length content-encoding content-range content-md5 content-digest repr-digest'.split(' '),
);

/** A stored response's fields after a 304: those of the 304 take the place of the stored ones with their name. */
export function updatedFields(stored: Fields, update: Fields): Fields {
  const changed = Object.entries(storedFields(update)).filter(([name]) => !ofContent.has(name));
  // The age is that of the 304: without one it is new.
  const { age: _, ...kept } = stored;
  return { ...kept, ...Object.fromEntries(changed.filter(([name]) => linesOf(update, name).length > 0)) };
}
