import { findMember, type FoundMember } from '@frontage/aggregation/member-origins';
import { nearest } from '@frontage/core';
import type { OriginDescription } from '../plan/app-description.js';
import { UsageError } from '../terminal/command.errors.js';

/** @throws {UsageError} for a member that the response does not have, with the nearest one */
export function askedMember(
  asked: string,
  origins: readonly OriginDescription[],
  shown: string,
): FoundMember<OriginDescription> {
  const found = findMember(asked, origins);
  if (found !== undefined) return found;
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
