import { isAnyArrayBuffer } from 'node:util/types';

export function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/** True if an object holds state that `Object.freeze` does not reach, and that can be copied. */
export function isMutableKind(value: object): boolean {
  return (
    ArrayBuffer.isView(value) ||
    isAnyArrayBuffer(value) ||
    value instanceof Date ||
    value instanceof Map ||
    value instanceof Set ||
    value instanceof RegExp ||
    value instanceof URL ||
    value instanceof Error
  );
}

/** The class of the first instance in a value that can be neither frozen whole nor copied: its state may be private. */
export function unknownInstanceIn(value: unknown): string | undefined {
  const pending: unknown[] = [value];
  const visited = new Set<object>();
  while (pending.length > 0) {
    const next = pending.pop();
    if (typeof next !== 'object' || next === null || visited.has(next)) continue;
    visited.add(next);
    if (next instanceof Map) pending.push(...(next as ReadonlyMap<unknown, unknown>).keys(), ...next.values());
    else if (next instanceof Set) pending.push(...(next as ReadonlySet<unknown>));
    else if (Array.isArray(next) || isPlain(next) || next instanceof Error) pending.push(...Object.values(next));
    else if (!isMutableKind(next)) return next.constructor.name;
  }
  return undefined;
}
