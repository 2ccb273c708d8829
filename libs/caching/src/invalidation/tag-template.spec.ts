import { SchemaTable, type OperationInfo } from '@frontage/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tagMark } from './marks.js';
import { canMeet, compileTags } from './tag-template.js';

const info: Pick<OperationInfo, 'id' | 'parameters' | 'body' | 'contract'> = {
  id: 'getItem',
  contract: { upstream: 'shop', title: 'Shop', version: '1', schemas: new SchemaTable([]) },
  parameters: [
    { name: 'id', in: 'path', required: true },
    { name: 'id', in: 'query' },
    { name: 'list', in: 'query' },
  ],
  body: { media: ['application/json'] },
};
const ada = { subject: 'ada', tenant: 'acme' };

const marks = (...tags: readonly string[]) => tags.map(tagMark);

describe('a template of tags', () => {
  it.each([
    ['all', {}, undefined, ['all']],
    ['cart:{caller}', {}, ada, ['cart:ada']],
    ['cart:{caller}', {}, undefined, ['cart:']],
    ['{tenant}/{caller}', {}, ada, ['acme/ada']],
    ['item:{path.id}', { path: { id: 7 } }, ada, ['item:7']],
    ['item:{query.id}', { query: { id: 'a:b' } }, ada, ['item:a%3Ab']],
    ['item:{query.id}', {}, ada, ['item:']],
    ['item:{list}', { query: { list: ['a', 'b', 'a'] } }, ada, ['item:a', 'item:b']],
    ['{list}:{caller}', { query: { list: ['a', 'b'] } }, ada, ['a:ada', 'b:ada']],
    ['item:{body.product.id}', { body: { product: { id: 9 } } }, ada, ['item:9']],
    ['item:{body.product.id}', { body: 'text' }, ada, ['item:']],
    ['on:{body.at}', { body: { at: new Date(0) } }, ada, ['on:1970-01-01T00%3A00%3A00.000Z']],
  ] as const)('%s of %j', (template, args, asker, tags) => {
    expect(compileTags([template], info)(args, asker)).toEqual(marks(...tags));
  });

  it('writes a bigint as its digits', () => {
    const tagsOf = compileTags(['{body.id}', '{list}'], info);
    expect(tagsOf({ body: { id: 2n ** 60n }, query: { list: { of: 7n } } }, ada)).toEqual(
      marks('1152921504606846976', '%7B%22of%22%3A%227%22%7D'),
    );
  });

  it.each([
    [
      'item:{ids}',
      "shop.getItem: the tag 'item:{ids}' names {ids}, which is no parameter: there are {caller}, {tenant}, {id}, {list}, {body.<member>}",
    ],
    ['item:{id}', 'names {id}, which is in path and in query: write {path.id}'],
    ['item:{body}', 'names {body}, which is no parameter'],
    ['item:{', 'is no template'],
    ['item:}', 'is no template'],
    ['', 'is no template'],
  ])('%j is refused with the names that there are', (template, message) => {
    expect(() => compileTags([template], info)).toThrow(message);
  });

  it('gives no tags where a list would make more than 100', () => {
    const tagsOf = compileTags(['item:{list}', 'all'], info);
    expect(tagsOf({ query: { list: Array.from({ length: 99 }, (_, at) => at) } }, ada)).toHaveLength(100);
    expect(tagsOf({ query: { list: Array.from({ length: 100 }, (_, at) => at) } }, ada)).toBeUndefined();
    const unbounded = compileTags(['item:{list}'], info, Infinity);
    expect(unbounded({ query: { list: Array.from({ length: 5_000 }, (_, at) => at) } }, ada)).toHaveLength(5_000);
  });

  it('R2: gives two callers or two values no tag in common, whatever they hold', () => {
    const tagsOf = compileTags(['cart:{caller}:{tenant}'], info);
    const text = fc.string({
      unit: fc.constantFrom('a', ':', '%', '3', 'A', '{', '}', '/', '\u{1f600}'),
      maxLength: 4,
    });
    const asker = fc.record({ subject: text, tenant: text });
    fc.assert(
      fc.property(asker, asker, (one, other) => {
        const isSame = one.subject === other.subject && one.tenant === other.tenant;
        expect(JSON.stringify(tagsOf({}, one)) === JSON.stringify(tagsOf({}, other))).toBe(isSame);
      }),
    );
  });

  it('tells whether it can ever be the tag of another one', () => {
    expect(canMeet('product:{id}', 'product:{productId}')).toBe(true);
    expect(canMeet('product:{id}', 'product:7')).toBe(true);
    expect(canMeet('product:{id}', 'products:{id}')).toBe(false);
    expect(canMeet('all', 'al')).toBe(false);
    expect(canMeet('a.c', 'abc')).toBe(false);
  });
});
