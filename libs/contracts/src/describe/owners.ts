import { member, type JsonObject } from '../document/json.js';
import type { DocumentSource } from '../schema/document-source.js';

const key = 'x-owner';

/** The team that answers for a node of a contract (`x-owner`), 1 to 100 characters on one line; undefined where it names none. */
export function ownerOf(node: JsonObject | undefined, warn: DocumentSource['warn']): string | undefined {
  const owner = member(node, key);
  if (owner === undefined) return undefined;
  if (typeof owner === 'string' && /^[\w@][^\r\n\p{C}]{0,99}$/u.test(owner)) return owner;
  warn('owner', `${key} is ${JSON.stringify(owner)}, not the name of a team; it is left out`, node, key);
  return undefined;
}
