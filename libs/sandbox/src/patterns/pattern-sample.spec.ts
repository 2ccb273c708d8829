import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expressionOf, matchOf } from './pattern-sample.js';
import { randomOf } from './random.js';

const lengthOf = (text: string | undefined): number => (text === undefined ? -1 : Array.from(text).length);

describe('a text for a pattern', () => {
  it.each([
    '^[A-Z]{2}$',
    '^[a-z]{2}-[A-Z]{2}$',
    '^\\d{3}-\\d{4}$',
    '^(foo|bar)+$',
    '^#?[0-9a-fA-F]{6}$',
    '^[^/]+$',
    '^v\\d+(\\.\\d+){0,2}$',
    '^(?:a|b)c*?$',
    'abc',
    '^(a)\\1$',
    '^(?<year>\\d{4})-\\k<year>$',
    '\\p{L}+',
    '^\\p{Lu}\\p{Ll}+$',
    '^[\\p{L}\\p{M}\\p{Zs}.-]+$',
    '^\\p{Script=Thai}+$',
    '^[\\u4e00-\\u9fa5]{2}$',
    '^\\u{1F600}?x$',
    '^(?=.*[a-z])(?=.*[A-Z])(?=.*\\d).{8,}$',
    '^(?!-)[a-z-]+(?<!-)$',
    '^\\bone\\b \\btwo\\b$',
    '^$',
    '^$|^[0-9]{5}$',
    // Valid without the flag `u` only.
    '^[\\w-.]+$',
    '^\\_[a-z]$',
  ])('%s matches it, for every seed', (pattern) => {
    for (let seed = 0; seed < 50; seed += 1)
      expect(matchOf(pattern, randomOf(String(seed)))).toMatch(expressionOf(pattern) ?? /^never$/);
  });

  it.each(['^(?=a)b$', '(', '^a$b', '^[^\\s\\S]$'])('is not generated for %s', (pattern) => {
    expect(matchOf(pattern, randomOf(''))).toBeUndefined();
  });

  it.each([
    ['^[a-z]+$', 20, 20],
    ['^[A-Z0-9]+$', 15, 34],
    ['^[0-9a-zA-Z-]*$', 9, 36],
    ['^\\p{L}+$', 64, 64],
    ['[0-9]', 30, 32],
    ['^(a|bb|ccc)+$', 17, 17],
    ['^([a-z]{1,3}\\.){2,5}com$', 20, 23],
    ['^(\\w+)-\\1$', 11, 11],
    ['^(?=.*[A-Z])(?=.*\\d).+$', 12, 12],
    ['^.*$', 4000, 4001],
  ])('%s has from %i to %i characters', (pattern, minLength, maxLength) => {
    for (let seed = 0; seed < 20; seed += 1) {
      const made = matchOf(pattern, randomOf(String(seed)), { minLength, maxLength });
      expect(made).toMatch(new RegExp(pattern, 'u'));
      expect(lengthOf(made)).toBeGreaterThanOrEqual(minLength);
      expect(lengthOf(made)).toBeLessThanOrEqual(maxLength);
    }
  });

  it('has every length that the pattern can have', () => {
    const counts = fc.tuple(fc.nat(5), fc.nat(5)).map(([min, more]) => [min, min + more] as const);
    fc.assert(
      fc.property(counts, counts, fc.nat(100), fc.string(), ([a, b], [c, d], at, seed) => {
        const pattern = `^[a-z]{${a},${b}}(-|::)(\\d\\d){${c},${d}}$`;
        const [shortest, longest] = [a + 1 + 2 * c, b + 2 + 2 * d];
        const length = shortest + (at % (longest - shortest + 1));
        const made = matchOf(pattern, randomOf(seed), { minLength: length, maxLength: length });
        const isPossible = Array.from({ length: d - c + 1 }, (_, index) => c + index).some((pairs) =>
          [1, 2].some((dash) => length - dash - 2 * pairs >= a && length - dash - 2 * pairs <= b),
        );
        expect(lengthOf(made)).toBe(isPossible ? length : -1);
        if (made !== undefined) expect(made).toMatch(new RegExp(pattern, 'u'));
      }),
      { numRuns: 200 },
    );
  });

  it('is within limits that no pattern of its length has, or absent', () => {
    expect(matchOf('^[a-z]{3}$', randomOf(''), { minLength: 4 })).toBeUndefined();
    expect(matchOf('^[a-z]{3}$', randomOf(''), { maxLength: 2 })).toBeUndefined();
    expect(matchOf('^[a-z]*$', randomOf(''), { minLength: 1_000_000 })).toBeUndefined();
  });

  it('is right or absent for every expression', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...Array.from('ab09[](){}|^$.*+?\\-,dws')), maxLength: 12 }),
        fc.string(),
        (pattern, seed) => {
          const made = matchOf(pattern, randomOf(seed));
          if (made !== undefined) expect(expressionOf(pattern)?.test(made)).toBe(true);
        },
      ),
      { numRuns: 1000 },
    );
  });
});
