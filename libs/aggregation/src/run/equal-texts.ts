import { hash } from 'node:crypto';

/** Values that JSON cannot represent become distinct texts, so that unequal requests never get equal texts. */
const replacer = (_: string, value: unknown): unknown =>
  typeof value === 'bigint' || (typeof value === 'number' && !Number.isFinite(value))
    ? String(value)
    : value === undefined
      ? '\0'
      : value;

/** A text that is equal for values which make equal requests. */
export const textOf = (value: unknown): string => JSON.stringify(value, replacer);

/** A UUID of version 8 (RFC 9562 section 5.8) that is equal for equal values; undefined where the first of them is null or undefined. */
export function derivedKey(values: readonly unknown[]): string | undefined {
  if (values[0] === null || values[0] === undefined) return undefined;
  const hex = hash('sha256', textOf(values), 'hex');
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 3) | 8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
