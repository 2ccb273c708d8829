import type { JsonSchema } from '@frontage/core';
import { Ajv2020 } from 'ajv/dist/2020.js';
import ajvFormats from 'ajv-formats';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchOf } from './pattern-sample.js';
import { randomOf } from './random.js';
import { sample } from './sample.js';

const ajv = new Ajv2020({ strict: false, allErrors: true });
ajvFormats.default(ajv);
const none = (): undefined => undefined;

const expectValid = (schema: JsonSchema, value: unknown): void => {
  expect(
    ajv.validate(schema as object, value),
    `${JSON.stringify(schema)} -> ${JSON.stringify(value)}: ${ajv.errorsText()}`,
  ).toBe(true);
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
    fc.tuple(fc.dictionary(fc.string(), tie('schema')), fc.dictionary(fc.string(), texts)).map(([one, two]) => ({
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

describe('a sample', () => {
  it('is accepted by its schema, and the same for the same seed', () => {
    fc.assert(
      fc.property(schemas, fc.string(), (schema, seed) => {
        const value = sample(schema, none, seed);
        expectValid(schema, value);
        expect(JSON.stringify(sample(schema, none, seed))).toBe(JSON.stringify(value));
      }),
      { numRuns: 400 },
    );
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

describe('a text for a pattern', () => {
  it.each([
    '^[A-Z]{2}$',
    '^[a-z]{2}-[A-Z]{2}$',
    '^\\d{3}-\\d{4}$',
    '^(foo|bar)+$',
    '^#?[0-9a-fA-F]{6}$',
    '^[^/]+$',
    '^v\\d+(\\.\\d+){0,2}$',
    '^(?:a|b)c*?$',
    'abc',
  ])('%s matches it, for every seed', (pattern) => {
    for (let seed = 0; seed < 50; seed += 1)
      expect(matchOf(pattern, randomOf(String(seed)))).toMatch(new RegExp(pattern, 'u'));
  });

  it.each(['^(?=a)b$', '^(a)\\1$', '\\p{L}+', '(', '^a$b'])('is not generated for %s', (pattern) => {
    expect(matchOf(pattern, randomOf(''))).toBeUndefined();
  });

  it('is right or absent for every expression', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...Array.from('ab09[](){}|^$.*+?\\-,dws')), maxLength: 12 }),
        fc.string(),
        (pattern, seed) => {
          const made = matchOf(pattern, randomOf(seed));
          if (made !== undefined) expect(new RegExp(pattern, 'u').test(made)).toBe(true);
        },
      ),
      { numRuns: 3000 },
    );
  });
});
