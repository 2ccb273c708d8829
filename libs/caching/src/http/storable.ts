import type { Directives } from './directives.js';
import { linesOf, namesIn, type CacheKind, type Fields } from './fields.js';
import type { Control, Terms } from './terms.js';
import { validatorsOf } from './validation.js';

/** The reason for which a response is not stored. */
export type NotStored =
  'status' | 'request' | 'malformed' | 'no-store' | 'private' | 'authorization' | 'set-cookie' | 'vary' | 'useless';

/** A request, as far as it says something about the storing of its response. */
export interface AskedToStore {
  /** `Cache-Control` of the request as it is sent; absent without one. */
  readonly directives: Directives | undefined;
  /** It carries `Authorization`. */
  readonly isAuthorized: boolean;
}

/** Statuses whose meaning this cache knows (RFC 9111 section 5.2.2.3). */
const understood: ReadonlySet<number> = new Set([200, 203, 204]);

/**
 * Judges a response by RFC 9111 section 3. Stricter than the text in this: a shared cache does not store a response with `Set-Cookie`, and none
 * stores a response whose `Cache-Control` is not written as its grammar says, or that could never be used again.
 * @returns why it is not stored; `undefined` if it is
 */
export function whyNotStored(
  status: number,
  fields: Fields,
  { directives }: Control,
  terms: Terms,
  kind: CacheKind,
  asked: AskedToStore,
): NotStored | undefined {
  // A part of a content needs more than this cache knows of it (section 3.3).
  if (status < 200 || status >= 300 || status === 206) return 'status';
  if (asked.directives !== undefined && (asked.directives.restricts('no-store') || asked.directives.isBroken))
    return 'request';
  if (directives.isBroken) return 'malformed';
  // Section 5.2.2.3: `no-store` stands beside it for caches that do not know the directive.
  const mustUnderstand = directives.restricts('must-understand');
  if (mustUnderstand && !understood.has(status)) return 'status';
  if (directives.restricts('no-store') && !(mustUnderstand && directives.permits('must-understand'))) return 'no-store';
  if (kind === 'shared') {
    if (directives.restricts('private')) return 'private';
    if (asked.isAuthorized && !isForAll(directives)) return 'authorization';
    if (linesOf(fields, 'set-cookie').length > 0) return 'set-cookie';
  }
  if (namesIn(fields, 'vary').includes('*')) return 'vary';
  const isOfUse = terms.lifetimeMs + terms.staleWhileRevalidateMs + terms.staleIfErrorMs > 0;
  return isOfUse || validatorsOf(fields).length > 0 ? undefined : 'useless';
}

/** Section 3.5: the response to a request with credentials is for others if it says so. */
const isForAll = (directives: Directives): boolean =>
  directives.permits('public') ||
  directives.permits('must-revalidate') ||
  typeof directives.seconds('s-maxage') === 'number';
