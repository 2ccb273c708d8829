import { describe, expect, it } from 'vitest';
import { SchemaTable, type Contract, type Operation } from '@frontage/core';
import { isContractInput, parametersOf } from './contract-input.js';
import { inputOf } from './input-of.js';

const contractOf = (upstream: string, query: object): Contract => ({
  upstream,
  title: upstream,
  version: '1',
  schemas: new SchemaTable([
    ['list.query', JSON.stringify(query)],
    ['Range', JSON.stringify({ type: 'object', required: ['from'], properties: { from: { type: 'string' } } })],
  ]),
});

function listOf<Q>(upstream: string, query: object, names: readonly string[]): Operation<{ query: Q }, string, object> {
  return {
    contract: contractOf(upstream, query),
    id: 'list',
    method: 'GET',
    path: '/',
    parameters: names.map((name) => ({ name, in: 'query', ...(name === 'range' && { style: 'deepObject' as const }) })),
    inputs: { query: 'list.query' },
    responses: [],
  };
}

const orders = listOf<{ customer: string; limit?: number }>(
  'orders',
  {
    type: 'object',
    required: ['customer'],
    properties: { customer: { type: 'string' }, limit: { type: 'integer', maximum: 50 } },
  },
  ['customer', 'limit'],
);
const stock = listOf<{ range?: { from: string }; limit?: number }>(
  'stock',
  {
    type: 'object',
    properties: { range: { $ref: '#/components/schemas/Range' }, limit: { type: 'integer', minimum: 5 } },
  },
  ['range', 'limit'],
);
const joined = inputOf(orders).query.pick('customer', 'limit').and(inputOf(stock).query);
const check = (value: unknown) => joined['~standard'].validate(value);

describe('parameters of two operations', () => {
  it('are read as each contract writes them, and nothing else goes further', () => {
    expect(check({ customer: 'ada', 'range[from]': '3', isAdmin: 'true' })).toEqual({
      value: { customer: 'ada', range: { from: '3' } },
    });
  });

  it('of one name fit both contracts', () => {
    expect(check({ customer: 'ada', limit: '7' })).toEqual({ value: { customer: 'ada', limit: 7 } });
    for (const limit of ['4', '51'])
      expect(check({ customer: 'ada', limit })).toMatchObject({ issues: [{ path: ['limit'] }] });
  });

  it('name the mistakes of both', () => {
    expect(check({ 'range[to]': 'x' })).toMatchObject({
      issues: [{ path: ['customer'] }, { path: ['range', 'from'] }],
    });
  });

  it('stand in the document with their schemas and styles, like those of one operation', () => {
    expect(isContractInput(joined)).toBe(true);
    expect(parametersOf(joined)?.map(({ name }) => name)).toEqual(['customer', 'limit', 'range', 'limit']);
    const standard: object = joined['~standard'];
    expect(standard).toHaveProperty('jsonSchema');
    const { jsonSchema } = standard as { jsonSchema: { input: () => unknown } };
    expect(jsonSchema.input()).toEqual({
      type: 'object',
      required: ['customer'],
      properties: {
        customer: { type: 'string' },
        limit: { allOf: [expect.objectContaining({ maximum: 50 }), expect.objectContaining({ minimum: 5 })] },
        range: { $ref: '#/$defs/stock.RangeInput' },
      },
      $defs: { 'stock.RangeInput': expect.objectContaining({ required: ['from'] }) },
    });
  });

  it('may be joined with those of a third', () => {
    const three = joined.and(inputOf(orders).query.pick('customer'));
    expect(three['~standard'].validate({ customer: 'ada' })).toEqual({ value: { customer: 'ada' } });
  });
});
