import { describe, expect, it } from 'vitest';
import { SchemaTable, type Contract, type Integer64, type Operation } from '@frontage/core';
import { given } from '../model/schema.js';
import { parametersOf } from './contract-input.js';
import { inputOf } from './input-of.js';

const component = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const contract: Contract = {
  upstream: 'orders',
  title: 'Orders',
  version: '1',
  schemas: new SchemaTable(
    Object.entries({
      Base: {
        type: 'object',
        required: ['id', 'sku'],
        properties: { id: { type: 'string', readOnly: true }, sku: { type: 'string', minLength: 1 } },
      },
      NewOrder: {
        allOf: [
          component('Base'),
          {
            type: 'object',
            required: ['count', 'secret'],
            properties: {
              count: { type: 'integer', minimum: 1, maximum: 9 },
              account: { type: 'integer', format: 'int64' },
              secret: { type: 'string', writeOnly: true },
              tags: { type: 'array', items: { type: 'string' }, maxItems: 3 },
              parts: { type: 'array', items: component('NewOrder') },
              payment: component('Payment'),
              notes: { type: 'object', additionalProperties: { type: 'string' } },
            },
          },
        ],
      },
      Payment: {
        oneOf: [component('Card'), component('Cash')],
        discriminator: { propertyName: 'kind', mapping: { card: '#/components/schemas/Card' } },
      },
      Card: {
        type: 'object',
        required: ['kind', 'number'],
        properties: { kind: { const: 'card' }, number: { type: 'string', pattern: '^[0-9]{4}$' } },
      },
      Deep: {
        type: 'object',
        properties: {
          count: { type: 'integer' },
          ids: { type: 'array', items: { type: 'integer' } },
          next: component('Deep'),
        },
      },
      Cash: { type: 'object', required: ['kind'], properties: { kind: { const: 'cash' } } },
      'list.query': {
        type: 'object',
        required: ['customer'],
        properties: {
          customer: { type: 'string' },
          limit: { type: 'integer', minimum: 1, maximum: 50 },
          open: { type: 'boolean' },
          ids: { type: 'array', items: { type: 'integer', format: 'int64' } },
          codes: { type: 'array', items: { type: 'string' } },
          filter: { type: 'object', properties: { state: { type: 'string' }, range: { type: 'object' } } },
          page: {
            type: 'object',
            properties: { size: { type: 'integer' }, sort: { type: 'array', items: { type: 'string' } } },
          },
          where: { type: 'object', required: ['a'], properties: { a: { type: 'integer' } } },
          deep: component('Deep'),
        },
      },
      'list.header': { type: 'object', properties: { 'X-Tenant': { type: 'string' } } },
    }).map(([name, schema]) => [name, JSON.stringify(schema)] as const),
  ),
};

interface NewOrder {
  sku: string;
  count: number;
  account?: Integer64;
  secret: string;
  tags?: string[];
  parts?: NewOrder[];
  payment?: { kind: 'card'; number: string } | { kind: 'cash' };
  notes?: Record<string, string>;
}
const createOrder: Operation<{ body: NewOrder }, string, Record<never, never>, 'POST'> = {
  contract,
  id: 'createOrder',
  method: 'POST',
  path: '/orders',
  body: { required: true, media: ['application/json'], schema: 'NewOrder' },
  responses: [],
};
interface Query {
  customer: string;
  limit?: number;
  open?: boolean;
  ids?: Integer64[];
  codes?: string[];
  filter?: { state?: string; range?: unknown };
  page?: { size?: number; sort?: string[] };
  where?: { a: number };
  deep?: Deep;
}
interface Deep {
  count?: number;
  ids?: number[];
  next?: Deep;
}
const list: Operation<{ query: Query; header?: { 'X-Tenant'?: string } }, string, Record<never, never>, 'GET'> = {
  contract,
  id: 'list',
  method: 'GET',
  path: '/orders',
  parameters: [
    { name: 'customer', in: 'query', required: true },
    { name: 'limit', in: 'query' },
    { name: 'open', in: 'query' },
    { name: 'ids', in: 'query', integer64: 'int64' },
    { name: 'codes', in: 'query', explode: false },
    { name: 'filter', in: 'query', style: 'deepObject' },
    { name: 'page', in: 'query' },
    { name: 'where', in: 'query', content: 'application/json' },
    { name: 'deep', in: 'query', style: 'deepObject' },
    { name: 'X-Tenant', in: 'header' },
  ],
  inputs: { query: 'list.query', header: 'list.header' },
  responses: [],
};

type Checked =
  { readonly value: unknown } | { readonly issues: readonly { readonly message: string; readonly path?: unknown }[] };
const check = (schema: { readonly '~standard': { readonly validate: (value: unknown) => unknown } }, value: unknown) =>
  schema['~standard'].validate(value) as Checked;
const order = { sku: 'a', count: 2, secret: 's' };
const body = inputOf(createOrder);

describe('the body of an operation as an input', () => {
  it('takes what the contract takes, and nothing that only responses have', () => {
    expect(check(body, order)).toEqual({ value: order });
    // The client sends what it read: members of responses and unknown ones go no further.
    expect(check(body, { ...order, id: 'x', isAdmin: true })).toEqual({ value: order });
    const nested = { ...order, parts: [order], payment: { kind: 'card', number: '1234' }, notes: { any: 'text' } };
    const sent = { ...nested, parts: [{ ...order, role: 'admin' }], payment: { ...nested.payment, vip: true } };
    expect(check(body, sent)).toEqual({ value: nested });
  });

  it.each<[string, unknown, readonly (readonly [path: readonly string[], message: string])[]]>([
    ['nothing', undefined, [[[], 'The value is missing.']]],
    ['a list', [], [[[], 'The value must be object.']]],
    [
      'missing and wrong members',
      { sku: '', count: 10 },
      [
        [['sku'], 'The value must NOT have fewer than 1 characters.'],
        [['secret'], 'The member is missing.'],
        [['count'], 'The value must be <= 9.'],
      ],
    ],
    [
      'a wrong item far within',
      { ...order, parts: [{ ...order, tags: [1] }] },
      [[['parts', '0', 'tags', '0'], 'The value must be string.']],
    ],
    ['an int64 in words', { ...order, account: 'many' }, [[['account'], expect.stringContaining('integer') as never]]],
  ])('names each mistake of %s with its place', (_what, value, mistakes) => {
    const found = check(body, value);
    const issues = 'issues' in found ? found.issues.map(({ path, message }) => [path ?? [], message]) : [];
    expect(issues).toEqual(expect.arrayContaining(mistakes.map((one) => [...one])));
  });

  it('takes 64-bit integers as numbers and as text', () => {
    for (const account of [7, '9007199254740993', '-1'])
      expect(check(body, { ...order, account })).toEqual({ value: { ...order, account } });
  });

  it('repeats nothing of what was sent, and names a bounded number of mistakes', () => {
    const found = check(body, {
      ...order,
      parts: Array.from({ length: 300 }, () => ({ sku: 'hidden-text', count: 99 })),
    });
    const issues = 'issues' in found ? found.issues : [];
    expect(issues.length).toBeGreaterThan(10);
    expect(issues.length).toBeLessThanOrEqual(50);
    expect(JSON.stringify(issues)).not.toContain('hidden-text');
    const large = check(body, { ...order, parts: Array.from({ length: 5000 }, () => ({})) });
    expect('issues' in large && large.issues.length).toBe(1);
  });

  it('may be a part of it', () => {
    expect(check(body.pick('sku', 'count'), { ...order, extra: 1 })).toEqual({ value: { sku: 'a', count: 2 } });
    expect(check(body.omit('secret').pick('sku'), { sku: 'a' })).toEqual({ value: { sku: 'a' } });
    expect(check(body.omit('secret'), { sku: 'a' })).toMatchObject({ issues: [{ path: ['count'] }] });
    // @ts-expect-error the contract has no such member
    expect(() => body.pick('price')).toThrow(
      "pick(...) of createOrder.body: it has no member 'price'; it has sku, count",
    );
    // @ts-expect-error an id is never sent
    expect(() => body.omit('id')).toThrow("it has no member 'id'");
  });

  it('says itself as JSON Schema, with the schemas that it needs', () => {
    const { jsonSchema } = body['~standard'] as unknown as { jsonSchema: { input(): Record<string, unknown> } };
    const document = jsonSchema.input();
    expect(document).toMatchObject({ $ref: '#/$defs/orders.NewOrderInput' });
    expect(Object.keys(document['$defs'] as object).toSorted()).toEqual(
      ['Base', 'Card', 'Cash', 'NewOrder', 'Payment'].map((name) => `orders.${name}Input`),
    );
    expect(JSON.stringify(document)).not.toContain('readOnly');
  });
});

describe('the parameters of an operation as an input', () => {
  const { query, header } = inputOf(list);

  it.each<[string, unknown, unknown]>([
    ['numbers and booleans', { customer: '7', limit: '3', open: 'true' }, { customer: '7', limit: 3, open: true }],
    ['one value of a list', { customer: 'c', ids: '9007199254740993' }, { customer: 'c', ids: ['9007199254740993'] }],
    ['several', { customer: 'c', ids: ['1', '2'], codes: 'a,b' }, { customer: 'c', ids: [1, 2], codes: ['a', 'b'] }],
    [
      'objects in the style of the contract',
      { customer: 'c', 'filter[state]': 'open', 'filter[range][from]': '1', size: '5', sort: 'a', where: '{"a":1}' },
      {
        customer: 'c',
        filter: { state: 'open', range: { from: '1' } },
        page: { size: 5, sort: ['a'] },
        where: { a: 1 },
      },
    ],
    [
      'numbers and lists within an object',
      { customer: 'c', 'deep[count]': '2', 'deep[ids][0]': '1', 'deep[ids][1]': '2', 'deep[next][count]': '3' },
      { customer: 'c', deep: { count: 2, ids: [1, 2], next: { count: 3 } } },
    ],
    ['names that are not declared', { customer: 'c', admin: '1', constructor: 'x' }, { customer: 'c' }],
  ])('are read from text: %s', (_what, sent, value) => {
    expect(check(query, sent)).toEqual({ value });
  });

  it.each<[unknown, readonly string[]]>([
    [{}, ['customer']],
    [{ customer: 'c', limit: '1e3' }, ['limit']],
    [{ customer: 'c', limit: ['1', '2'] }, ['limit']],
    [{ customer: 'c', limit: '' }, ['limit']],
    [{ customer: 'c', open: 'yes' }, ['open']],
    [{ customer: 'c', where: '{' }, ['where']],
    [{ customer: 'c', where: '{"a":"x"}' }, ['where', 'a']],
    [{ customer: ['a', 'b'] }, ['customer']],
    [{ customer: 'c', 'deep[count]': 'two' }, ['deep', 'count']],
  ])('%j is refused with its place', (sent, path) => {
    expect(check(query, sent)).toMatchObject({ issues: expect.arrayContaining([expect.objectContaining({ path })]) });
  });

  it('may be a part of it, and keep the styles', () => {
    const part = query.pick('limit', 'filter');
    expect(check(part, { limit: '2', customer: 'c' })).toEqual({ value: { limit: 2 } });
    expect(parametersOf(part)?.map(({ name }) => name)).toEqual(['limit', 'filter']);
  });

  it('keep other parameters by declaration alone', () => {
    const rest = query.pick('customer', 'page').rest();
    expect(check(rest, { customer: 'c', size: '1', utm: 'a', more: ['b', 'c'] })).toEqual({
      value: { customer: 'c', page: { size: 1 }, rest: { utm: 'a', more: ['b', 'c'] } },
    });
  });

  it('of headers are found in any case, and may be absent', () => {
    expect(check(header, { 'x-tenant': 't', cookie: 'secret' })).toEqual({ value: { 'X-Tenant': 't' } });
    expect(check(header, undefined)).toEqual({ value: undefined });
  });
});

it('a client that was generated before inputs had names has to be generated again', () => {
  const old = { ...createOrder, body: { media: ['application/json'], schema: 'Gone' } };
  expect(() => inputOf(old)).toThrow('frontage upstream update');
  expect(given).toBeTypeOf('function');
});
