import { SchemaTable, type Contract, type JsonSchema } from '@frontage/core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { contractViolation } from './contract-violation.js';
import { referenceTo, SchemaDocument } from '../schema-document.js';

function misfitOf(value: unknown, schemas: Readonly<Record<string, JsonSchema>>): string | undefined {
  const texts = Object.entries(schemas).map(([name, schema]) => [name, JSON.stringify(schema)] as const);
  const contract: Contract = { upstream: 'up', title: 'Up', version: '1', schemas: new SchemaTable(texts) };
  const document = new SchemaDocument();
  document.ofContract(contract, 'Root');
  return contractViolation(value, { $ref: referenceTo('up.Root') }, document, 'part');
}

const tree: JsonSchema = {
  type: 'object',
  required: ['name'],
  properties: { name: { type: 'string' }, children: { type: 'array', items: { $ref: '#/components/schemas/Root' } } },
};

it.each<[string | undefined, unknown, JsonSchema]>([
  [undefined, { name: 'a', children: [{ name: 'b' }], extra: 7 }, tree],
  ['part.children[1].name is missing', { name: 'a', children: [{ name: 'b' }, {}] }, tree],
  ['part.children[0].children is of type string', { name: 'a', children: [{ name: 'b', children: '' }] }, tree],
  ['part is null', null, { type: 'string' }],
  [undefined, null, { type: ['string', 'null'] }],
  [undefined, 7, { anyOf: [{ type: 'string' }, { type: 'integer' }] }],
  ['part is of type boolean', true, { anyOf: [{ type: 'string' }, { type: 'integer' }] }],
  [undefined, { a: [1, {}] }, true],
  ['part.b is missing', { a: 1 }, { allOf: [{ type: 'object', required: ['a'] }, { required: ['b'] }] }],
])('a value: %s', (expected, value, schema) => {
  expect(misfitOf(value, { Root: schema })).toBe(expected);
});

it('a value that is taken apart anywhere in a tree is found', () => {
  const { node } = fc.letrec<{ node: { name?: string; children: unknown[] } }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 3 },
      fc.record({ name: fc.string(), children: fc.constant<unknown[]>([]) }),
      fc.record({ name: fc.string(), children: fc.array(tie('node'), { maxLength: 3 }) }),
    ),
  }));
  fc.assert(
    fc.property(node, fc.nat(), (root, position) => {
      expect(misfitOf(root, { Root: tree })).toBeUndefined();
      const all: { name?: string; children: unknown[] }[] = [root];
      for (const one of all) all.push(...(one.children as typeof all));
      delete all[position % all.length]?.name;
      expect(misfitOf(root, { Root: tree })).toMatch(/^part(?:\.children\[\d+\])*\.name is missing$/);
    }),
  );
});
