import { describe, expect, it } from 'vitest';
import { toJsonSchema } from './schema-dialect.js';

const warnings: string[] = [];
const convert = (schema: unknown): unknown =>
  toJsonSchema(schema, {
    reference: (reference) => reference,
    mapping: (reference) => reference,
    known: (_, part) => part(),
    warn: (rule) => warnings.push(rule),
  });

describe('one dialect of schemas', () => {
  it('turns nullable into a type, and into a choice where there is no type', () => {
    expect(convert({ type: 'string', nullable: true })).toEqual({ type: ['string', 'null'] });
    expect(convert({ type: 'string', nullable: true, enum: ['a'] })).toEqual({
      type: ['string', 'null'],
      enum: ['a', null],
    });
    expect(convert({ nullable: true, allOf: [{ $ref: '#/components/schemas/A' }] })).toEqual({
      anyOf: [{ allOf: [{ $ref: '#/components/schemas/A' }] }, { type: 'null' }],
    });
    expect(convert({ $ref: '#/components/schemas/A', nullable: true })).toEqual({
      anyOf: [{ $ref: '#/components/schemas/A' }, { type: 'null' }],
    });
  });

  it('turns boolean exclusive limits into numbers, and leaves numbers alone', () => {
    expect(
      convert({ type: 'number', minimum: 1, exclusiveMinimum: true, maximum: 9, exclusiveMaximum: false }),
    ).toEqual({
      type: 'number',
      exclusiveMinimum: 1,
      maximum: 9,
    });
    expect(convert({ type: 'number', exclusiveMinimum: 1 })).toEqual({ type: 'number', exclusiveMinimum: 1 });
  });

  it('drops xml and extensions, keeps an example as one of the examples', () => {
    expect(convert({ type: 'string', xml: { name: 'x' }, 'x-internal': true, example: 'a' })).toEqual({
      type: 'string',
      examples: ['a'],
    });
  });

  it('converts inside properties, items, choices and additional members; never inside data', () => {
    const inner = { type: 'integer', nullable: true };
    const out = { type: ['integer', 'null'] };
    expect(
      convert({
        properties: { nullable: inner, example: inner },
        items: inner,
        oneOf: [inner],
        additionalProperties: inner,
        default: inner,
        enum: [inner],
      }),
    ).toEqual({
      properties: { nullable: out, example: out },
      items: out,
      oneOf: [out],
      additionalProperties: out,
      default: inner,
      enum: [inner],
    });
  });

  it('reads the choice { nullable: true } beside others as null, and alone as anything', () => {
    const text = { type: 'string' };
    const none = { nullable: true, description: 'none' };
    expect(convert({ anyOf: [text, none] })).toEqual({ anyOf: [text, { type: 'null' }] });
    expect(convert({ oneOf: [text, none] })).toEqual({ oneOf: [text, { type: 'null' }] });
    expect(convert({ anyOf: [{ nullable: true }] })).toEqual({ anyOf: [{}] });
    expect(convert({ anyOf: [text, { nullable: false }] })).toEqual({ anyOf: [text, {}] });
    expect(convert({ items: [text, { nullable: true }] })).toEqual({ prefixItems: [text, {}] });
  });

  it('leaves out a pattern that is not safe to run, and says so', () => {
    warnings.length = 0;
    expect(convert({ type: 'string', pattern: '(a+)+$' })).toEqual({ type: 'string' });
    expect(warnings).toEqual(['pattern']);
  });
});
