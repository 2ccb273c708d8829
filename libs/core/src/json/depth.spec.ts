import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isTooDeep, maxJsonDepth } from './depth.js';

const lists = (depth: number): Buffer => Buffer.from('['.repeat(depth) + ']'.repeat(depth));
const objects = (depth: number): Buffer => Buffer.from(`${'{"a]":'.repeat(depth)}1${'}'.repeat(depth)}`);

describe('the bound on depth', () => {
  it.each([lists, objects])('is met exactly', (nest) => {
    expect(isTooDeep(nest(maxJsonDepth))).toBe(false);
    expect(isTooDeep(nest(maxJsonDepth + 1))).toBe(true);
  });

  it('counts no bracket that stands in a text, nor an object that has ended', () => {
    expect(isTooDeep(Buffer.from(JSON.stringify({ a: '['.repeat(5_000), b: '\\"['.repeat(5_000) })))).toBe(false);
    expect(isTooDeep(Buffer.from(JSON.stringify(Array.from({ length: 5_000 }, () => ({ a: [] })))))).toBe(false);
  });

  it('says of any JSON what its value says', () => {
    const within = (inner: string, [object, levels]: readonly [boolean, number]): string =>
      (object ? '{"\\"[":1,"a":' : '["[",').repeat(levels) + inner + (object ? '}' : ']').repeat(levels);
    const layers = fc.array(fc.tuple(fc.boolean(), fc.nat(300)), { maxLength: 4 });
    fc.assert(
      fc.property(fc.json({ maxDepth: 0 }), layers, (inner, made) => {
        const depth = made.reduce((sum, [, levels]) => sum + levels, 0);
        fc.pre(!inner.startsWith('[') && !inner.startsWith('{'));
        const text = made.reduce(within, inner);
        expect(() => JSON.parse(text) as unknown).not.toThrow();
        expect(isTooDeep(Buffer.from(text))).toBe(depth > maxJsonDepth);
      }),
    );
  });

  it('is a matter of milliseconds for megabytes of brackets', () => {
    for (const opening of ['[', '{"a":']) {
      const bytes = Buffer.alloc(6_000_000, opening);
      const before = performance.now();
      expect(isTooDeep(bytes)).toBe(true);
      expect(performance.now() - before).toBeLessThan(50);
    }
  });
});
