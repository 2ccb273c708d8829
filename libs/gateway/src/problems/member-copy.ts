import { types } from 'node:util';

/** Characters of JSON that the members of a problem may have together; members beyond it do not leave. */
const maxMembersLength = 64 * 1024;

/**
 * The value as JSON carries it: a copy without functions, and without errors at any depth, whose members may hold addresses and keys.
 * `undefined` for a value that is not JSON (a circle, a getter that throws) or that is too long.
 */
export function jsonCopy(value: unknown): unknown {
  try {
    // In a list, because a function or `undefined` alone has no text at all.
    const text = JSON.stringify([value], withoutErrors);
    return text.length > maxMembersLength ? undefined : (JSON.parse(text) as readonly unknown[])[0];
  } catch {
    return undefined;
  }
}

/** `toJSON` has run before a replacer gets its value: the holder still has the error. */
function withoutErrors(this: unknown, key: string, value: unknown): unknown {
  if (isError(value) || (isRecord(this) && isError(this[key]))) return undefined;
  return typeof value === 'bigint' ? String(value) : value;
}

export const isError = (value: unknown): value is Error => types.isNativeError(value) || value instanceof Error;

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;
