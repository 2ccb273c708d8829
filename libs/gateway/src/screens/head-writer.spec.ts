import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileHeadWriter } from './head-writer.js';

const view = { kind: 'literal', value: undefined } as const;
const write = (headers: Record<string, unknown>, cookies: Record<string, unknown> = {}, isForCaller = false) =>
  compileHeadWriter({
    plan: 'spec',
    fixed: [],
    head: { view, headers: Object.keys(headers), cookies: Object.keys(cookies).map((name) => ({ name })) },
    isForCaller,
  })?.({ headers, cookies, maxAges: {} });

describe('the head of a response', () => {
  it.each<[string, unknown, string | undefined]>([
    ['X-A', 'text', 'text'],
    ['X-A', 7, '7'],
    ['X-A', false, 'false'],
    ['X-A', '', ''],
    ['X-A', ['a', 1, true], 'a, 1, true'],
    ['X-A', 'Zoë', 'Zoë'],
    ['X-A', 'a\tb', 'a\tb'],
    ['X-A', null, undefined],
    ['X-A', undefined, undefined],
    ['X-A', { a: 1 }, undefined],
    ['X-A', [{}], undefined],
    ['X-A', 'a\nb', undefined],
    ['X-A', '\u{1f600}', undefined],
    ['Location', '/a b/\u{1f600}?q=%20#x', '/a%20b/%F0%9F%98%80?q=%20#x'],
    ['Location', '/a\r\nb', '/a%0D%0Ab'],
    ['Location', '/\ud800', '/%EF%BF%BD'],
    ['constructor', undefined, undefined],
  ])('%s: %j', (name, value, text) => {
    expect(write({ [name]: value })?.fields).toEqual(text === undefined ? [] : [name, text]);
  });

  it('has no value of an inherited member', () => {
    const head = { view, headers: ['constructor'], cookies: [{ name: 'toString' }] };
    const writer = compileHeadWriter({ plan: 'spec', fixed: [], head, isForCaller: false });
    expect(writer?.({ headers: {}, cookies: {}, maxAges: {} }).fields).toEqual([]);
  });

  it('keeps no response for one caller in a shared cache', () => {
    for (const [value, kept] of [
      ['private, max-age=60', true],
      ['no-store', true],
      ['max-age=60, Private', true],
      ['public', false],
      ['max-age=60', false],
      ['notprivate', false],
      ['s-maxage=60, x-private', false],
    ] as const)
      expect(write({ 'Cache-Control': value }, {}, true)?.cacheControl).toBe(kept ? value : undefined);
  });

  it('holds what headers can hold, whatever the values are', () => {
    const anything = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), fc.jsonValue());
    fc.assert(
      fc.property(anything, anything, (header, cookie) => {
        const { fields = [] } = write({ 'X-A': header, Location: header }, { c: cookie }) ?? {};
        for (let at = 0; at < fields.length; at += 2) {
          const [name, value = ''] = fields.slice(at);
          expect(value).toMatch(/^[\t\x20-\x7e\x80-\xff]*$/);
          if (name === 'Location') expect(value).toMatch(/^[\x21-\x7e]*$/);
          if (name === 'set-cookie')
            expect(value).toMatch(/^c=[!#-+\--:<-[\]-~]*; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
        }
      }),
    );
  });

  it('gives a cookie back as it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 20 }), (value) => {
        const [, text = ''] = write({}, { c: value })?.fields ?? [];
        expect(decodeURIComponent(text.slice(2, text.indexOf(';')))).toBe(value);
      }),
    );
  });
});
