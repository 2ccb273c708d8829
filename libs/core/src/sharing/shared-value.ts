import { copyDeep } from './copy-deep.js';
import { isMutableKind } from './value-kinds.js';

/** Shared values that hold something that cannot be frozen, by their root: each request gets a copy. */
const copiedPerRequest = new WeakSet<object>();

/** The shared value that a copy was made of. */
const originals = new WeakMap<object, object>();

/**
 * Freezes a value with all of its members, so that several requests may be handed it (RELIABILITY A17). Bytes, dates, maps, sets and
 * the like cannot be frozen: a value that holds one is copied by {@link handOut}, once per request.
 *
 * Costs one visit per object, no recursion. Instances of unknown classes are frozen at their surface only.
 * @returns the same value
 */
export function share<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  const pending: object[] = [value];
  let visited: Set<object> | undefined;
  let isWhole = true;
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (Object.isFrozen(next)) {
      // Seen before, or frozen by its maker, who may have left its members as they were.
      visited ??= new Set();
      if (visited.has(next)) continue;
      visited.add(next);
    }
    // Nearly all are plain: their prototype says so faster than asking for each kind.
    const prototype: unknown = Object.getPrototypeOf(next);
    if (prototype !== Object.prototype && prototype !== Array.prototype && isMutableKind(next)) {
      isWhole = false; // its members too: they are copied with it, and none of the originals reaches a request
      continue;
    }
    for (const member of Array.isArray(next) ? (next as readonly unknown[]) : Object.values(next))
      if (typeof member === 'object' && member !== null) pending.push(member);
    Object.freeze(next);
  }
  if (!isWhole) copiedPerRequest.add(value);
  return value;
}

/** The form of a shared value for one request: the value itself if all of it is frozen, otherwise a copy. */
export function handOut<T>(shared: T): T {
  if (typeof shared !== 'object' || shared === null || !copiedPerRequest.has(shared)) return shared;
  const copy = copyDeep(shared);
  originals.set(copy, shared);
  return copy;
}

/** The shared value that {@link handOut} has copied, or that a value stands for; any other value itself. */
export const originalOf = (value: object): object => originals.get(value) ?? value;

/** Notes that a value stands for a shared one: a part of it, or it in another form. */
export const standIn = (value: object, shared: object): void => void originals.set(value, shared);

/** True if a value is what {@link handOut} gave of a shared value. */
export function isHandedOut(value: unknown, shared: unknown): boolean {
  if (value === shared) return true;
  return typeof value === 'object' && value !== null && originals.get(value) === shared;
}
