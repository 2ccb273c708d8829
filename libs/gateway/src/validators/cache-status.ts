import type { CallersConfig } from '@frontage/config';
import type { Caller } from '@frontage/context';
import { isNamed } from '../access/named-callers.js';
import type { PartNote } from './part-notes.js';
import { sfString } from './structured-fields.js';

/** Parts of one response that are told about. */
const maxParts = 50;

/**
 * `Cache-Status` of RFC 9211: one member per part that has called, named by app and part.
 * @returns undefined for a caller that is not told
 */
export function cacheStatus(
  app: string,
  told: CallersConfig,
  caller: Caller | undefined,
  notes: readonly PartNote[],
): string | undefined {
  if (!isNamed(told, caller)) return undefined;
  const members = notes.slice(0, maxParts).map((note) => `${sfString(`${app}/${note.part}`)}${parametersOf(note)}`);
  return members.length === 0 ? undefined : members.join(', ');
}

/** Section 2.1 to 2.5. The time is that of the response, below 0 for a stale one. */
function parametersOf({ isHit, isKept, freshMs }: PartNote): string {
  const ttl = Math.min(999_999_999_999_999, Math.floor(freshMs / 1000));
  if (isHit) return `; hit; ttl=${ttl}`;
  return isKept ? `; fwd=miss; stored; ttl=${ttl}` : '; fwd=bypass';
}
