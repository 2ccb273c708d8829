import { InexactNumber, isInexact } from '@frontage/core';

/**
 * The value of a response for code of the app. If it holds numbers that a double cannot hold, it is copied, and reading one of those
 * throws: an unread number does no harm, and no code reads another number than the one that was sent.
 * @param refuse makes the thrown error
 */
export function guardNumbers(value: unknown, refuse: () => Error): unknown {
  if (!isInexact(value)) return value;
  if (value instanceof InexactNumber) throw refuse();
  return guarded(value, refuse);
}

function guarded(value: unknown, refuse: () => Error): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const copy: object = Array.isArray(value) ? [] : {};
  for (const [key, member] of Object.entries(value)) {
    // Defined, not assigned: a member may be called `__proto__`.
    Object.defineProperty(
      copy,
      key,
      member instanceof InexactNumber
        ? { enumerable: true, configurable: true, get: () => throwIt(refuse) }
        : { enumerable: true, configurable: true, writable: true, value: guarded(member, refuse) },
    );
  }
  return copy;
}

function throwIt(refuse: () => Error): never {
  throw refuse();
}
