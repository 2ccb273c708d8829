import { describe, expect, it } from 'vitest';
import { operation } from '../fixtures/operations.js';
import { EncodeError } from './encode-value.js';
import { compileEncoder } from './encode.js';

const { target } = compileEncoder(
  operation({
    path: '/x?mode=a',
    parameters: [
      { name: 'q', in: 'query' },
      { name: 'filter', in: 'query' },
    ],
  }),
);

describe('parameters that the contract does not declare', () => {
  it('are passed on as they are, and never set a declared one', () => {
    expect(target({ query: { q: '1' }, rest: { utm: 'a&b=c', n: '1', list: ['x', 'y'] } })).toBe(
      '/x?mode=a&q=1&utm=a%26b%3Dc&n=1&list=x&list=y',
    );
    expect(target({ rest: { q: 'x', mode: 'b', 'filter[state]': 'open', 'filter.state': 'open', other: '1' } })).toBe(
      '/x?mode=a&other=1',
    );
    expect(target({ rest: {} })).toBe('/x?mode=a');
    expect(target({})).toBe('/x?mode=a');
  });

  it('are text or lists of text, and not more than 100', () => {
    for (const value of [{ a: 1 }, [{ a: 1 }], Symbol('x'), Number.NaN])
      expect(() => target({ rest: { odd: value as never } })).toThrow(EncodeError);
    const many = Object.fromEntries(Array.from({ length: 101 }, (_, n) => [`u${n}`, '1']));
    expect(() => target({ rest: many })).toThrow('rest has 101 values, where 100 at most are passed on');
  });
});
