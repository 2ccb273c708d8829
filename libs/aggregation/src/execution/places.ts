import type { PartHeaders } from '../model/node-traits.js';
import type { Part } from '../model/references.js';

/** The items of a list of an `each`: the call of each, or the items of the list in each. */
export type Places = readonly Place[];
export type Place = number | InnerList;
/** A list in an item: its items, or the part that stands for a list that is missing. */
export interface InnerList {
  readonly items: Places;
  readonly missing: Part<never> | undefined;
}

/** An item beyond `maxCount`, which has no call. */
export const beyond = -1;

/** The values that stand at the places. */
export interface PlaceValues {
  /**
   * @param above the indexes of the items around the item, with a dot after each: `1.`
   * @param index of the item in its list
   */
  valueOf(call: number, above: string, index: number): unknown;
  valueBeyond(): unknown;
  /** True if the lists of that depth are parts. */
  isPartAt(depth: number): boolean;
}

/** @param above the indexes of the items around the list, with a dot after each */
export function valuesAt(places: Places, values: PlaceValues, depth = 0, above = ''): readonly unknown[] {
  const made: unknown[] = [];
  for (let i = 0; i < places.length; i++) {
    const place = places[i]!;
    if (typeof place !== 'number') made.push(listAt(place, values, depth + 1, `${above}${i}.`));
    else made.push(place === beyond ? values.valueBeyond() : values.valueOf(place, above, i));
  }
  return made;
}

function listAt({ items, missing }: InnerList, values: PlaceValues, depth: number, above: string): unknown {
  if (missing !== undefined) return missing;
  const list = valuesAt(items, values, depth, above);
  return values.isPartAt(depth) ? { ok: true, value: list } : list;
}

/** The headers of the calls that stand at the places. */
export const headersAt = (
  places: Places,
  headersOf: (call: number) => PartHeaders | undefined,
): readonly (PartHeaders | null)[] =>
  places.map((place) => (typeof place === 'number' ? (headersOf(place) ?? null) : headersAt(place.items, headersOf)));
