import { directivesOf, targetedDirectivesOf, type Directives } from './directives.js';
import { linesOf, onlyLineOf, type CacheKind, type Fields, type ResponseHead } from './fields.js';
import { readHttpDate } from './http-date.js';

/** The rules that a response sets for its own reuse. */
export interface Terms {
  /** The time for which it is fresh, in milliseconds of its age; 0 for one that is validated at each use. */
  readonly lifetimeMs: number;
  /** For so long after its lifetime it is given at once, while it is loaded anew (RFC 5861 section 3). */
  readonly staleWhileRevalidateMs: number;
  /** For so long after its lifetime it is given where its upstream fails (RFC 5861 section 4). */
  readonly staleIfErrorMs: number;
  /** It must not be given stale, whatever a request permits. */
  readonly isStrict: boolean;
  /** It does not change while it is fresh (RFC 8246): a reload does not ask again. */
  readonly isImmutable: boolean;
}

/** The directives that a cache goes by. */
export interface Control {
  readonly directives: Directives;
  /** They stand in a field for caches like this one (RFC 9213): `Cache-Control` and `Expires` do not count. */
  readonly isTargeted: boolean;
}

/** @param targets fields for caches like this one, in lower case */
export function controlOf(fields: Fields, targets: readonly string[]): Control {
  const targeted = targets.length === 0 ? undefined : targetedDirectivesOf(fields, targets);
  return { directives: targeted ?? directivesOf(fields), isTargeted: targeted !== undefined };
}

/**
 * The terms of a response. A response that does not say how long it is fresh has a lifetime of 0: nothing is guessed from `Last-Modified`.
 * @param wallTime the time at which it came, in milliseconds since 1970
 */
export function termsOf(fields: Fields, { directives, isTargeted }: Control, kind: CacheKind, wallTime: number): Terms {
  const isShared = kind === 'shared';
  const has = (name: string): boolean => directives.restricts(name);
  // RFC 9111 section 5.2.2.10: for a shared cache, `s-maxage` holds what `proxy-revalidate` says.
  const isStrict = has('must-revalidate') || (isShared && (has('proxy-revalidate') || has('s-maxage')));
  const isUnusable = has('no-cache') || directives.isBroken;
  const mayBeStale = !isStrict && !isUnusable;
  return {
    lifetimeMs: isUnusable ? 0 : lifetimeOf(fields, directives, isShared, isTargeted, wallTime),
    staleWhileRevalidateMs: mayBeStale ? granted(directives.seconds('stale-while-revalidate')) : 0,
    staleIfErrorMs: mayBeStale ? granted(directives.seconds('stale-if-error')) : 0,
    isStrict: !mayBeStale,
    isImmutable: directives.permits('immutable'),
  };
}

const granted = (seconds: number | 'invalid' | undefined): number =>
  typeof seconds === 'number' ? seconds * 1_000 : 0;

/** RFC 9111 section 4.2.1. What is not valid is stale. */
function lifetimeOf(
  fields: Fields,
  directives: Directives,
  isShared: boolean,
  isTargeted: boolean,
  wallTime: number,
): number {
  const maxAge = (isShared ? directives.seconds('s-maxage') : undefined) ?? directives.seconds('max-age');
  if (maxAge !== undefined) return granted(maxAge);
  if (isTargeted || linesOf(fields, 'expires').length === 0) return 0;
  const expires = readHttpDate(onlyLineOf(fields, 'expires') ?? '', wallTime);
  return expires === undefined ? 0 : Math.max(0, expires - dateOf(fields, wallTime));
}

/** RFC 9110 section 6.6.1: a response without a date has that of its arrival; so has one whose date is none. */
function dateOf(fields: Fields, wallTime: number): number {
  const date = onlyLineOf(fields, 'date');
  return (date === undefined ? undefined : readHttpDate(date, wallTime)) ?? wallTime;
}

/**
 * The age of a response at its arrival, in milliseconds (RFC 9111 section 4.2.3): the greater of what its date and what its `Age` say,
 * with the time of the request on top.
 */
export function ageAtArrivalMs({ fields, requestedAt, receivedAt, wallTime }: ResponseHead): number {
  const apparentMs = Math.max(0, wallTime - dateOf(fields, wallTime));
  return Math.max(apparentMs, writtenAgeMs(fields) + Math.max(0, receivedAt - requestedAt));
}

/** Section 5.1 has caches ignore an age that is no number, and the second of two; here both are taken for a great age, so that nothing old passes for new. */
function writtenAgeMs(fields: Fields): number {
  if (linesOf(fields, 'age').length === 0) return 0;
  const age = onlyLineOf(fields, 'age') ?? '';
  return (/^\d+$/.test(age) ? Math.min(Number(age), greatestAge) : greatestAge) * 1_000;
}

/** In seconds: the greatest number that section 1.2.2 has caches know. */
const greatestAge = 2 ** 31;
