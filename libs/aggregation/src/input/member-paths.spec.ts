import { SchemaTable, type Contract, type Operation } from '@frontage/core';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { inputOf } from './input-of.js';

const component = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const text = { type: 'string' };
const contract: Contract = {
  upstream: 'orders',
  title: 'Orders',
  version: '1',
  schemas: new SchemaTable(
    Object.entries({
      Order: {
        type: 'object',
        required: ['customer', 'lines'],
        properties: {
          customer: component('Customer'),
          lines: { type: 'array', minItems: 1, items: component('Line') },
          billing: { anyOf: [component('Address'), { type: 'null' }] },
          payment: { oneOf: [component('Line'), component('Address')] },
          note: text,
        },
      },
      Customer: {
        allOf: [
          { type: 'object', required: ['id'], properties: { id: text, rank: { type: 'integer' } } },
          {
            type: ['object', 'null'],
            properties: { address: component('Address'), friends: { type: 'array', items: component('Customer') } },
          },
        ],
      },
      Address: { type: 'object', required: ['city'], properties: { city: text, zip: text } },
      Line: {
        type: 'object',
        required: ['sku', 'price'],
        properties: { sku: text, price: { type: 'number' }, options: { type: 'array', items: component('Address') } },
      },
      'list.query': {
        type: 'object',
        properties: {
          'page.size': { type: 'integer' },
          page: { type: 'object', properties: { size: { type: 'integer' }, sort: text } },
          filter: { type: 'object', properties: { state: text, owner: text } },
        },
      },
    }).map(([name, schema]) => [name, JSON.stringify(schema)] as const),
  ),
};
interface Address {
  city: string;
  zip?: string;
}
interface Customer {
  id: string;
  rank?: number;
  address?: Address;
  friends?: Customer[];
}
interface Line {
  sku: string;
  price: number;
  options?: Address[];
}
interface Order {
  customer: Customer | null;
  lines: Line[];
  billing?: Address | null;
  payment?: Line | Address;
  note?: string;
}
const createOrder: Operation<{ body: Order }, string, Record<never, never>, 'POST'> = {
  contract,
  id: 'createOrder',
  method: 'POST',
  path: '/orders',
  body: { required: true, media: ['application/json'], schema: 'Order' },
  responses: [],
};
interface Query {
  'page.size'?: number;
  page?: { size?: number; sort?: string };
  filter?: { state?: string; owner?: string };
}
const list: Operation<{ query: Query }, string, Record<never, never>, 'GET'> = {
  contract,
  id: 'list',
  method: 'GET',
  path: '/orders',
  parameters: [
    { name: 'page.size', in: 'query' },
    { name: 'page', in: 'query' },
    { name: 'filter', in: 'query', style: 'deepObject' },
  ],
  inputs: { query: 'list.query' },
  responses: [],
};

type Schemed<T> = {
  readonly '~standard': {
    readonly types?: { readonly output: T } | undefined;
    readonly validate: (value: unknown) => unknown;
  };
};
const check = (schema: Schemed<unknown>, value: unknown) => schema['~standard'].validate(value);
/** For the compiler alone. */
const outputOf =
  <T>(schema: Schemed<T>) =>
  (): T =>
    expect.fail(`a type has no value: ${typeof schema}`);
const body = inputOf(createOrder);
const order = {
  customer: { id: 'c', rank: 1, address: { city: 'x', zip: 'z' }, friends: [{ id: 'f', rank: 2 }] },
  lines: [{ sku: 'a', price: 1, options: [{ city: 'o', zip: 'z' }] }],
  billing: { city: 'b', zip: 'z' },
  note: 'n',
};

describe('members within members of an input', () => {
  it('are picked by their paths, through lists, references and parts of a schema', () => {
    const part = body.pick('customer.id', 'customer.address.city', 'lines.sku', 'billing.city');
    expect(check(part, order)).toEqual({
      value: { customer: { id: 'c', address: { city: 'x' } }, lines: [{ sku: 'a' }], billing: { city: 'b' } },
    });
    expectTypeOf(outputOf(part)).returns.toEqualTypeOf<{
      customer: { id: string; address?: { city: string } } | null;
      lines: { sku: string }[];
      billing?: { city: string } | null;
    }>();
  });

  it('are left out by their paths', () => {
    const part = body.omit(
      'customer.rank',
      'customer.friends.rank',
      'lines.options.zip',
      'lines.price',
      'note',
      'payment',
    );
    expect(check(part, order)).toEqual({
      value: {
        customer: { id: 'c', address: { city: 'x', zip: 'z' }, friends: [{ id: 'f' }] },
        lines: [{ sku: 'a', options: [{ city: 'o' }] }],
        billing: { city: 'b', zip: 'z' },
      },
    });
    expectTypeOf(outputOf(part))
      .returns.toHaveProperty('lines')
      .toEqualTypeOf<{ sku: string; options?: { city: string }[] }[]>();
    expectTypeOf(outputOf(part)).returns.not.toHaveProperty('note');
  });

  it('keep the rules of what is left: required members, lists with an item at least, null', () => {
    const part = body.pick('customer.address.city', 'lines.sku', 'billing.city');
    expect(check(part, { customer: { address: {} }, lines: [{}], billing: null })).toMatchObject({
      issues: [{ path: ['customer', 'address', 'city'] }, { path: ['lines', '0', 'sku'] }],
    });
    expect(check(part, { customer: {}, lines: [] })).toMatchObject({ issues: [{ path: ['lines'] }] });
    expect(check(part, { lines: [{ sku: 'a' }] })).toMatchObject({ issues: [{ path: ['customer'] }] });
    expect(check(part, { customer: {}, lines: [{ sku: 'a' }], billing: null })).toMatchObject({
      value: { billing: null },
    });
    // A whole member goes before a path into it.
    expect(check(body.pick('lines', 'lines.sku'), order)).toEqual({ value: { lines: order.lines } });
    expect(check(body.pick('lines.sku', 'lines.price').omit('lines.sku'), order)).toEqual({
      value: { lines: [{ price: 1 }] },
    });
  });

  it('are those of parameters, too: a name of the contract goes before a path', () => {
    const { query } = inputOf(list);
    expect(
      check(query.pick('page.size', 'filter.state'), {
        'page.size': '3',
        size: '4',
        'filter[state]': 'open',
        'filter[owner]': 'x',
      }),
    ).toEqual({
      value: { 'page.size': 3, filter: { state: 'open' } },
    });
    expect(
      check(query.omit('page.size', 'filter.owner'), { size: '4', 'filter[owner]': 'x', 'filter[state]': 's' }),
    ).toEqual({
      value: { page: { size: 4 }, filter: { state: 's' } },
    });
  });

  it('that the contract does not declare are refused', () => {
    // @ts-expect-error '"lines.name"' is not assignable to parameter of type '"lines.sku" | "lines.price" | "lines.options"'
    expect(() => body.pick('lines.name')).toThrow(
      "pick(...) of createOrder.body: 'lines' has no member 'name'; it has sku, price, options",
    );
    // @ts-expect-error '"billing.city.name"' is not assignable to parameter of type '"billing.city"'
    expect(() => body.omit('billing.city.name')).toThrow(
      "omit(...) of createOrder.body: 'billing.city' is no object with members of its own",
    );
    // @ts-expect-error there is no such member
    expect(() => body.pick('note', 'customer.friends.friends.name')).toThrow(
      "'customer.friends.friends' has no member 'name'",
    );
    // @ts-expect-error there is no such member
    expect(() => body.omit('line.sku')).toThrow(
      "it has no member 'line'; it has customer, lines, billing, payment, note",
    );
    expect(() => body.pick('payment.sku')).toThrow("'payment' is no object with members of its own, such as a choice");
  });
});
