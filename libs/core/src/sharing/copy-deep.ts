import { isTypedArray } from 'node:util/types';
import { isMutableKind, isPlain } from './value-kinds.js';

/**
 * A copy of data that shares nothing with it that can be changed: plain objects, lists, maps, sets, dates, bytes, regular expressions,
 * URLs and errors. Instances of other classes, and functions, are taken over as they are. Objects and lists of the copy are frozen.
 * Circles stay circles.
 */
export function copyDeep<T>(value: T): T {
  // The compiler cannot see that a copy is of the type of what was copied.
  return copyOf(value, new Map()) as T;
}

function copyOf(value: unknown, made: Map<object, object>): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const known = made.get(value);
  if (known !== undefined) return known;
  if (Array.isArray(value)) {
    const list: unknown[] = [];
    made.set(value, list);
    for (const item of value as readonly unknown[]) list.push(copyOf(item, made));
    return Object.freeze(list);
  }
  if (isPlain(value)) {
    const copy: object = Object.create(Object.getPrototypeOf(value) as object | null);
    made.set(value, copy);
    return Object.freeze(takeMembers(copy, value, made));
  }
  const copy = copyOfKind(value, made);
  made.set(value, copy);
  return copy;
}

/** `defineProperty`, because an assignment to `__proto__` would be none. */
function takeMembers(copy: object, from: object, made: Map<object, object>): object {
  for (const key of Reflect.ownKeys(from)) {
    const member = Object.getOwnPropertyDescriptor(from, key);
    if (member === undefined) continue;
    Object.defineProperty(copy, key, 'value' in member ? { ...member, value: copyOf(member.value, made) } : member);
  }
  return copy;
}

function copyOfKind(value: object, made: Map<object, object>): object {
  if (value instanceof Map) {
    const copy = new Map<unknown, unknown>();
    made.set(value, copy);
    for (const [key, item] of value as ReadonlyMap<unknown, unknown>) copy.set(copyOf(key, made), copyOf(item, made));
    return copy;
  }
  if (value instanceof Set) {
    const copy = new Set<unknown>();
    made.set(value, copy);
    for (const item of value as ReadonlySet<unknown>) copy.add(copyOf(item, made));
    return copy;
  }
  if (value instanceof Error) {
    const copy: object = Object.create(Object.getPrototypeOf(value) as object | null);
    made.set(value, copy);
    return takeMembers(copy, value, made);
  }
  if (Buffer.isBuffer(value)) return Buffer.from(value);
  if (isTypedArray(value)) return value.slice();
  if (value instanceof URL) return new URL(value.href);
  return isMutableKind(value) ? structuredClone(value) : value;
}
