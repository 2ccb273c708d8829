import type { MissingStatus } from '@frontage/core';

/** Where the value of a part came from that its call did not bring. */
export type PartSource = 'none' | 'fallback';

/** A part that is missing, or whose fallback stands in. */
export interface MissingPart {
  readonly status: MissingStatus;
  readonly source: PartSource;
}

/** The items of an `each` that are missing, by their index in the list. */
export interface MissingItems {
  readonly items: Readonly<Record<string, MissingStatus>>;
}

/** The member `_parts` of a partial answer: what is missing, by part name, in the order of the plan. */
export type PartsReport = Readonly<Record<string, MissingPart | MissingItems>>;

/** The key of a part in the header `Frontage-Parts`, whose keys have no capitals (RFC 9651 section 3.2): `relatedItems` is `related_items`. */
export const headerKey = (part: string): string =>
  part.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`).replace(/^_/, '');

/**
 * The report as the header `Frontage-Parts` (RFC 9651, a dictionary), for answers whose root has no room for `_parts`:
 * `banners=timeout;source=fallback, parcels=(3;status=error)`.
 */
export function toHeader(report: PartsReport): string {
  return Object.entries(report)
    .map(([part, missing]) =>
      'items' in missing
        ? `${headerKey(part)}=(${Object.entries(missing.items)
            .map(([index, status]) => `${index};status=${status}`)
            .join(' ')})`
        : `${headerKey(part)}=${missing.status};source=${missing.source}`,
    )
    .join(', ');
}
