/** The items of a page; undefined where it holds no list. */
export function itemsIn(page: unknown, items: string | undefined): readonly unknown[] | undefined {
  const list = items === undefined ? page : memberOf(page, items);
  return Array.isArray(list) ? (list as readonly unknown[]) : undefined;
}

/** An own member; nothing of what is no object. */
export const memberOf = (of: unknown, key: string): unknown =>
  typeof of === 'object' && of !== null && Object.hasOwn(of, key)
    ? (of as Readonly<Record<string, unknown>>)[key]
    : undefined;
