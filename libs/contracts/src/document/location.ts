/** A location in a contract; lines and columns count from 1. */
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

/** A fact about a contract that its owner should know and that stops nothing. */
export interface ContractWarning extends Location {
  /** Groups warnings of one kind, so that a report can show a thousand of them in one line. */
  readonly rule: string;
  readonly message: string;
}

/** The contract cannot be read at all. An operation that cannot be used is no error; it is listed in `refused`. */
export class ContractError extends Error {
  override readonly name = 'ContractError';

  constructor(
    readonly reason: string,
    readonly location: Location,
  ) {
    super(`${formatLocation(location)}: ${reason}`);
  }
}

// The location of each object of a document, kept beside the documents so that these stay plain JSON.
const origins = new WeakMap<object, () => Location>();

/** Keeps the location of `node`; the line is computed when it is first read. */
export function setOrigin<T extends object>(node: T, origin: () => Location): T {
  origins.set(node, origin);
  return node;
}

// The locations of the members of an object, for messages about values that are no objects.
const memberOrigins = new WeakMap<object, (key: string) => Location | undefined>();

/** Keeps the locations of the members of `node`; a line is computed when it is read. */
export function setMemberOrigins<T extends object>(node: T, origin: (key: string) => Location | undefined): T {
  memberOrigins.set(node, origin);
  return node;
}

/** Gives `copy` the location of `original`, and its members those of its members. */
export function keepOrigin<T extends object>(copy: T, original: object): T {
  const origin = origins.get(original);
  if (origin !== undefined) origins.set(copy, origin);
  const ofMembers = memberOrigins.get(original);
  if (ofMembers !== undefined) memberOrigins.set(copy, ofMembers);
  return copy;
}

/**
 * The location of `node`; undefined for an object that is in no document.
 * @param key a member of `node`: its location where it is known
 */
export function locationOf(node: unknown, key?: string): Location | undefined {
  if (typeof node !== 'object' || node === null) return undefined;
  const ofMember = key === undefined ? undefined : memberOrigins.get(node)?.(key);
  return ofMember ?? origins.get(node)?.();
}
