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

/**
 * Those who share one entry. `caller`: one caller with one set of rights. `tenant`: all callers of one tenant who have the same app, scopes and
 * roles. `public`: all.
 */
export type CacheScope = 'caller' | 'tenant' | 'public';

/** The parts of a key that are the same for all requests of an operation. */
export interface KeyedOperation {
  readonly upstream: string;
  readonly operation: string;
  readonly scope: CacheScope;
  /** See {@link contractShape}. @default none: no contract describes the responses */
  readonly shape?: string;
}

const askerHashes = new WeakMap<Asker, string>();
const tenantHashes = new WeakMap<Asker, string>();

/**
 * The key of one response: operation and its contract, arguments, forwarded headers and, by its scope, the caller or the tenant. It is hashed, so
 * that no name and no id stands in a store, and so that a client cannot choose an argument that gives the key of another response. A caller
 * whose token names no tenant shares with nobody under `tenant` either.
 *
 * @param asker `undefined` for a request without a token: such requests share entries, and with no other requests
 * @param vary other values that the upstream gets: forwarded headers, in a fixed order
 */
export function cacheKey(
  { upstream, operation, scope, shape = '' }: KeyedOperation,
  args: CallArgs,
  asker: Asker | undefined,
  vary: readonly (string | undefined)[],
): string {
  const what = sha256(canonical([upstream, operation, shape, args, vary.map((value) => value ?? null)]));
  return `${upstream}/${operation}/${whoOf(scope, asker)}/${what}`;
}

function whoOf(scope: CacheScope, asker: Asker | undefined): string {
  if (scope === 'public') return 'public';
  if (asker === undefined) return 'anonymous';
  const { subject, tenant } = asker;
  return scope === 'tenant' && tenant !== undefined && tenant !== ''
    ? hashed(tenantHashes, asker, ['tenant'])
    : hashed(askerHashes, asker, ['caller', subject]);
}

/** The rights of a caller decide what an upstream lets him see, so they are part of each key. */
function hashed(known: WeakMap<Asker, string>, asker: Asker, who: readonly string[]): string {
  let hash = known.get(asker);
  if (hash === undefined) {
    const { tenant, app, scopes = [], roles = [] } = asker;
    hash = sha256(JSON.stringify([...who, tenant ?? null, app ?? null, scopes.toSorted(), roles.toSorted()]));
    known.set(asker, hash);
  }
  return hash;
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
