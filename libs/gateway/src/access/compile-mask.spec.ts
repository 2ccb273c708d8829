import { describe, expect, it } from 'vitest';
import { compileMask } from './compile-mask.js';

const schema = {
  type: 'object',
  required: ['user', 'orders', 'total', 'note'],
  properties: {
    user: { $ref: '#/components/schemas/users.User' },
    orders: {
      type: 'array',
      items: { allOf: [{ $ref: '#/components/schemas/Base' }, { properties: { price: { type: 'number' } } }] },
    },
    total: { type: ['number', 'null'] },
    note: { anyOf: [{ type: 'string' }, { type: 'null' }] },
    stock: { type: 'object', additionalProperties: { type: 'object', properties: { left: { type: 'number' } } } },
    pay: {
      oneOf: [
        {
          type: 'object',
          required: ['kind', 'iban'],
          properties: { kind: { const: 'bank' }, iban: { type: 'string' } },
        },
        { type: 'object', required: ['kind'], properties: { kind: { const: 'card' }, iban: { type: 'string' } } },
      ],
    },
  },
};
const components = {
  'users.User': { type: 'object', required: ['id'], properties: { id: { type: 'string' }, email: { type: 'string' } } },
  Base: {
    type: 'object',
    required: ['id', 'buyer'],
    properties: { id: { type: 'string' }, buyer: { type: ['string', 'null'] } },
  },
};
const maskOf = (...paths: string[]) => {
  const mask = compileMask({ schema, components }, paths);
  return typeof mask === 'string' ? mask : plain(mask);
};
const plain = (mask: ReadonlyMap<string, unknown>): unknown =>
  Object.fromEntries([...mask].map(([name, how]) => [name, how instanceof Map ? plain(how) : how]));

describe('the way to take a member out', () => {
  it.each<[string, unknown]>([
    ['user.email', { user: { email: 'remove' } }],
    ['total', { total: 'null' }],
    ['note', { note: 'null' }],
    ['stock', { stock: 'remove' }],
    ['orders.price', { orders: { price: 'remove' } }],
    ['orders.buyer', { orders: { buyer: 'null' } }],
    ['stock.lamp.left', { stock: { lamp: { left: 'remove' } } }],
  ])('follows from its schema: %s', (path, expected) => {
    expect(maskOf(path)).toEqual(expected);
  });

  it.each(['user.id', 'user', 'orders.id', 'pay.iban'])(
    'is not possible where it is required and not nullable: %s',
    (path) => {
      expect(maskOf(path)).toBe(`the policy masks "${path}", which is required and not nullable`);
    },
  );

  it('is nothing where the response has no such member', () => {
    expect(maskOf('nothing')).toEqual({});
    expect(maskOf('user.nothing', 'user.email', 'stock')).toEqual({ user: { email: 'remove' }, stock: 'remove' });
  });

  it('is the whole member where one path leads into another', () => {
    expect(maskOf('stock', 'stock.lamp')).toEqual({ stock: 'remove' });
    expect(maskOf('stock.lamp', 'stock')).toEqual({ stock: 'remove' });
  });
});
