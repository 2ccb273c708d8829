import type { Caller } from '@frontage/context';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cacheStatus } from './cache-status.js';
import { compileCaching } from './client-caching.js';
import type { PartNote } from './part-notes.js';
import { sfString } from './structured-fields.js';

const note = (over: Partial<PartNote> = {}): PartNote => ({
  part: 'item',
  ageMs: 0,
  freshMs: 60_000,
  isPublic: true,
  isHit: true,
  isKept: true,
  tags: ['shop.getItem'],
  isCurrent: () => true,
  ...over,
});
const fieldsOf = (flat: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(flat.flatMap((name, index) => (index % 2 === 0 ? [[name, flat[index + 1] ?? '']] : [])));
const cdn = { maxAgeMs: 600_000, tags: ['surrogate-key', 'cache-tag', 'cache-groups'] as const };
const caller: Caller = { subject: 'ada', scopes: ['ops:debug'], roles: [] };
const told = { roles: ['operator'], scopes: ['ops:debug'] };

describe('the caching of a whole response', () => {
  it('is that of its strictest part', () => {
    const cachingOf = compileCaching({ etag: false, deltas: false, maxAgeMs: 120_000 }, true);
    expect(cachingOf([note({ ageMs: 5_100 }), note({ freshMs: 20_900 })])).toEqual({
      cacheControl: 'public, max-age=26',
      fields: ['age', '6'],
    });
    expect(cachingOf([note(), note({ isPublic: false })]).cacheControl).toBe('private, max-age=60');
    expect(cachingOf([note(), note({ freshMs: 900 })])).toEqual({ cacheControl: 'public, no-cache', fields: [] });
    expect(cachingOf([]).cacheControl).toBe('public, max-age=120');
    expect(
      compileCaching({ etag: false, deltas: false, maxAgeMs: 10_000 }, false)([note({ ageMs: 3_000 })]).cacheControl,
    ).toBe('private, max-age=13');
  });

  it('never lets anybody use it for longer than each of its parts is fresh, or for longer than policy says', () => {
    const ms = fc.integer({ min: -100_000, max: 100_000 });
    const notes = fc.array(
      fc.record({ ageMs: fc.nat(100_000), freshMs: ms, isPublic: fc.boolean() }).map((over) => note(over)),
    );
    const limit = fc.integer({ min: 1_000, max: 100_000 });
    fc.assert(
      fc.property(notes, limit, limit, fc.boolean(), (parts, maxAgeMs, ofCdn, isPublic) => {
        const policy = { etag: false, deltas: false, maxAgeMs, cdn: { maxAgeMs: ofCdn, tags: [] } };
        const { cacheControl, fields } = compileCaching(policy, isPublic)(parts);
        const head = fieldsOf(fields);
        const isForAll = isPublic && parts.every((part) => part.isPublic);
        expect(cacheControl.startsWith(isForAll ? 'public, ' : 'private, ')).toBe(true);
        expect(head['cdn-cache-control'] === undefined).toBe(!isForAll);
        const oldest = Math.max(0, ...parts.map(({ ageMs }) => ageMs));
        for (const [text, most] of [
          [cacheControl, maxAgeMs],
          [head['cdn-cache-control'] ?? '', ofCdn],
        ] as const) {
          const seconds = /max-age=(\d+)$/.exec(text)?.[1];
          if (seconds === undefined) continue;
          const age = Number(head['age']);
          expect(age * 1000).toBeGreaterThanOrEqual(oldest);
          const leftMs = (Number(seconds) - age) * 1000;
          expect(leftMs).toBeGreaterThanOrEqual(1000);
          for (const { freshMs } of parts) expect(leftMs).toBeLessThanOrEqual(freshMs);
          expect(leftMs).toBeLessThanOrEqual(most);
        }
      }),
    );
  });

  it('names the tags of all parts in the fields that policy asks for', () => {
    const cachingOf = compileCaching({ etag: false, deltas: false, cdn }, true);
    const tags = ['shop.getItem', 'two words, a "quote" and \u00e4'];
    expect(fieldsOf(cachingOf([note(), note({ tags })]).fields)).toEqual({
      age: '0',
      'cdn-cache-control': 'max-age=60',
      'surrogate-key': 'shop.getItem two%20words%2C%20a%20"quote"%20and%20%C3%A4',
      'cache-tag': 'shop.getItem,two%20words%2C%20a%20"quote"%20and%20%C3%A4',
      'cache-groups': String.raw`"shop.getItem", "two words, a \"quote\" and %C3%A4"`,
    });
  });

  it('keeps a CDN from what it could not purge: more tags than it would read', () => {
    const cachingOf = compileCaching({ etag: false, deltas: false, cdn }, true);
    const many = Array.from({ length: 65 }, (_, index) => `product:${index}`);
    expect(fieldsOf(cachingOf([note({ tags: many })]).fields)['cdn-cache-control']).toBe('no-store');
    expect(fieldsOf(cachingOf([note({ tags: ['x'.repeat(5_000)] })]).fields)['cdn-cache-control']).toBe('no-store');
    const untagged = compileCaching({ etag: false, deltas: false, cdn: { ...cdn, tags: [] } }, true);
    expect(fieldsOf(untagged([note({ tags: many })]).fields)['cdn-cache-control']).toBe('max-age=60');
  });
});

describe('Cache-Status', () => {
  it('has a member per part, in the form of RFC 9211', () => {
    const parts = [
      note({ part: 'item', freshMs: 42_700 }),
      note({ part: 'old', freshMs: -1_200 }),
      note({ part: 'new', isHit: false }),
      note({ part: 'stock', isHit: false, isKept: false, freshMs: 0 }),
    ];
    expect(cacheStatus('shop', told, caller, parts)).toBe(
      '"shop/item"; hit; ttl=42, "shop/old"; hit; ttl=-2, "shop/new"; fwd=miss; stored; ttl=60, "shop/stock"; fwd=bypass',
    );
  });

  it('is for callers with one of the scopes or roles, and for nobody else', () => {
    const isTold = (of: Partial<typeof caller>, policy = told) =>
      cacheStatus('shop', policy, { ...caller, ...of }, [note()]) !== undefined;
    expect(isTold({ scopes: ['other', 'ops:debug'] })).toBe(true);
    expect(isTold({ scopes: [], roles: ['operator'] })).toBe(true);
    expect(isTold({ scopes: ['operator'], roles: ['ops:debug'] })).toBe(false);
    expect(isTold({}, { roles: [], scopes: [] })).toBe(false);
    expect(cacheStatus('shop', told, undefined, [note()])).toBeUndefined();
  });

  it('tells of 50 parts at most', () => {
    const parts = Array.from({ length: 70 }, (_, index) => note({ part: `p${index}` }));
    expect(cacheStatus('shop', told, caller, parts)?.split(', ').length).toBe(50);
  });
});

it('a string of a structured field holds visible ASCII alone', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(sfString(text)).toMatch(/^"(?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*"$/);
    }),
  );
});
