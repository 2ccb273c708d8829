import { nearest } from '@frontage/core';
import type { OriginDescription } from '../plan/app-description.js';
import { UsageError } from '../terminal/command.errors.js';

/** A member of a response that someone asks about. */
export interface FoundMember {
  /** Its name, with `[]` for any item. */
  readonly member: string;
  /** The origins of it, or of the members below it. */
  readonly origins: readonly OriginDescription[];
  /** The rest of the name below a value that is sent as a whole: `.amount`. Its document says whether there is such a member. */
  readonly below: string;
}

/**
 * Finds a member of a response: `orders[].total`, `orders[0].total`, or a member below one that is sent as a whole.
 * @throws {UsageError} that suggests the nearest one
 */
export function findMember(asked: string, origins: readonly OriginDescription[], shown: string): FoundMember {
  const anyItem = asked.replaceAll(/\[\d+\]/g, '[]').replace(/^\./, '');
  for (const member of [asked, anyItem]) {
    const exact = origins.filter((one) => one.member === member);
    const inside = origins.filter((one) => isBelow(one.member, member));
    if (exact.length + inside.length > 0) return { member, origins: [...exact, ...inside], below: '' };
  }
  const around = origins.filter((one) => isBelow(anyItem, one.member) && isWhole(one, origins));
  const nearestAround = around.toSorted((one, other) => other.member.length - one.member.length)[0];
  if (nearestAround !== undefined)
    return { member: anyItem, origins: [nearestAround], below: anyItem.slice(nearestAround.member.length) };
  throw unknownMember(asked, origins.map(({ member }) => member), shown); // prettier-ignore
}

/** @param known the members that there are */
export function unknownMember(asked: string, known: readonly string[], shown: string): UsageError {
  const near = nearest(asked, known) ?? nearestEnd(asked, known);
  const text = near === undefined ? `; it has ${[...new Set(known.map(topOf))].join(', ')}` : `; did you mean ${near}?`;
  return new UsageError(`${shown} has no member ${asked}${text}`);
}

/** `total` is meant to be `orders[].total` where only one member ends with that name. */
function nearestEnd(asked: string, known: readonly string[]): string | undefined {
  const end = asked.split('.').at(-1) ?? asked;
  const found = known.filter((one) => one.split('.').at(-1) === end);
  return found.length === 1 ? found[0] : undefined;
}

const topOf = (member: string): string => member.split(/[.[]/, 1)[0] ?? member;

const isBelow = (member: string, above: string): boolean =>
  above === '' ? member !== '' : member.startsWith(`${above}.`) || member.startsWith(`${above}[`);

/** A value of an upstream that is sent with all its members. */
const isWhole = ({ member, from }: OriginDescription, origins: readonly OriginDescription[]): boolean =>
  from.some(({ use }) => use === undefined) &&
  origins.every((one) => !isBelow(one.member, member) || one.classification !== undefined);
