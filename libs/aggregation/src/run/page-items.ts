import { ownMemberOf } from './own-member.js';

/** The items of a page; undefined where it holds no list. */
export function itemsIn(page: unknown, items: string | undefined): readonly unknown[] | undefined {
  const list = items === undefined ? page : ownMemberOf(page, items);
  return Array.isArray(list) ? (list as readonly unknown[]) : undefined;
}
