import type { MissingStatus } from '@frontage/core';

/** Where the value of a part came from that its call did not bring. */
export type PartSource = 'none' | 'fallback' | 'last_good' | 'operation';

/** A part that is missing, or whose fallback stands in. */
export interface MissingPart {
  readonly status: MissingStatus;
  readonly source: PartSource;
  /** Of a last good answer: how old it is, in milliseconds. */
  readonly ageMs?: number;
  /** Of a list gathered by pages: it is there up to this index, and from there on missing. */
  readonly from?: number;
}

/** What is missing of an `each`, by index in the list, or of a `batch`, by key. */
export interface MissingItems {
  readonly items: Readonly<Record<string, MissingStatus>>;
}

/** The member `_parts` of a partial answer: what is missing, by part name, in the order of the plan. */
export type PartsReport = Readonly<Record<string, MissingPart | MissingItems>>;

/** @param missing what is missing, by slot */
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

/** An item of an inner list: an index as an integer, a key as a string (RFC 9651 sections 3.3.1, 3.3.3 and 3.3.8). */
function headerItem(key: string): string {
  if (/^(0|[1-9]\d{0,14})$/.test(key)) return key;
  if (/^[ -~]*$/.test(key)) return `"${key.replace(/["\\]/g, '\\$&')}"`;
  const bytes = [...Buffer.from(key, 'utf8')];
  const text = bytes.map((byte) =>
    byte < 0x20 || byte > 0x7e || byte === 0x25 || byte === 0x22
      ? `%${byte.toString(16).padStart(2, '0')}`
      : String.fromCharCode(byte),
  );
  return `%"${text.join('')}"`;
}

/**
 * The report as the header `Frontage-Parts` (RFC 9651, a dictionary), for answers whose root has no room for `_parts`:
 * `banners=timeout;source=fallback, parcels=(3;status=error)`.
 */
export function toHeader(report: PartsReport): string {
  return Object.entries(report)
    .map(([part, missing]) => {
      if ('items' in missing) {
        const items = Object.entries(missing.items).map(([key, status]) => `${headerItem(key)};status=${status}`);
        return `${headerKey(part)}=(${items.join(' ')})`;
      }
      const { status, source, ageMs, from } = missing;
      const age = ageMs === undefined ? '' : `;age-ms=${ageMs}`;
      return `${headerKey(part)}=${status};source=${source}${age}${from === undefined ? '' : `;from=${from}`}`;
    })
    .join(', ');
}
