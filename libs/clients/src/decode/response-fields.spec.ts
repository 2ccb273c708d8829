import type { ResponseHeaderSpec } from '@frontage/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { operation } from '../fixtures/operations.js';
import { compileFields } from './response-fields.js';

const read = (spec: ResponseHeaderSpec, sent: string | string[] | undefined): unknown =>
  compileFields(operation({ headers: [spec] }))?.({ [spec.name.toLowerCase()]: sent })[spec.name];

describe('a declared header of a response', () => {
  it.each<[string, Omit<ResponseHeaderSpec, 'name'>, string | string[] | undefined, unknown]>([
    ['a text', {}, '"abc"', '"abc"'],
    ['an empty text', {}, '', ''],
    ['several fields as one list', {}, ['<a>; rel=next', '<b>'], '<a>; rel=next, <b>'],
    ['an integer', { type: 'integer' }, ' 12 ', 12],
    ['a fraction as an integer', { type: 'integer' }, '1.5', undefined],
    ['an integer beyond 2^53', { type: 'integer' }, '9007199254740993', undefined],
    ['an integer in hexadecimal', { type: 'integer' }, '0x10', undefined],
    ['no number', { type: 'number' }, 'NaN', undefined],
    ['a number', { type: 'number' }, '-1.5e3', -1500],
    ['an endless number', { type: 'number' }, '1e999', undefined],
    ['a truth', { type: 'boolean' }, 'true', true],
    ['another truth', { type: 'boolean' }, 'yes', undefined],
    ['a list', { list: true }, 'a, b,,c', ['a', 'b', 'c']],
    ['a list over several fields', { list: true, type: 'integer' }, ['1,2', '3'], [1, 2, 3]],
    ['a list with another value', { list: true, type: 'integer' }, '1,x', undefined],
    ['a list with quoted commas', { list: true }, '"a, b", c', ['"a, b"', 'c']],
    ['an empty list', { list: true }, '', []],
    ['nothing', {}, undefined, undefined],
    ['a field of more than 8 KiB', {}, 'x'.repeat(9_000), undefined],
  ])('is read as %s', (_, spec, sent, value) => {
    expect(read({ name: 'X-Value', ...spec }, sent)).toEqual(value);
  });

  it('is found by its name only', () => {
    const fields = compileFields(operation({ headers: [{ name: 'X-A' }, { name: 'toString' }] }));
    expect(fields?.({ 'x-a': '1', 'set-cookie': ['a=b'], 'x-b': '2' })).toEqual({ 'X-A': '1' });
    expect(compileFields(operation())).toBeUndefined();
  });

  it('never throws, and is of its type', () => {
    const types = [undefined, 'integer', 'number', 'boolean'] as const;
    fc.assert(
      fc.property(fc.constantFrom(...types), fc.boolean(), fc.string({ unit: 'binary' }), (type, list, text) => {
        const value = read({ name: 'v', ...(type && { type }), ...(list && { list }) }, text);
        if (value === undefined) return;
        const wanted = type === undefined ? 'string' : type === 'boolean' ? 'boolean' : 'number';
        for (const one of Array.isArray(value) ? (value as readonly unknown[]) : [value])
          expect(typeof one).toBe(wanted);
        expect(Array.isArray(value)).toBe(list);
      }),
    );
  });

  it('takes time in proportion to the length of the field', () => {
    for (const piece of ['"', ',', '"\\', ' ,', 'a"'])
      expect(() => read({ name: 'v', list: true }, piece.repeat(4_000))).not.toThrow();
  });
});
