import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CacheKind, Fields } from './fields.js';
import { judge, mayStandIn } from './reuse.js';
import { directivesOf } from './directives.js';
import { ageAtArrivalMs, controlOf, termsOf, type Terms } from './terms.js';

const wallTime = Date.UTC(2026, 10, 30);
const date = (seconds: number): string => new Date(wallTime + seconds * 1_000).toUTCString();
const terms = (fields: Fields, kind: CacheKind = 'shared', targets: readonly string[] = []): Terms =>
  termsOf(fields, controlOf(fields, targets), kind, wallTime);
const age = (fields: Fields, delayMs = 0): number =>
  ageAtArrivalMs({ status: 200, fields, requestedAt: 0, receivedAt: delayMs, wallTime });

describe('the lifetime of a response (RFC 9111 section 4.2.1)', () => {
  it.each([
    ['nothing', {}, 0, 0],
    ['a Last-Modified alone, because nothing is guessed', { 'last-modified': date(-86_400) }, 0, 0],
    ['max-age', { 'cache-control': 'max-age=60' }, 60, 60],
    ['s-maxage', { 'cache-control': 's-maxage=60' }, 60, 0],
    ['s-maxage before max-age', { 'cache-control': 'max-age=5, s-maxage=60' }, 60, 5],
    ['max-age before Expires', { 'cache-control': 'max-age=60', expires: date(5) }, 60, 60],
    ['Expires', { expires: date(60), date: date(0) }, 60, 60],
    ['Expires without a date', { expires: date(60) }, 60, 60],
    ['Expires with a date that is none', { expires: date(60), date: 'today' }, 60, 60],
    ['Expires before the date', { expires: date(60), date: date(90) }, 0, 0],
    ['Expires: 0', { expires: '0', date: date(0) }, 0, 0],
    ['Expires twice', { expires: [date(60), date(60)], date: date(0) }, 0, 0],
    ['an invalid s-maxage', { 'cache-control': 'max-age=60, s-maxage=x' }, 0, 60],
    ['no-cache', { 'cache-control': 'max-age=60, no-cache="set-cookie"' }, 0, 0],
    ['a broken field', { 'cache-control': 'max-age=60, private="' }, 0, 0],
  ] as const)('by %s', (_what, fields, shared, own) => {
    expect([terms(fields, 'shared').lifetimeMs, terms(fields, 'private').lifetimeMs]).toEqual([
      shared * 1_000,
      own * 1_000,
    ]);
  });

  it('by a field for this cache leaves Cache-Control and Expires aside (RFC 9213)', () => {
    const fields = { 'cache-control': 'max-age=60', expires: date(60), 'cdn-cache-control': 'max-age=5' };
    expect(terms(fields, 'shared', ['cdn-cache-control']).lifetimeMs).toBe(5_000);
    expect(terms(fields).lifetimeMs).toBe(60_000);
    const other = { expires: date(60), 'cdn-cache-control': 'must-revalidate' };
    expect(terms(other, 'shared', ['cdn-cache-control']).lifetimeMs).toBe(0);
  });
});

describe('the time for which a response may be stale (RFC 5861)', () => {
  const stale = 'max-age=1, stale-while-revalidate=10, stale-if-error=20';
  const windows = ({ staleWhileRevalidateMs, staleIfErrorMs }: Terms) => [staleWhileRevalidateMs, staleIfErrorMs];

  it.each([
    [stale, [10_000, 20_000], [10_000, 20_000]],
    [`${stale}, must-revalidate`, [0, 0], [0, 0]],
    [`${stale}, proxy-revalidate`, [0, 0], [10_000, 20_000]],
    [`${stale}, s-maxage=1`, [0, 0], [10_000, 20_000]],
    [`${stale}, no-cache`, [0, 0], [0, 0]],
    ['max-age=1, stale-while-revalidate, stale-if-error=x', [0, 0], [0, 0]],
  ])('%s', (control, shared, own) => {
    const fields = { 'cache-control': control };
    expect([windows(terms(fields, 'shared')), windows(terms(fields, 'private'))]).toEqual([shared, own]);
  });
});

describe('the age of a response at its arrival (RFC 9111 section 4.2.3)', () => {
  it.each([
    ['of now', { date: date(0) }, 0],
    ['with an old date', { date: date(-30) }, 30],
    ['with a date ahead', { date: date(30) }, 0],
    ['without a date', {}, 0],
    ['with an Age', { date: date(0), age: '30' }, 30],
    ['with an Age and an older date', { date: date(-60), age: '30' }, 60],
    ['with an Age that is no number', { age: '30.0' }, 2 ** 31],
    ['with two ages', { age: ['0', '0'] }, 2 ** 31],
  ] as const)('%s', (_what, fields, seconds) => {
    expect(age(fields)).toBe(seconds * 1_000);
  });

  it('has the time of the request on top of an Age', () => {
    expect([age({ age: '30' }, 500), age({}, 500), age({ date: date(-30) }, 500)]).toEqual([30_500, 500, 30_000]);
  });
});

describe('the reuse of a response', () => {
  const seconds = fc.integer({ min: 0, max: 100 });

  it('is fresh for its lifetime, stale for its window, and never beyond both', () => {
    fc.assert(
      fc.property(
        seconds,
        seconds,
        seconds,
        seconds,
        fc.integer({ min: 0, max: 400 }),
        (life, revalidate, error, born, at) => {
          const fields = { 'cache-control': `max-age=${life}, stale-while-revalidate=${revalidate}, stale-if-error=${error}`, age: `${born}` }; // prettier-ignore
          const dated = { terms: terms(fields), bornAt: -age(fields) };
          const ageNow = born + at;
          const expected = ageNow < life ? 'fresh' : ageNow < life + revalidate ? 'stale' : 'validate';
          expect(judge(dated, at * 1_000, undefined)).toBe(expected);
          expect(mayStandIn(dated, at * 1_000)).toBe(ageNow < life + error);
        },
      ),
    );
  });

  it('is bounded by the directives of a request, which never make it longer than max-stale says', () => {
    const option = (name: string) =>
      fc.option(
        seconds.map((value) => `${name}=${value}`),
        { nil: '' },
      );
    const asked = fc.tuple(option('max-age'), option('min-fresh'), option('max-stale'));
    fc.assert(
      fc.property(seconds, fc.integer({ min: 0, max: 200 }), fc.boolean(), asked, (life, at, isStrict, parts) => {
        const control = parts.filter((part) => part !== '').join(', ');
        const dated = {
          terms: terms({ 'cache-control': `max-age=${life}${isStrict ? ', must-revalidate' : ''}` }),
          bornAt: 0,
        };
        const [maxAge = Infinity, minFresh = -Infinity, maxStale = -1] = parts.map((part) => (part === '' ? undefined : Number(part.split('=')[1]))); // prettier-ignore
        const isRefused = at > maxAge || life - at < minFresh;
        const isGiven = at < life || (!isStrict && at - life <= maxStale);
        const verdict = judge(dated, at * 1_000, directivesOf({ 'cache-control': control }));
        expect(verdict).toBe(!isRefused && isGiven ? 'fresh' : 'validate');
      }),
    );
  });

  it.each([
    ['no-cache', 'validate'],
    ['no-store', 'validate'],
    ['max-age=0', 'validate'],
    ['max-age=x', 'validate'],
    ['min-fresh', 'validate'],
    ['max-age=60, "', 'validate'],
    ['max-age=60', 'fresh'],
    ['unknown', 'fresh'],
  ])('with %s in a request is: %s', (control, verdict) => {
    const dated = { terms: terms({ 'cache-control': 'max-age=60' }), bornAt: -1_000 };
    expect(judge(dated, 0, directivesOf({ 'cache-control': control }))).toBe(verdict);
  });

  it('of what does not change asks again when it is not fresh, or where the request says no-cache', () => {
    const dated = { terms: terms({ 'cache-control': 'max-age=60, immutable' }), bornAt: 0 };
    const reload = directivesOf({ 'cache-control': 'max-age=0' });
    expect([judge(dated, 1_000, reload), judge(dated, 60_000, reload)]).toEqual(['fresh', 'validate']);
    expect(judge(dated, 1_000, directivesOf({ 'cache-control': 'no-cache' }))).toBe('validate');
  });

  it('accepts any staleness with max-stale alone', () => {
    const dated = { terms: terms({ 'cache-control': 'max-age=1' }), bornAt: 0 };
    expect(judge(dated, 1e9, directivesOf({ 'cache-control': 'max-stale' }))).toBe('fresh');
  });
});
