import { describe, expect, it } from 'vitest';
import type { ParameterSpec } from '@frontage/core';
import { operation } from '../fixtures/operations.js';
import { EncodeError } from './encode-value.js';
import { compileEncoder } from './encode.js';

const queryOf = (spec: Partial<ParameterSpec>, value: unknown): string =>
  compileEncoder(operation({ path: '/x', parameters: [{ name: 'p', in: 'query', ...spec }] }))
    .target({ query: { p: value } })
    .slice('/x?'.length);

describe('an object or a list within an exploded parameter', () => {
  it.each<[unknown, string]>([
    // Spring's Pageable.
    [{ page: 0, size: 20, sort: ['name,asc', 'id'] }, 'page=0&size=20&sort=name%2Casc&sort=id'],
    [{ sort: [] }, ''],
    [{ sort: [null, 'id'], page: 1 }, 'sort=id&page=1'],
    [{ range: { from: 1, to: 2 }, q: 'a b' }, 'range.from=1&range.to=2&q=a%20b'],
    [{ range: { of: { from: '&' } } }, 'range.of.from=%26'],
    [{ range: { in: ['a', 'b'] } }, 'range.in=a&range.in=b'],
    [{ lines: [{ sku: 'a', n: 1 }, { sku: 'b' }] }, 'lines%5B0%5D.sku=a&lines%5B0%5D.n=1&lines%5B1%5D.sku=b'],
    [[{ id: 1 }, { id: 2, tags: ['x', 'y'] }], 'p%5B0%5D.id=1&p%5B1%5D.id=2&p%5B1%5D.tags=x&p%5B1%5D.tags=y'],
    [['a', { id: 1 }, {}], 'p=a&p%5B1%5D.id=1'],
    [[[1, 2], [3]], 'p%5B0%5D=1&p%5B0%5D=2&p%5B1%5D=3'],
  ])('%j is written as binders of Spring and ASP.NET Core read it', (value, written) => {
    expect(queryOf({}, value)).toBe(written);
  });

  it('never gets a name that reads as one more level', () => {
    for (const value of [{ a: { 'b.c': 1 } }, { 'a[0]': { b: 1 } }, [{ 'a]': 1 }]])
      expect(() => queryOf({}, value)).toThrow(/with a dot or a bracket/);
  });

  it('is refused where the value holds itself', () => {
    const endless: Record<string, unknown> = {};
    endless['self'] = endless;
    expect(() => queryOf({}, { endless })).toThrow('deeper than 32 objects');
  });

  it.each<Partial<ParameterSpec>>([
    { explode: false },
    { style: 'pipeDelimited' },
    { style: 'spaceDelimited' },
    { in: 'cookie' },
    { in: 'header' },
  ])('has no way in %j and is refused', (spec) => {
    const { target, headers } = compileEncoder(
      operation({ path: '/x', parameters: [{ name: 'p', in: 'query', ...spec }] }),
    );
    for (const value of [{ a: { b: 1 } }, [{ a: 1 }], [[1]]]) {
      const group = { p: value };
      expect(() => {
        target({ query: group });
        headers?.({ header: group, cookie: group }, []);
      }).toThrow(EncodeError);
    }
  });
});

describe('a required list without items', () => {
  const sent = (spec: Partial<ParameterSpec>): string =>
    compileEncoder(
      operation({ path: '/x', parameters: [{ name: 'ids', in: 'query', required: true, ...spec }] }),
    ).target({
      query: { ids: [] },
    });

  it('goes out as its contract says it may', () => {
    expect(sent({ emptyList: 'name' })).toBe('/x?ids=');
    expect(sent({ emptyList: 'nothing' })).toBe('/x');
  });

  it('does not go out where the contract does not say so', () => {
    expect(() => sent({})).toThrow('query parameter "ids" is an empty list, which the contract does not allow');
    expect(() => sent({ explode: false })).toThrow(EncodeError);
  });
});
