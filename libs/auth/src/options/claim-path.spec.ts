import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { claimReader } from './claim-path.js';

describe('a claim', () => {
  it.each<[string, Record<string, unknown>, unknown]>([
    ['roles', { roles: ['a'] }, ['a']],
    ['realm_access.roles', { realm_access: { roles: ['a'] } }, ['a']],
    ['https://acme.example/roles', { 'https://acme.example/roles': ['a'] }, ['a']],
    ['https://acme.example/claims.roles', { 'https://acme.example/claims': { roles: ['a'] } }, ['a']],
    ['resource_access.shop.web.roles', { resource_access: { 'shop.web': { roles: ['a'] } } }, ['a']],
    ['resource_access.https://a.b/c.roles', { resource_access: { 'https://a.b/c': { roles: ['a'] } } }, ['a']],
    ['a.b.c', { 'a.b.c': 1, 'a.b': { c: 2 }, a: { 'b.c': 3, b: { c: 4 } } }, 1],
    ['a.b.c', { 'a.b': { c: 2 }, a: { 'b.c': 3, b: { c: 4 } } }, 2],
    ['a.b.c', { 'a.b': { d: 2 }, a: { b: { c: 4 } } }, 4],
    ['a.b', { a: ['x', 'y'] }, undefined],
    ['a.length', { a: 'text' }, undefined],
    ['a.0', { a: ['x'] }, undefined],
    ['constructor', {}, undefined],
    ['constructor.name', {}, undefined],
    ['__proto__.polluted', {}, undefined],
    ['toString', {}, undefined],
  ])('%s of %j is %j', (path, payload, value) => {
    expect(claimReader(path)(payload)).toEqual(value);
  });

  it.each(['', '.', 'a.', '.a', 'a..b'])('cannot be written as "%s"', (path) => {
    expect(() => claimReader(path)).toThrow(TypeError);
  });

  it.each(['x'.repeat(257), Array.from({ length: 13 }, () => 'a').join('.')])('has a bound: %s', (path) => {
    expect(() => claimReader(path)).toThrow(RangeError);
  });

  it('is found for each way to cut its path into names with and without dots', () => {
    const name = fc.stringMatching(/^[a-z]{1,3}(\.[a-z]{1,3}){0,2}$/);
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 4 }), fc.json(), (names, text) => {
        const wanted: unknown = JSON.parse(text);
        const payload = names.reduceRight<unknown>((value, one) => ({ [one]: value }), wanted);
        expect(claimReader(names.join('.'))(Object(payload))).toEqual(wanted);
      }),
    );
  });
});
