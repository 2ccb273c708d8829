import { keepOrigin } from './location.js';

export type JsonObject = { [key: string]: unknown };

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** An own member, so that `constructor` and `toString` are ordinary names. */
export function member(value: unknown, key: string): unknown {
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

export function memberObject(value: unknown, key: string): JsonObject | undefined {
  const found = member(value, key);
  return isObject(found) ? found : undefined;
}

export function memberArray(value: unknown, key: string): readonly unknown[] {
  const found = member(value, key);
  return Array.isArray(found) ? found : [];
}

export function memberText(value: unknown, key: string): string | undefined {
  const found = member(value, key);
  return typeof found === 'string' && found.trim() !== '' ? found : undefined;
}

/** The same object with each member replaced; a member that maps to undefined is left out. */
export function mapMembers(node: JsonObject, map: (value: unknown, key: string) => unknown): JsonObject {
  const copy: JsonObject = {};
  for (const key of Object.keys(node)) {
    const value = map(node[key], key);
    if (value !== undefined) copy[key] = value;
  }
  return keepOrigin(copy, node);
}

/** RFC 6901 section 3. */
export function escapePointer(token: string): string {
  return token.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** Tokens of a JSON pointer in its URI fragment form (RFC 6901 section 6); undefined for any other text. */
export function parsePointer(fragment: string): string[] | undefined {
  if (fragment === '' || fragment === '/') return [];
  if (!fragment.startsWith('/')) return undefined;
  return fragment
    .slice(1)
    .split('/')
    .map((token) => decodeFragment(token).replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** Longest chain of references that a pointer goes through. */
const maxHops = 20;

/** The node a pointer leads to, or undefined. A pointer into a reference goes on behind it, where that is a pointer too. */
export function resolvePointer(root: unknown, tokens: readonly string[], hops = maxHops): unknown {
  let node = root;
  for (const token of tokens) {
    let next = childOf(node, token);
    const reference = next === undefined && hops > 0 ? member(node, '$ref') : undefined;
    if (typeof reference === 'string' && reference.startsWith('#/')) {
      const behind = resolvePointer(root, parsePointer(reference.slice(1)) ?? [], hops - 1);
      next = resolvePointer(behind, [token], 0);
    }
    if (next === undefined) return undefined;
    node = next;
  }
  return node;
}

function childOf(node: unknown, token: string): unknown {
  if (Array.isArray(node)) return /^(0|[1-9]\d*)$/.test(token) ? node[Number(token)] : undefined;
  return member(node, token);
}

function decodeFragment(token: string): string {
  try {
    return decodeURIComponent(token);
  } catch {
    return token;
  }
}
