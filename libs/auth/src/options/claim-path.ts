import type { JWTPayload } from 'jose';

/** Reads one claim of a payload; `undefined` if it is missing. */
export type ClaimReader = (payload: JWTPayload) => unknown;

/** A path is cut at its dots in each possible way, so a bound for names bounds the ways. */
const maxNames = 12;
const maxLength = 256;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * The reader of a claim by its path. Dots lead into objects (`realm_access.roles`); names may have dots themselves
 * (`https://acme.example/roles`, `resource_access.shop.web.roles`): each step takes the longest name that leads to a value.
 * @param path 1 to 256 characters, at most 12 names
 * @throws RangeError for a path that is longer, TypeError for one with an empty name
 */
export function claimReader(path: string): ClaimReader {
  const names = path.split('.');
  if (path.length > maxLength || names.length > maxNames) {
    throw new RangeError(
      `the claim ${JSON.stringify(path.slice(0, 60))}: a path has at most ${maxLength} characters and ${maxNames} names`,
    );
  }
  if (path === '' || names.includes('')) {
    throw new TypeError(
      `the claim ${JSON.stringify(path)} has an empty name; write it as "roles" or "realm_access.roles"`,
    );
  }
  if (names.length === 1) return (payload) => (Object.hasOwn(payload, path) ? payload[path] : undefined);
  return (payload) => valueAt(payload, names);
}

function valueAt(from: unknown, names: readonly string[]): unknown {
  if (names.length === 0) return from;
  if (!isObject(from)) return undefined;
  for (let length = names.length; length > 0; length--) {
    const name = names.slice(0, length).join('.');
    if (!Object.hasOwn(from, name)) continue;
    const value = valueAt(from[name], names.slice(length));
    if (value !== undefined) return value;
  }
  return undefined;
}
