import { hash } from 'node:crypto';

/** A strong entity tag (RFC 9110 section 8.8.3) of exactly these bytes: no others have it. */
export const entityTag = (body: Buffer): string => `"${hash('sha256', body, 'base64url').slice(0, tagLength)}"`;

/** Of the 43 letters of the hash; 162 bits. */
const tagLength = 27;

const listedTag = /[\t ]*(?:W\/)?"([\x21\x23-\x7e\x80-\xff]*)"[\t ]*(?:,|$)|[\t ]*(?:,|$)/y;

/**
 * Compares a tag with the field `If-None-Match` (RFC 9110 section 13.1.2), weakly (section 8.8.3.2), since a proxy that has compressed a
 * response makes its tag a weak one.
 * @param field undefined where the request has none
 * @param tag a strong one
 * @returns false for a field that is no list of tags: it is not heeded
 */
export function isNoneMatch(field: string | undefined, tag: string): boolean {
  if (field === undefined) return false;
  if (field.trim() === '*') return true;
  const opaque = tag.slice(1, -1);
  let found = false;
  listedTag.lastIndex = 0;
  while (listedTag.lastIndex < field.length) {
    const match = listedTag.exec(field);
    if (match === null) return false;
    found ||= match[1] === opaque;
  }
  return found;
}
