/** Values that JSON cannot represent become distinct texts, so that unequal requests never get equal texts. */
const replacer = (_: string, value: unknown): unknown =>
  typeof value === 'bigint' || (typeof value === 'number' && !Number.isFinite(value))
    ? String(value)
    : value === undefined
      ? '\0'
      : value;

/** A text that is equal for values which make equal requests. */
export const textOf = (value: unknown): string => JSON.stringify(value, replacer);
