/**
 * A table that is looked up by names from elsewhere (of a header, a path, a contract): without a prototype, so that `constructor` and the
 * like are in it only where they were put.
 */
export function table<T>(members: Readonly<Record<string, T>>): Readonly<Record<string, T>> {
  const made: Record<string, T> = Object.create(null);
  return Object.freeze(Object.assign(made, members));
}
