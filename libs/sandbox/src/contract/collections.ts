import type { OperationDescription } from '@frontage/contracts';
import { isRecord } from '../model/behaviour.js';

/** The part that an operation has in a collection of things: `/things` and `/things/{id}`. */
export interface CollectionRole {
  /** The path of the collection, as the contract writes it. */
  readonly collection: string;
  readonly kind: 'collection' | 'item';
  /** The parameter that names one thing. */
  readonly parameter: string;
}

/** Finds collections by paths: one that ends with a parameter names a thing of the collection before it. */
export function collectionRoles(operations: readonly OperationDescription[]): ReadonlyMap<string, CollectionRole> {
  const items = new Map<string, string>();
  for (const { path } of operations) {
    const [, collection, parameter] = itemPath.exec(path) ?? [];
    if (collection !== undefined && parameter !== undefined) items.set(collection, parameter);
  }
  const roles = new Map<string, CollectionRole>();
  for (const { id, path } of operations) {
    const [, collection = path] = itemPath.exec(path) ?? [];
    const parameter = items.get(collection);
    if (parameter !== undefined)
      roles.set(id, { collection, kind: collection === path ? 'collection' : 'item', parameter });
  }
  return roles;
}

const itemPath = /^(.*)\/\{([^{}]+)\}\/?$/;

/** The member of a thing that holds its name in paths: `petId` is the member `petId`, else `id`; `user_gid` is `gid`. */
export function keyMember(thing: Readonly<Record<string, unknown>>, parameter: string): string | undefined {
  const wanted = plain(parameter);
  const candidates = Object.keys(thing).filter((name) => isKey(thing[name]));
  const endings = candidates.filter((name) => wanted.endsWith(plain(name)));
  const [longest] = endings.toSorted((a, b) => plain(b).length - plain(a).length);
  return longest ?? candidates.find((name) => plain(name) === 'id');
}

export const isKey = (value: unknown): value is string | number =>
  typeof value === 'string' || typeof value === 'number';

const plain = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');

export interface Rows {
  readonly things: readonly Readonly<Record<string, unknown>>[];
  /** The body with other things. */
  with(things: readonly unknown[]): unknown;
}

/** The things that a list holds: the body itself, or the first of its members that is a list of things. */
export function rowsOf(body: unknown, parameter: string): Rows | undefined {
  const isThing = (row: unknown): row is Readonly<Record<string, unknown>> =>
    isRecord(row) && keyMember(row, parameter) !== undefined;
  if (Array.isArray(body))
    return body.length > 0 && body.every(isThing) ? { things: body, with: (things) => things } : undefined;
  if (!isRecord(body)) return undefined;
  for (const [name, member] of Object.entries(body))
    if (Array.isArray(member) && member.length > 0 && member.every(isThing))
      return { things: member, with: (things) => ({ ...body, [name]: things }) };
  return undefined;
}
