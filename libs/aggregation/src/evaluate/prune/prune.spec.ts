import { SchemaTable, type Contract, type JsonSchema } from '@frontage/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BadPayload, type EvaluationScope } from '../scope/evaluation-scope.js';
import { arbitraryOf, undeclared } from '../../fixtures/schema-arbitrary.js';
import { Pruners } from './prune.js';
import { referenceTo, SchemaDocument } from '../../schema/schema-document.js';

const scope: EvaluationScope = { values: [], input: {}, slots: [], repair: () => undefined };
const origin = { part: 0, itemSlot: undefined, path: 'part' };

function prunerOf(schemas: Readonly<Record<string, JsonSchema>>) {
  const contract: Contract = {
    upstream: 'up',
    title: 'Up',
    version: '1',
    schemas: new SchemaTable(Object.entries(schemas).map(([name, schema]) => [name, JSON.stringify(schema)])),
  };
  const document = new SchemaDocument();
  document.ofContract(contract, 'Root');
  const prune = new Pruners(document).of({ $ref: referenceTo('up.Root') });
  return { document, prune: (value: unknown) => (prune === undefined ? value : prune(value, scope, origin)) };
}
const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const text = { type: 'string' };
const object = (properties: Readonly<Record<string, unknown>>, required: readonly string[] = []) => ({
  type: 'object',
  properties,
  required,
});

describe('the kept part of a subtree', () => {
  it('are the members that an object declares, merged over allOf', () => {
    const { prune } = prunerOf({
      Root: { allOf: [ref('Base'), object({ own: text, nested: ref('Base') })] },
      Base: object({ id: text }, ['id']),
    });
    expect(prune({ id: '1', own: 'o', nested: { id: '2', cost: 9 }, cost: 9 })).toEqual({
      id: '1',
      own: 'o',
      nested: { id: '2' },
    });
  });

  it.each<[string, Readonly<Record<string, JsonSchema>>, unknown, unknown]>([
    ['a map with a description', { Root: { allOf: [ref('Map'), { description: 'x' }] } }, { a: '1' }, { a: '1' }],
    ['a map behind two parts', { Root: { allOf: [{ allOf: [ref('Map')] }] } }, { a: '1' }, { a: '1' }],
    ['an open object', { Root: { allOf: [ref('Open'), { title: 'x' }] } }, { a: [1] }, { a: [1] }],
    [
      'a map beside members',
      { Root: { allOf: [object({ n: text }), ref('Map')] } },
      { n: '1', a: '2' },
      { n: '1', a: '2' },
    ],
    ['names that match', { Root: { allOf: [ref('Match')] } }, { xa: '1', b: '2' }, { xa: '1' }],
    ['members alone', { Root: { allOf: [object({ n: text }), { description: 'x' }] } }, { n: '1', a: '2' }, { n: '1' }],
  ])('are the members without a name in allOf, too: %s', (_, schemas, value, kept) => {
    const { prune } = prunerOf({
      ...schemas,
      Map: { type: 'object', additionalProperties: text },
      Open: { type: 'object' },
      Match: { type: 'object', patternProperties: { '^x': text } },
    });
    expect(prune(value)).toEqual(kept);
  });

  it('are those of the variants that take the value, where one looks like it and does not', () => {
    const size = object({ size: { type: 'integer' }, deep: object({ n: text }, ['n']) });
    const { prune } = prunerOf({
      Root: { anyOf: [ref('Size'), ref('Sizes'), ref('Other')] },
      Size: size,
      Sizes: { type: 'object', additionalProperties: ref('Size') },
      Other: object({ deep: object({ m: text }, ['m']) }),
    });
    expect(prune({ size: 1 })).toEqual({ size: 1 });
    expect(prune({ a: { size: 1, x: 2 } })).toEqual({ a: { size: 1 } });
    expect(prune({ size: 1, deep: { n: '1', x: '2' } })).toEqual({ size: 1, deep: { n: '1' } });
    expect(() => prune({ size: 1, deep: { x: '2' } })).toThrow(BadPayload);
  });

  it('follows recursion', () => {
    const { prune } = prunerOf({ Root: object({ name: text, children: { type: 'array', items: ref('Root') } }) });
    expect(prune({ name: 'a', children: [{ name: 'b', margin: 1, children: [{ margin: 2 }] }] })).toEqual({
      name: 'a',
      children: [{ name: 'b', children: [{}] }],
    });
  });

  it('follows recursion through merged members', () => {
    const { prune } = prunerOf({
      Root: {
        allOf: [object({ child: ref('Root') }), object({ child: { description: 'below' } }), object({ n: text })],
      },
    });
    expect(prune({ n: '1', child: { n: '2', x: 1, child: { n: '3', x: 1 } } })).toEqual({
      n: '1',
      child: { n: '2', child: { n: '3' } },
    });
  });

  it('is every member of a dictionary, each as its schema says', () => {
    const { prune } = prunerOf({ Root: { type: 'object', additionalProperties: object({ n: text }) } });
    expect(prune({ a: { n: '1', x: 1 }, b: null })).toEqual({ a: { n: '1' }, b: null });
  });

  it('is everything where the contract declares no members at all, or any', () => {
    expect(prunerOf({ Root: { type: 'object' } }).prune({ a: { b: 1 } })).toEqual({ a: { b: 1 } });
    expect(
      prunerOf({ Root: { ...object({ a: text }), additionalProperties: true } }).prune({ a: '1', b: [1] }),
    ).toEqual({ a: '1', b: [1] });
    expect(prunerOf({ Root: {} }).prune({ a: 1 })).toEqual({ a: 1 });
  });

  it('goes by pattern where names are declared by pattern', () => {
    const { prune } = prunerOf({
      Root: { type: 'object', patternProperties: { '^x-': text }, additionalProperties: false },
    });
    expect(prune({ 'x-a': '1', y: '2' })).toEqual({ 'x-a': '1' });
  });

  it('is the default variant where the discriminator names none (OpenAPI 3.2)', () => {
    const { prune } = prunerOf({
      Root: {
        oneOf: [ref('Cat'), ref('Other')],
        discriminator: {
          propertyName: 'kind',
          mapping: { cat: '#/components/schemas/Cat' },
          defaultMapping: '#/components/schemas/Other',
        },
      },
      Cat: object({ kind: text, lives: text }),
      Other: object({ kind: text, name: text }),
    });
    const sent = { lives: '9', name: 'n', cost: 1 };
    expect(prune({ kind: 'cat', ...sent })).toEqual({ kind: 'cat', lives: '9' });
    expect(prune({ kind: 'fish', ...sent })).toEqual({ kind: 'fish', name: 'n' });
    expect(prune(sent)).toEqual({ name: 'n' });
  });

  it('is the variant that the discriminator names', () => {
    const { prune } = prunerOf({
      Root: {
        oneOf: [ref('Cat'), ref('Dog')],
        discriminator: { propertyName: 'kind', mapping: { cat: '#/components/schemas/Cat' } },
      },
      Cat: object({ kind: text, lives: text }),
      Dog: object({ kind: text, bark: text }),
    });
    expect(prune({ kind: 'cat', lives: '9', bark: 'no' })).toEqual({ kind: 'cat', lives: '9' });
    expect(prune({ kind: 'Dog', lives: '9', bark: 'wau' })).toEqual({ kind: 'Dog', bark: 'wau' });
  });

  it('is the variant whose required members and constants an object has', () => {
    const { prune } = prunerOf({
      Root: {
        oneOf: [
          object({ is: { const: 'a' }, x: text }, ['is']),
          object({ is: { enum: ['b', 'c'] }, y: text }, ['is']),
          object({ z: text }, ['z']),
        ],
      },
    });
    expect(prune({ is: 'a', x: '1', y: '2' })).toEqual({ is: 'a', x: '1' });
    expect(prune({ is: 'c', x: '1', y: '2' })).toEqual({ is: 'c', y: '2' });
    expect(prune({ z: '1', x: '1' })).toEqual({ z: '1' });
    expect(() => prune({ is: 'd' })).toThrow(BadPayload);
  });

  it('is what any of several fitting variants declares', () => {
    const { prune } = prunerOf({ Root: { anyOf: [object({ a: text }), object({ b: text }), { type: 'string' }] } });
    expect(prune({ a: '1', b: '2', c: '3' })).toEqual({ a: '1', b: '2' });
    expect(prune('text')).toBe('text');
  });

  it('is what any of several fitting variants declares inside a member, too', () => {
    const listOf = (items: JsonSchema) => ({ type: 'array', items });
    const { prune } = prunerOf({
      Root: {
        anyOf: [
          object({ by: object({ id: text }), lines: listOf(object({ sku: text })), at: text }),
          object({ by: object({ name: text }), lines: listOf(object({ count: { type: 'integer' } })), at: text }),
        ],
      },
    });
    expect(prune({ by: { id: '1', name: 'n', x: 1 }, lines: [{ sku: 's', count: 1, x: 1 }], at: 'a', x: 1 })).toEqual({
      by: { id: '1', name: 'n' },
      lines: [{ sku: 's', count: 1 }],
      at: 'a',
    });
  });

  it('is a scalar as it was sent, null and one of another type too', () => {
    const { prune } = prunerOf({ Root: object({ n: { type: 'integer' }, t: text }) });
    expect(prune({ n: '7', t: null })).toEqual({ n: '7', t: null });
  });

  it('is nothing where an object or a list stands and another thing is declared', () => {
    const { prune } = prunerOf({
      Root: object({ n: text, tags: { type: 'array', items: text }, o: object({ a: text }) }, ['n']),
    });
    for (const value of [
      { n: { a: 1 } },
      { n: [1] },
      { n: '', tags: [{}] },
      { n: '', tags: {} },
      { n: '', o: [] },
      { n: '', o: 'x' },
      {},
      [],
    ]) {
      expect(() => prune(value)).toThrow(BadPayload);
    }
  });

  it('has no way to a prototype', () => {
    const { prune } = prunerOf({
      Root: object({ constructor: text, bag: { type: 'object', additionalProperties: true } }),
    });
    const kept = prune(JSON.parse('{"bag":{"__proto__":{"polluted":1},"a":1},"__proto__":{"polluted":1}}'));
    expect(kept).toEqual({ bag: { a: 1 } });
    expect(Object.getPrototypeOf(kept)).toBe(Object.prototype);
    expect({}).not.toHaveProperty('polluted');
  });

  it('never holds an undeclared member, and is kept whole when pruned again', () => {
    const { prune, document } = prunerOf({
      Root: {
        allOf: [
          ref('Base'),
          object({
            list: { type: 'array', items: ref('Choice') },
            bag: { type: 'object', additionalProperties: ref('Base') },
          }),
        ],
      },
      Base: object({ id: text, parent: { anyOf: [ref('Base'), { type: 'null' }] } }, ['id']),
      Choice: {
        oneOf: [
          object({ is: { const: 'a' }, x: ref('Base') }, ['is']),
          object({ is: { const: 'b' }, y: { type: ['integer', 'null'] } }, ['is']),
        ],
      },
    });
    fc.assert(
      fc.property(arbitraryOf({ $ref: referenceTo('up.Root') }, document), (value) => {
        const kept = prune(value);
        expect(JSON.stringify(kept)).not.toContain(undeclared);
        expect(prune(kept)).toEqual(kept);
      }),
    );
  });
});
