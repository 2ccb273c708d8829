import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SchemaTable, type IntegerFormat, type ParameterPlace } from '@frontage/core';
import { operation } from '../fixtures/operations.js';
import { compileBody } from './encode-body.js';
import { EncodeError } from './encode-value.js';
import { compileEncoder } from './encode.js';

function sentIn(place: ParameterPlace, value: unknown, integer64: IntegerFormat = 'int64'): string {
  const path = place === 'path' ? '/x/{id}' : '/x';
  const encoder = compileEncoder(operation({ path, parameters: [{ name: 'id', in: place, integer64 }] }));
  const headers: string[] = [];
  encoder.headers?.({ [place]: { id: value } }, headers);
  return encoder.target({ [place]: { id: value } }) + headers.join(' ');
}

const schemas = new SchemaTable(
  Object.entries({
    Order: {
      type: 'object',
      properties: {
        id: { type: 'integer', format: 'int64' },
        count: { type: 'integer' },
        code: { type: 'string' },
        either: { oneOf: [{ type: 'string' }, { type: 'integer', format: 'int64' }] },
        parent: { anyOf: [{ $ref: '#/components/schemas/Order' }, { type: 'null' }] },
        lines: { type: 'array', items: { $ref: '#/components/schemas/Line' } },
        byKey: { type: 'object', additionalProperties: { $ref: '#/components/schemas/Id' } },
      },
    },
    Line: {
      allOf: [{ $ref: '#/components/schemas/Base' }, { type: 'object', properties: { size: { type: 'integer' } } }],
    },
    Base: { type: 'object', properties: { ref: { $ref: '#/components/schemas/Id' } } },
    Id: { type: ['integer', 'null'], format: 'uint64' },
    Plain: { type: 'object', properties: { id: { type: 'string' } } },
  }).map(([name, schema]) => [name, JSON.stringify(schema)] as const),
);
const bodyOf = (schema: string, body: unknown, media = 'application/json') =>
  compileBody({ media: [media], schema }, schemas)(body, undefined)?.content;

const big = '9007199254740993';

describe('an integer of 64 bits', () => {
  it.each<[ParameterPlace, string]>([
    ['path', `/x/${big}`],
    ['query', `/x?id=${big}`],
    ['header', `/xid ${big}`],
    ['cookie', `/xcookie id=${big}`],
  ])('in %s has every digit, given as text or as a bigint', (place, sent) => {
    expect(sentIn(place, big)).toBe(sent);
    expect(sentIn(place, BigInt(big))).toBe(sent);
  });

  it('is refused as a number that has lost digits, as text that is none, and beyond its format', () => {
    for (const value of [2 ** 53, 1e21, 1.5, Number.NaN, '', '1e3', ' 1', '0x1', '1n', '9223372036854775808', true, {}])
      expect(() => sentIn('path', value)).toThrow(EncodeError);
    expect(() => sentIn('query', '-1', 'uint64')).toThrow('is -1, which is beyond uint64');
    expect(sentIn('query', '18446744073709551615', 'uint64')).toBe('/x?id=18446744073709551615');
    expect(sentIn('query', ['1', 2n, 3])).toBe('/x?id=1&id=2&id=3');
  });

  it('in a body is a number with every digit, wherever the contract has it', () => {
    const sent = bodyOf('Order', {
      id: big,
      count: 1,
      code: '12',
      either: '12',
      parent: { id: -1n, parent: null },
      lines: [{ ref: '18446744073709551615', size: 2 }, { ref: null }],
      byKey: { a: '7', b: 8 },
      other: '9',
    });
    expect(sent).toBe(
      `{"id":${big},"count":1,"code":"12","either":"12","parent":{"id":-1,"parent":null},"lines":[{"ref":18446744073709551615,"size":2},{"ref":null}],"byKey":{"a":7,"b":8},"other":"9"}`,
    );
  });

  it('in a body is refused with the place of the member', () => {
    expect(() => bodyOf('Order', { parent: { id: 2 ** 60 } })).toThrow(
      'member /parent/id of the body is 1152921504606847000, whose digits a number cannot hold',
    );
    expect(() => bodyOf('Order', { lines: [{ ref: 'x' }] })).toThrow('member /lines/0/ref of the body is text');
  });

  it('costs nothing where the body has none', () => {
    const body = { id: '1' };
    expect(bodyOf('Plain', body)).toBe('{"id":"1"}');
  });

  it('is read back as it was given', () => {
    fc.assert(
      fc.property(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), (value) => {
        expect(sentIn('path', String(value))).toBe(`/x/${value}`);
        expect(bodyOf('Order', { id: String(value) })).toBe(`{"id":${value}}`);
        expect(bodyOf('Order', { lines: [{ ref: value < 0n ? -value : value }] })).toContain(
          `"ref":${value < 0n ? -value : value}}`,
        );
      }),
    );
  });
});
