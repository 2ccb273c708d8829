import { share } from '@frontage/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resultDigest } from './result-digest.js';

const digestOf = (values: readonly unknown[], input: unknown = {}): string | undefined =>
  resultDigest({ kind: 'finished', values, report: undefined }, input);

const json = fc.jsonValue({ maxDepth: 5 });
const part = fc.oneof(
  json,
  json.map((value) => ({ ok: true, value })),
  fc.array(fc.tuple(fc.string(), json)).map((entries) => new Map(entries)),
  fc.date({ noInvalidDate: true }),
  fc.bigInt(),
  fc.uint8Array(),
);

describe('the digest of a run', () => {
  it('is the same for equal values, those that are frozen and remembered too', () => {
    const frozen = (values: readonly unknown[]): unknown[] => values.map((value) => share(structuredClone(value)));
    fc.assert(
      fc.property(fc.array(part), json, (values, input) => {
        const digest = digestOf(values, input);
        expect(digest).toMatch(/^[\w-]{43}$/);
        expect(digestOf(structuredClone(values), structuredClone(input))).toBe(digest);
        const one = frozen(values);
        const first = digestOf(one, input);
        expect(digestOf(one, input)).toBe(first);
        expect(digestOf(frozen(values), input)).toBe(first);
      }),
    );
  });

  it('differs where any value differs', () => {
    const textOf = (value: unknown): string =>
      JSON.stringify(value, (_, member: unknown) =>
        member instanceof Map
          ? { map: [...member] }
          : member instanceof Uint8Array
            ? { bytes: [...member] }
            : typeof member === 'bigint'
              ? { big: String(member) }
              : member,
      );
    fc.assert(
      fc.property(fc.array(json), fc.array(json), json, json, (values, others, input, other) => {
        const isSame = textOf([values, input]) === textOf([others, other]);
        if (isSame) return;
        expect(digestOf(values, input)).not.toBe(digestOf(others, other));
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['a number and its text', [1], ['1']],
    ['null and its text', [null], ['null']],
    ['nothing and null', [undefined], [null]],
    ['two texts and one', ['a', 'b'], ['as1:b']],
    ['a list in a list', [[1], [2]], [[1, [2]]]],
    ['an empty list and an empty object', [[]], [{}]],
    ['a table and an object', [new Map([['a', 1]])], [{ a: 1 }]],
    ['a moment and its number', [new Date(5)], [5]],
    ['bytes and others', [new Uint8Array([1])], [new Uint8Array([2])]],
    ['a part that is there and the same one missing', [{ ok: true, value: 1 }], [{ ok: false, status: 'error' }]],
  ])('tells %s apart', (_, one, other) => {
    expect(digestOf(one)).not.toBe(digestOf(other));
  });

  it('is none for a value that no text says all of', () => {
    class Money {
      readonly #cents = 5;
      text(): string {
        return String(this.#cents);
      }
    }
    expect(digestOf([new Money()])).toBeUndefined();
    expect(digestOf([() => 1])).toBeUndefined();
    expect(digestOf([Symbol('x')])).toBeUndefined();
    const circle: unknown[] = [];
    circle.push(circle);
    expect(digestOf([circle])).toBeUndefined();
  });

  it('reads a value again that is frozen and whose members are not', () => {
    const inner = { n: 1 };
    const outer = Object.freeze({ inner });
    const before = digestOf([outer]);
    inner.n = 2;
    expect(digestOf([outer])).not.toBe(before);
  });
});
