import type { JsonSchema } from '@frontage/core';
import { Ajv2020 } from 'ajv/dist/2020.js';
import ajvFormats from 'ajv-formats';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sample } from './sample.js';

// Each schema is compiled for a value or two: to optimize its code would take longer than to run it.
const ajv = new Ajv2020({ strict: false, allErrors: true, code: { optimize: false } });
ajvFormats.default(ajv);
const none = (): undefined => undefined;

const expectValid = (schema: JsonSchema, value: unknown): void => {
  if (ajv.validate(schema as object, value)) return;
  expect.fail(`${JSON.stringify(schema)} -> ${JSON.stringify(value)}: ${ajv.errorsText()}`);
};

const formats = [
  'date-time',
  'date',
  'time',
  'duration',
  'uuid',
  'email',
  'hostname',
  'ipv4',
  'ipv6',
  'uri',
  'uri-reference',
  'byte',
  'json-pointer',
  'regex',
];

const texts = fc.oneof(
  fc.constantFrom(...formats).map((format) => ({ type: 'string', format })),
  fc
    .tuple(fc.nat(20), fc.nat(20))
    .map(([minLength, more]) => ({ type: 'string', minLength, maxLength: minLength + more })),
  fc.array(fc.string(), { minLength: 1 }).map((values) => ({ type: 'string', enum: values })),
);
const integers = fc
  .tuple(fc.integer({ min: -1000, max: 1000 }), fc.nat(100), fc.integer({ min: 1, max: 7 }), fc.boolean())
  .map(([minimum, more, multipleOf, exclusive]) => ({
    type: 'integer',
    multipleOf,
    ...(exclusive
      ? { exclusiveMinimum: minimum, exclusiveMaximum: minimum + more + 15 }
      : { minimum, maximum: minimum + more + 7 }),
  }));
const schemas = fc.letrec<{ schema: JsonSchema }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 4 },
    texts,
    integers,
    fc.constant({ type: ['boolean', 'null'] }),
    fc
      .tuple(tie('schema'), fc.nat(4), fc.nat(3))
      .map(([items, minItems, more]) => ({ type: 'array', items, minItems, maxItems: minItems + more })),
    fc
      .dictionary(fc.string(), tie('schema'), { maxKeys: 4 })
      .chain((properties) =>
        fc
          .subarray(Object.keys(properties))
          .map((required) => ({ type: 'object', properties, required, additionalProperties: false })),
      ),
    fc.array(tie('schema'), { minLength: 1, maxLength: 3 }).map((anyOf) => ({ anyOf: [{ type: 'null' }, ...anyOf] })),
    fc
      .tuple(
        fc.dictionary(fc.string(), tie('schema'), { maxKeys: 4 }),
        fc.dictionary(fc.string(), texts, { maxKeys: 4 }),
      )
      .map(([one, two]) => ({
        allOf: [
          { type: 'object', properties: one, required: Object.keys(one).filter((name) => !Object.hasOwn(two, name)) },
          {
            type: 'object',
            properties: Object.fromEntries(Object.entries(two).filter(([name]) => !Object.hasOwn(one, name))),
          },
        ],
      })),
  ),
})).schema;

/** As a text: an object with a member `then` would be a promise to the language. */
const condition = JSON.parse(
  `{ "type": "object", "properties": { "kind": { "enum": ["card", "iban"] } }, "required": ["kind"],
  "if": { "properties": { "kind": { "const": "card" } } }, "then": { "required": ["number"] }, "else": { "required": ["iban"] } }`,
) as JsonSchema;

describe('a sample', () => {
  it('is accepted by its schema, and the same for the same seed', () => {
    fc.assert(
      fc.property(schemas, fc.string(), (schema, seed) => {
        const value = sample(schema, none, seed);
        expectValid(schema, value);
        expect(JSON.stringify(sample(schema, none, seed))).toBe(JSON.stringify(value));
      }),
      { numRuns: 150 },
    );
  });

  it.each<[string, JsonSchema]>([
    ['a pattern and a length', { type: 'string', pattern: '^[a-z]+$', minLength: 20, maxLength: 20 }],
    ['a pattern that is not bound, and a length', { type: 'string', pattern: '[0-9]', minLength: 12, maxLength: 12 }],
    ['two patterns', { type: 'string', allOf: [{ pattern: '^[a-z0-9]{4}$' }, { pattern: '[0-9]' }] }],
    ['a pattern and a format', { type: 'string', format: 'uri', pattern: '^https://', maxLength: 30 }],
    ['a format and a length', { type: 'string', format: 'email', minLength: 60, maxLength: 60 }],
    ['a short e-mail address', { type: 'string', format: 'email', maxLength: 6 }],
    ['bytes of a length', { type: 'string', format: 'byte', minLength: 44, maxLength: 44 }],
    ['a host name of a length', { type: 'string', format: 'hostname', minLength: 100 }],
    ['a 64-bit range', { type: 'integer', format: 'int64', minimum: 0, maximum: 2 ** 63 }],
    ['a 64-bit range below zero', { type: 'integer', minimum: -(2 ** 63), maximum: 2 ** 63 }],
    ['a large least value', { type: 'integer', minimum: 4_611_686_018_427_387 }],
    ['a 32-bit format', { type: 'integer', format: 'int32', minimum: 2147483647 }],
    ['a step and limits', { type: 'number', multipleOf: 0.01, minimum: 0.05, maximum: 0.08 }],
    ['two steps', { type: 'integer', allOf: [{ multipleOf: 4 }, { multipleOf: 6 }], minimum: 1, maximum: 13 }],
    ['a step with decimals of an integer', { type: 'integer', multipleOf: 0.5, minimum: 1, maximum: 2 }],
    ['an integer that is a number, too', { allOf: [{ type: 'number' }, { type: 'integer' }] }],
    ['items that differ', { type: 'array', items: { enum: [1, 2, 3] }, minItems: 3, uniqueItems: true }],
    [
      'items that differ and have one example',
      { type: 'array', items: { type: 'integer', examples: [7] }, minItems: 3, uniqueItems: true },
    ],
    [
      'an item that is contained',
      { type: 'array', items: { type: 'integer' }, contains: { minimum: 900 }, minItems: 1 },
    ],
    ['a number of members', { type: 'object', properties: { a: { type: 'string' } }, minProperties: 3 }],
    [
      'a number of members and names',
      {
        type: 'object',
        propertyNames: { enum: ['x', 'y'] },
        additionalProperties: { type: 'integer' },
        minProperties: 2,
      },
    ],
    [
      'names by pattern',
      {
        type: 'object',
        patternProperties: { '^x-[a-z]+$': { type: 'integer' } },
        additionalProperties: false,
        minProperties: 2,
      },
    ],
    [
      'members that require others',
      { type: 'object', properties: { a: {}, b: { type: 'integer' } }, dependentRequired: { a: ['b', 'c'] } },
    ],
    [
      'members with schemas that depend on others',
      {
        type: 'object',
        properties: { card: { type: 'string' } },
        dependentSchemas: { card: { required: ['limit'], properties: { limit: { type: 'integer' } } } },
      },
    ],
    [
      'no members of a kind',
      { type: 'object', properties: { a: { type: 'string' }, b: { type: 'string' } }, not: { required: ['a', 'b'] } },
    ],
    ['no value of a kind', { enum: ['a', 'b'], not: { const: 'a' } }],
    ['a condition', condition],
    [
      'exactly one of two sets of members',
      {
        type: 'object',
        properties: { a: { type: 'string' }, b: { type: 'string' } },
        oneOf: [{ required: ['a'] }, { required: ['b'] }],
      },
    ],
    [
      'two choices at once',
      {
        allOf: [
          { oneOf: [{ required: ['a'] }, { required: ['b'] }] },
          { anyOf: [{ required: ['c'] }] },
          { oneOf: [{ properties: { d: { const: 1 } } }] },
        ],
      },
    ],
    ['null among the values of a text', { type: 'string', enum: ['a', null] }],
  ])('has %s', (_, schema) => {
    const accepts = (within: JsonSchema, value: unknown): boolean => ajv.validate(within as object, value);
    for (let seed = 0; seed < 20; seed += 1) expectValid(schema, sample(schema, none, String(seed), { accepts }));
  });

  it('differs by seed', () => {
    const schema = { type: 'string', format: 'uuid' };
    expect(sample(schema, none, 'a')).not.toBe(sample(schema, none, 'b'));
  });

  it('prefers examples, unless they are to be ignored', () => {
    const schema = { type: 'integer', examples: [42], minimum: 1, maximum: 2 };
    expect(sample(schema, none, '')).toBe(42);
    expectValid({ type: 'integer', minimum: 1, maximum: 2 }, sample(schema, none, '', { examples: 'ignore' }));
  });

  it('ends for a recursive schema, with all required members', () => {
    const tree: JsonSchema = {
      type: 'object',
      required: ['name', 'children', 'parent'],
      properties: {
        name: { type: 'string' },
        children: { type: 'array', items: { $ref: '#/tree' } },
        parent: { oneOf: [{ $ref: '#/tree' }, { type: 'null' }] },
        other: { $ref: '#/tree' },
      },
    };
    const value = sample(tree, () => tree, '');
    expectValid(
      {
        $defs: {},
        ...tree,
        properties: {
          ...(tree.properties as object),
          children: { items: { $ref: '#' } },
          parent: { oneOf: [{ $ref: '#' }, { type: 'null' }] },
          other: { $ref: '#' },
        },
      },
      value,
    );
    expect(JSON.stringify(value).length).toBeLessThan(200_000);
  });

  it('ends where no finite value would do', () => {
    const endless: JsonSchema = {
      type: 'object',
      required: ['left', 'right'],
      properties: { left: { $ref: '#/endless' }, right: { $ref: '#/endless' } },
    };
    expect(JSON.stringify(sample(endless, () => endless, '')).length).toBeLessThan(1_000_000);
  });

  it('sets the discriminator of its schema', () => {
    const cat = { type: 'object', required: ['kind'], properties: { kind: { type: 'string' } } };
    const schema = {
      oneOf: [{ $ref: '#/components/schemas/Cat' }, { $ref: '#/components/schemas/Dog' }],
      discriminator: { propertyName: 'kind', mapping: { tabby: '#/components/schemas/Cat' } },
    };
    expect(sample(schema, () => cat, '')).toEqual({ kind: 'tabby' });
  });

  it('keeps __proto__ as an ordinary member', () => {
    const properties = Object.fromEntries([['__proto__', { type: 'object', properties: { evil: { const: true } } }]]);
    const value = sample({ type: 'object', properties }, none, '');
    expect(Object.keys(value as object)).toEqual(['__proto__']);
    expect(({} as Record<string, unknown>)['evil']).toBeUndefined();
  });
});
