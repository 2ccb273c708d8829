import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maybeHasInexactNumber, parseExactly } from './exact-numbers.js';
import { findInexact, InexactNumber, isInexact, parseWithPlaceholders } from './inexact-number.js';

const itsText = (source: string): string => source;
const value = fc.jsonValue({ depthSize: 'small' });

describe('a number that a double cannot hold', () => {
  it('is never missed where it is an integer, wherever it stands', () => {
    const big = fc.bigInt({ min: 2n ** 53n, max: 10n ** 30n });
    fc.assert(
      fc.property(value, big, fc.nat(40), fc.boolean(), (other, integer, padding, isNegative) => {
        const literal = `${isNegative ? '-' : ''}${integer}`;
        const text = `${' '.repeat(padding)}{"other":${JSON.stringify(other)},"big":${literal}}`;
        expect(maybeHasInexactNumber(Buffer.from(text))).toBe(true);
        expect(parseExactly(text, itsText)).toMatchObject({ found: true, value: { big: literal } });
      }),
    );
  });

  it('is found by its exponent, or by its many digits behind the point, wherever it stands', () => {
    const mantissa = fc.constantFrom('1', '-2.5', '33', '0.001');
    const exponent = fc.tuple(fc.constantFrom('e', 'E', 'e+', 'E-'), fc.integer({ min: 400, max: 5_000 }));
    const huge = fc.tuple(mantissa, exponent).map(([before, [e, size]]) => before + e + String(size));
    const tiny = fc.integer({ min: 330, max: 900 }).map((zeros) => `0.${'0'.repeat(zeros)}7`);
    fc.assert(
      fc.property(value, fc.oneof(huge, tiny), fc.nat(6), (other, literal, padding) => {
        const text = `${' '.repeat(padding)}{"other":${JSON.stringify(other)},"huge":${literal}}`;
        expect(maybeHasInexactNumber(Buffer.from(text))).toBe(true);
        expect(parseExactly(text, itsText)).toMatchObject({ found: true, value: { huge: literal } });
      }),
    );
  });

  it('is not found in what JSON.parse reads as it is', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        const { value: parsed, found } = parseExactly(text, itsText);
        if (!found) expect(parsed).toEqual(JSON.parse(text));
      }),
    );
  });
});

describe('the placeholder for such a number', () => {
  it('marks every object and list that holds one, and no other', () => {
    const { value: parsed } = parseWithPlaceholders(
      '{"a":{"b":[1e400]},"c":{"d":[1]},"__proto__":{"e":1e-400}}',
      () => new RangeError(),
    );
    const { a, c } = parsed as { a: { b: unknown[] }; c: { d: unknown[] } };
    for (const holder of [parsed, a, a.b, a.b[0]]) expect(isInexact(holder)).toBe(true);
    for (const other of [c, c.d, c.d[0], null, 'x']) expect(isInexact(other)).toBe(false);
    expect(findInexact(parsed)).toEqual(['a', 'b', '0']);
    expect(findInexact(c)).toBeUndefined();
  });

  it('is never taken for a number, a text or JSON', () => {
    const { value: parsed } = parseWithPlaceholders('1e400', () => new RangeError('not this one'));
    expect(parsed).toBeInstanceOf(InexactNumber);
    for (const use of [() => Number(parsed), () => String(parsed), () => JSON.stringify([parsed])])
      expect(use).toThrow('not this one');
  });
});
