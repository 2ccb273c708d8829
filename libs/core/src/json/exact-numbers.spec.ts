import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maybeHasInexactNumber, parseExactly } from './exact-numbers.js';
import { findInexact, InexactNumber, isInexact, parseWithPlaceholders } from './inexact-number.js';

const itsText = (source: string): string => source;
const value = fc.jsonValue({ depthSize: 'small' });
const double = fc.double({ noNaN: true, noDefaultInfinity: true });
const isInteger = /^-?\d+$/;
const decimal = fc
  .tuple(
    fc.oneof(fc.bigInt({ min: 1n, max: 10n ** 30n }), fc.bigInt({ min: 10n ** 14n, max: 10n ** 18n })),
    fc.integer({ min: 1, max: 30 }),
    fc.constantFrom('', '', 'e5', 'E-12', 'e+98'),
  )
  .map(([digits, point, exponent]) => {
    const text = String(digits).padStart(point + 1, '0');
    return `${text.slice(0, -point)}.${text.slice(-point)}${exponent}`;
  });

/** A number as whole units of a power of ten. */
function scaled(literal: string): readonly [units: bigint, exponent: number] {
  const [mantissa = '0', power = '0'] = literal.toLowerCase().split('e');
  const [whole = '0', fraction = ''] = mantissa.split('.');
  return [BigInt(whole + fraction), Number(power) - fraction.length];
}

/** All the digits of a double that is no subnormal: those of a whole number of powers of two. */
function exactly(number: number): string {
  let halvings = 0;
  while (!Number.isInteger(number)) [number, halvings] = [number * 2, halvings + 1];
  return `${BigInt(number) * 5n ** BigInt(halvings)}e-${halvings}`;
}

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

  it.each([
    '0.1000000000000000000001',
    '0.1000000000000000055',
    '1.00000000000000000001',
    '-12.3456789012345678',
    '9007199254740993.0',
    '9007199254740993e0',
    '90071992547409935E2',
    '0.12345678901234567',
    '12345678901234.567',
    '1.2345678901234567e-50',
    '6e-324',
    '0.30000000000000001e10',
    `0.${'1'.repeat(101)}`,
  ])('is a decimal with more digits than its double keeps: %s', (literal) => {
    for (let padding = 0; padding < 20; padding++) {
      const text = `${' '.repeat(padding)}{"a":"x","b":${literal}}`;
      expect(maybeHasInexactNumber(Buffer.from(text))).toBe(true);
      expect(parseExactly(text, itsText)).toMatchObject({ found: true, value: { b: literal } });
    }
  });

  it.each([
    '1.10',
    '1.0',
    '-0.0',
    '0.30000000000000004',
    '52.520006600000002',
    '627054191871371.2',
    '1234567890123456e2',
    '19.990000000000000000000000000000',
    '100.000000000000000000000000000000',
    '0.1000000000000000055511151231257827',
    '1.7976931348623157e308',
    '5e-324',
    '4.9E-324',
    '2.2250738585072014e-308',
    '1e21',
  ])('is no decimal whose double keeps its digits: %s', (literal) => {
    const text = `{"a":${literal}}`;
    expect(parseExactly(text, itsText)).toEqual({ found: false, value: { a: Number(literal) } });
    // Some exponents need the slower look.
    if (!/e/i.test(literal)) expect(maybeHasInexactNumber(Buffer.from(text))).toBe(false);
  });

  it('is never a double, however many of its digits are written', () => {
    fc.assert(
      fc.property(double, fc.integer({ min: 17, max: 60 }), (number, count) => {
        const texts = [String(number), number.toPrecision(count)].filter((text) => !isInteger.test(text));
        expect(parseExactly(`[${texts.join(',')}]`, itsText).found).toBe(false);
      }),
    );
  });

  it('is not suspected among the doubles of an ordinary page', () => {
    const ordinary = fc.double({ min: 1e-5, max: 1e15, noNaN: true }).filter((number) => !Number.isInteger(number));
    fc.assert(
      fc.property(ordinary, fc.nat(3), fc.nat(20), (number, zeros, padding) => {
        for (const text of [String(number), number.toPrecision(17)]) {
          const json = `${' '.repeat(padding)}{"a":-${text}${text.includes('e') ? '' : '0'.repeat(zeros)}}`;
          expect(maybeHasInexactNumber(Buffer.from(json))).toBe(false);
        }
      }),
    );
  });

  it('is never missed where it is a decimal, wherever it stands', () => {
    fc.assert(
      fc.property(value, decimal, fc.nat(40), (other, literal, padding) => {
        const text = `${' '.repeat(padding)}{"other":${JSON.stringify(other)},"b":${literal}}`;
        if (parseExactly(`[${literal}]`, itsText).found) expect(maybeHasInexactNumber(Buffer.from(text))).toBe(true);
      }),
    );
  });

  it('is a decimal that becomes another one of as many digits, and no other', () => {
    fc.assert(
      fc.property(decimal, (literal) => {
        const { found } = parseExactly(`[${literal}]`, itsText);
        const [units, exponent] = scaled(literal);
        const [near, nearExponent] = scaled(exactly(Number(literal)));
        // Both as whole numbers of the smaller unit.
        const least = Math.min(exponent, nearExponent);
        const difference = units * 10n ** BigInt(exponent - least) - near * 10n ** BigInt(nearExponent - least);
        const size = difference < 0n ? -difference : difference;
        // The last digit that counts.
        const unit = 10n ** BigInt(exponent - least + (/0*$/.exec(String(units))?.[0].length ?? 0));
        const isSpelledSo = scaled(String(Number(literal))).join() === scaled(literal).join();
        if (2n * size < unit) expect(found).toBe(false);
        if (2n * size > unit && !isSpelledSo) expect(found).toBe(true);
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
