import { member, type JsonObject } from '../document/json.js';
import { readKeyword } from '../keywords/keyword-values.js';
import type { DocumentSource } from '../schema/document-source.js';

/** A member such as `explode`: true or false, also where it is written as text, with a warning; undefined where it is neither. */
export function flagIn(node: JsonObject, key: string, source: DocumentSource): boolean | undefined {
  const written = member(node, key);
  if (written === undefined || typeof written === 'boolean') return written;
  const { value, note } = readKeyword('flag', key, written);
  if (note !== undefined) source.warn('keyword', note, node, key);
  return typeof value === 'boolean' ? value : undefined;
}

export const isSet = (node: JsonObject, key: string, source: DocumentSource): boolean =>
  flagIn(node, key, source) === true;
