import type { MissingStatus } from '@frontage/core';
import { DisplayString, serializeDictionary, Token, type InnerList, type Item } from 'structured-headers';

/** The source of a part's value where its call brought none. */
export type PartSource = 'none' | 'fallback' | 'last_good' | 'operation';

/** A part that is missing, or that has its fallback. */
export interface MissingPart {
  readonly status: MissingStatus;
  readonly source: PartSource;
  /** Age of a last good response, in milliseconds. */
  readonly ageMs?: number;
  /** For a list gathered by pages: the index from which on it is missing. */
  readonly from?: number;
}

/** The missing items of an `each`, by index in the list, or of a `batch`, by key. */
export interface MissingItems {
  readonly items: Readonly<Record<string, MissingStatus>>;
}

/** The member `_parts` of a partial response: the missing parts by name, in the order of the plan. */
export type PartsReport = Readonly<Record<string, MissingPart | MissingItems>>;

/** @param missing by slot */
export function reportOf(
  missing: readonly (MissingPart | MissingItems | undefined)[] | undefined,
  nodes: readonly { readonly name: string }[],
): PartsReport | undefined {
  if (missing === undefined) return undefined;
  const report: Record<string, MissingPart | MissingItems> = {};
  for (let slot = 0; slot < missing.length; slot++) {
    const part = missing[slot];
    if (part !== undefined) report[nodes[slot]!.name] = part;
  }
  return report;
}

/** The key of a part in the header `Frontage-Parts`, whose keys have no capitals (RFC 9651 section 3.2): `relatedItems` is `related_items`. */
export const headerKey = (part: string): string =>
  part.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`).replace(/^_/, '');

/** The bare items of RFC 9651 section 3.3 that a report has. */
type BareItem = number | string | Token | DisplayString | Buffer;

/**
 * The key of an item as a bare item (RFC 9651 section 3.3): an index is an Integer, printable ASCII a String, other text a Display String.
 * Text with control characters is a Byte Sequence of its UTF-8, because structured-headers 2.1 writes them wrong in a Display String.
 */
function bareKey(key: string): BareItem {
  if (/^(0|[1-9]\d{0,14})$/.test(key)) return Number(key);
  if (/^[ -~]*$/.test(key)) return key;
  return /\p{Cc}/u.test(key) ? Buffer.from(key, 'utf8') : new DisplayString(key);
}

function itemOf(value: BareItem, parameters: Readonly<Record<string, BareItem | undefined>>): Item {
  const present = new Map<string, BareItem>();
  for (const [name, parameter] of Object.entries(parameters)) {
    if (parameter !== undefined) present.set(name, parameter);
  }
  return [value, present];
}

/** A member of the dictionary: an Item for a part, an Inner List for the items of an `each` or of a `batch`. */
function memberOf(missing: MissingPart | MissingItems): Item | InnerList {
  if ('items' in missing) {
    const items = Object.entries(missing.items).map(([key, status]) =>
      itemOf(bareKey(key), { status: new Token(status) }),
    );
    return [items, new Map()];
  }
  const { status, source, ageMs, from } = missing;
  return itemOf(new Token(status), { source: new Token(source), 'age-ms': ageMs, from });
}

/**
 * The report as the header `Frontage-Parts` (RFC 9651, a Dictionary), for responses whose root has no room for `_parts`:
 * `banners=timeout;source=fallback, parcels=(3;status=error)`.
 */
export function toHeader(report: PartsReport): string {
  const members = Object.entries(report).map(([part, missing]) => [headerKey(part), memberOf(missing)] as const);
  return serializeDictionary(new Map(members));
}
