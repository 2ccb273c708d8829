import { isUtf8 } from 'node:buffer';
import type { FormMember } from '@frontage/aggregation';
import { coversMedia } from '@frontage/clients';
import { mediaKind } from '@frontage/core';
import { readJson } from '../body/read-json.js';
import { formProblem, withinMember } from './form-problems.js';

/**
 * True if a part of this content type is one of the member. A text may come without a type, which is `text/plain` (RFC 7578 section 4.4); a
 * JSON text mostly does, since forms in browsers state no type for texts.
 */
export function takesType({ types, isFile, isJson }: FormMember, contentType: string): boolean {
  const essence = (contentType.split(';', 1)[0] ?? '').trim().toLowerCase();
  if (types.some((type) => coversMedia(type, essence))) return true;
  if (isFile) return types.length === 0;
  return essence === 'text/plain' || (isJson && types.length === 0 && mediaKind(essence) === 'json');
}

/** The text of a part, or its JSON value; the problem where it is none. */
export function readTextPart(bytes: Buffer, name: string, { isJson }: FormMember): unknown {
  if (!isJson)
    return isUtf8(bytes) ? bytes.toString('utf8') : formProblem('GW_BAD_REQUEST', name, 'The part is no UTF-8.');
  try {
    return readJson(bytes);
  } catch (error) {
    return withinMember(error, name);
  }
}
