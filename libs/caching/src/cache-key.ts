import { hash } from 'node:crypto';
import type { CallArgs } from '@frontage/core';

/** The members of a caller on which a response may depend. */
export interface Asker {
  readonly subject: string;
  readonly tenant?: string;
  readonly app?: string;
  readonly scopes?: readonly string[];
  readonly roles?: readonly string[];
}

const askerHashes = new WeakMap<Asker, string>();

/**
 * The key of one response: operation, arguments, forwarded headers and, unless the operation is declared public, the caller. It is hashed, so
 * that no name and no id stands in a store, and so that a client cannot choose an argument that gives the key of another response.
 *
 * @param asker `undefined` for a request without a token: such requests share entries, and with no other requests
 * @param vary other values that the upstream gets: forwarded headers, in a fixed order
 */
export function cacheKey(
  operation: { readonly upstream: string; readonly operation: string; readonly isPublic: boolean },
  args: CallArgs,
  asker: Asker | undefined,
  vary: readonly (string | undefined)[],
): string {
  const who = operation.isPublic ? 'public' : asker === undefined ? 'anonymous' : hashAsker(asker);
  const what = sha256(canonical([operation.upstream, operation.operation, args, vary.map((value) => value ?? null)]));
  return `${operation.upstream}/${operation.operation}/${who}/${what}`;
}

function hashAsker(asker: Asker): string {
  let hashed = askerHashes.get(asker);
  if (hashed === undefined) {
    const { subject, tenant, app, scopes = [], roles = [] } = asker;
    hashed = sha256(JSON.stringify([subject, tenant ?? null, app ?? null, scopes.toSorted(), roles.toSorted()]));
    askerHashes.set(asker, hashed);
  }
  return hashed;
}

/**
 * JSON with the members of each object in order, so that two spellings of the same arguments give one key. The first letter marks texts and
 * values that JSON does not have, so that a text is not taken for the number that it spells.
 */
function canonical(value: unknown): string {
  return JSON.stringify(value, function (this: Readonly<Record<string, unknown>>, name, given: unknown) {
    if (typeof given === 'string') return this[name] instanceof Date ? `d${given}` : `s${given}`;
    if (typeof given === 'bigint') return `b${given}`;
    if (typeof given === 'number' && !Number.isFinite(given)) return `n${given}`;
    if (given === undefined && Array.isArray(this)) return 'u';
    const member: unknown = ArrayBuffer.isView(this[name]) ? this[name] : given;
    if (ArrayBuffer.isView(member))
      return `x${Buffer.from(member.buffer, member.byteOffset, member.byteLength).toString('base64')}`;
    if (typeof member !== 'object' || member === null || Array.isArray(member)) return member;
    // Map, Set, URLSearchParams: their members are no properties.
    if (isIterable(member)) return { [member.constructor.name]: [...member] };
    return Object.fromEntries(Object.entries(member).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  });
}

const isIterable = (value: object): value is Iterable<unknown> => Symbol.iterator in value;

const sha256 = (text: string): string => hash('sha256', text, 'base64url');
