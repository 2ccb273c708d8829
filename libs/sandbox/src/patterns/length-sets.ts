/** A set of lengths: bit n is set where a text of n code points is possible. */
export type LengthSet = bigint;

export const emptyText: LengthSet = 1n;
export const oneCharacter: LengthSet = 2n;

/** The lengths of a text of the one set followed by a text of the other, up to a limit. */
export function following(one: LengthSet, other: LengthSet, limit: number): LengthSet {
  const [few, many] = countOf(one) <= countOf(other) ? [one, other] : [other, one];
  let sums = 0n;
  for (const length of lengthsIn(few, 0, limit)) sums |= many << BigInt(length);
  return BigInt.asUintN(limit + 1, sums);
}

export const hasLength = (set: LengthSet, length: number): boolean => ((set >> BigInt(length)) & 1n) === 1n;

/** The lengths of a set from `min` to `max`, both included, the smallest first. */
export function lengthsIn(set: LengthSet, min: number, max: number): number[] {
  const bits = BigInt.asUintN(max + 1, set).toString(2);
  const found: number[] = [];
  for (let length = min; length < bits.length; length += 1)
    if (bits[bits.length - 1 - length] === '1') found.push(length);
  return found;
}

const countOf = (set: LengthSet): number => set.toString(2).replaceAll('0', '').length;
