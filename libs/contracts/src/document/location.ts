/** A place in a contract, for people: lines and columns count from 1. */
export interface Location {
  /** The path as it was given, or the URL of a remote document. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** `file:line:column`, which editors and terminals make a link of. */
export function formatLocation(location: Location): string {
  return `${location.file}:${location.line}:${location.column}`;
}

/** Something in a contract that is odd and does no harm. */
export interface ContractWarning extends Location {
  /** Groups warnings of one kind, so that a thousand of them can be told in one line. */
  readonly rule: string;
  readonly message: string;
}

/** A contract that cannot be read at all. One operation that cannot be used is no error: it stands in `refused`. */
export class ContractError extends Error {
  override readonly name = 'ContractError';

  constructor(
    readonly reason: string,
    readonly location: Location,
  ) {
    super(`${formatLocation(location)}: ${reason}`);
  }
}

// Where each object of a document was written. Kept beside the documents, so that these stay plain JSON.
const origins = new WeakMap<object, () => Location>();

/** Remembers where `node` was written; the line is computed only when somebody asks. */
export function setOrigin<T extends object>(node: T, origin: () => Location): T {
  origins.set(node, origin);
  return node;
}

/** Gives `copy` the place of `original`. */
export function keepOrigin<T extends object>(copy: T, original: object): T {
  const origin = origins.get(original);
  if (origin !== undefined) origins.set(copy, origin);
  return copy;
}

/** Where `node` was written, or undefined for what no document holds. */
export function locationOf(node: unknown): Location | undefined {
  return typeof node === 'object' && node !== null ? origins.get(node)?.() : undefined;
}
