import { parseExactly, type ExactValue } from './exact-numbers.js';

/** Makes the error that is thrown when code reads the number behind this placeholder. */
export type Refuse = (read: InexactNumber) => Error;

/**
 * The placeholder in a parsed text for a number that a double cannot hold: an integer beyond 2^53 - 1, a decimal with more
 * digits than a double keeps, `1e400`, `1e-400`. Unread, it does no harm. It cannot be used as a number, a text or JSON: an attempt throws the error for its reader.
 */
export class InexactNumber {
  readonly #refuse: Refuse;

  constructor(refuse: Refuse) {
    this.#refuse = refuse;
  }

  [Symbol.toPrimitive](): never {
    throw this.#refuse(this);
  }

  toJSON(): never {
    throw this.#refuse(this);
  }
}

/** Objects and lists with one somewhere within them. */
const holders = new WeakSet();

/** True if a parsed value is an {@link InexactNumber} or holds one, however deep; one look-up. */
export function isInexact(value: unknown): boolean {
  return typeof value === 'object' && value !== null && (value instanceof InexactNumber || holders.has(value));
}

/** For a value made of others that may hold an {@link InexactNumber}. */
export function markInexact(value: object): void {
  holders.add(value);
}

/**
 * Parses with an {@link InexactNumber} in the place of every number that a double cannot hold. Slow: for texts that
 * `maybeHasInexactNumber` suspects.
 * @param refuse what reading such a number throws
 * @throws SyntaxError as `JSON.parse` does
 */
export function parseWithPlaceholders(text: string, refuse: Refuse): ExactValue {
  const parsed = parseExactly(text, () => new InexactNumber(refuse));
  if (parsed.found) markHolders(parsed.value);
  return parsed;
}

function markHolders(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (value instanceof InexactNumber) return true;
  let holds = false;
  for (const member of Object.values(value)) if (markHolders(member)) holds = true;
  if (holds) holders.add(value);
  return holds;
}

/**
 * The field path of an {@link InexactNumber} in a value, as keys; `undefined` if there is none.
 * @param which @default the first one
 */
export function findInexact(value: unknown, which?: InexactNumber): readonly string[] | undefined {
  const path: string[] = [];
  return leadsToInexact(value, path, new Set(), which) ? path : undefined;
}

/** Values of functions may contain themselves, and may be of any class. */
function leadsToInexact(value: unknown, path: string[], open: Set<object>, which?: InexactNumber): boolean {
  if (typeof value !== 'object' || value === null || open.has(value)) return false;
  if (value instanceof InexactNumber) return which === undefined || value === which;
  if (!Array.isArray(value) && !isPlain(value)) return false;
  open.add(value);
  for (const [key, member] of Object.entries(value)) {
    if (typeof member !== 'object' || member === null) continue;
    path.push(key);
    if (leadsToInexact(member, path, open, which)) return true;
    path.pop();
  }
  return false;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
