import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readContract } from '../read-contract.js';
import { toJsonSchema } from '../schema/schema-dialect.js';

const told: string[] = [];
function convert(schema: unknown, version?: string): unknown {
  told.length = 0;
  return toJsonSchema(schema, {
    reference: (reference) => reference,
    mapping: (reference) => reference,
    known: (_, part) => part(),
    warn: (_rule, message) => told.push(message),
    version,
  });
}

describe('a keyword with a value of the wrong kind', () => {
  it.each<[unknown]>([
    [{ type: 'null', anyOf: [{ type: 'null' }] }],
    [{ type: 'null', enum: [null] }],
    [{ type: 'string', format: 'date', enum: ['2026-01-01', 'never'] }],
    [{ type: 'string', format: 'own', enum: ['a'] }],
    [{ type: ['string', 'object'], properties: { a: {} } }],
    [{ type: 'string', additionalProperties: false }],
  ])('is told from one that is right: %j', (schema) => {
    expect(convert(schema)).toEqual(schema);
    expect(told).toEqual([]);
  });

  it.each<[unknown, unknown]>([
    [
      { type: 'string', maxLength: '255' },
      { type: 'string', maxLength: 255 },
    ],
    [
      { minLength: ' 2 ', maxLength: 3.7 },
      { minLength: 2, maxLength: 3 },
    ],
    [{ minItems: 1.2 }, { minItems: 2 }],
    [{ type: 'string', additionalProperties: { type: 'string' } }, { type: 'string' }],
    [
      { type: 'array', items: { type: 'string' }, properties: { a: {} } },
      { type: 'array', items: { type: 'string' } },
    ],
    [{ type: ['integer', 'null'], items: { type: 'integer' } }, { type: ['integer', 'null'] }],
    [
      { maximum: '1e3', minimum: '-.5' },
      { maximum: 1000, minimum: -0.5 },
    ],
    [{ multipleOf: -0.01 }, { multipleOf: 0.01 }],
    [{ multipleOf: '0.01' }, { multipleOf: 0.01 }],
    [
      { uniqueItems: 'true', readOnly: 1 },
      { uniqueItems: true, readOnly: true },
    ],
    [{ type: 'string', nullable: 'true' }, { type: ['string', 'null'] }],
    [{ title: 5 }, { title: '5' }],
    [{ format: ['date'] }, { format: 'date' }],
    [{ required: 'id' }, { required: ['id'] }],
    [{ required: ['id', 'id', 7] }, { required: ['id', '7'] }],
    [{ enum: 'on' }, { enum: ['on'] }],
    [{ enum: ['a', 'b', 'a'] }, { enum: ['a', 'b'] }],
    [{ type: ['string', null] }, { type: ['string', 'null'] }],
    [{ type: 'String' }, { type: 'string' }],
    [
      { type: 'null', oneOf: [{ type: 'string' }, { type: 'number' }] },
      { anyOf: [{ oneOf: [{ type: 'string' }, { type: 'number' }] }, { type: 'null' }] },
    ],
    [{ type: ['null'], allOf: [{ type: 'string' }] }, { anyOf: [{ allOf: [{ type: 'string' }] }, { type: 'null' }] }],
    [{ type: 'null', enum: ['a', null] }, { anyOf: [{ enum: ['a', null] }, { type: 'null' }] }],
    [
      { type: 'string', format: 'date-time', enum: ['now'] },
      { type: 'string', enum: ['now'] },
    ],
    [{ type: 'int64' }, { type: 'integer', format: 'int64' }],
    [{ type: 'file' }, { type: 'string', format: 'binary' }],
    [{ additionalProperties: 'false' }, { additionalProperties: false }],
    [{ allOf: { type: 'object' } }, { allOf: [{ type: 'object' }] }],
    [{ discriminator: 'kind' }, { discriminator: { propertyName: 'kind' } }],
    [{ pattern: '/^[a-z]+$/' }, { pattern: '^[a-z]+$' }],
    [{ pattern: '^\\d{3}\\-\\d{2}$' }, { pattern: '^\\d{3}-\\d{2}$' }],
    [
      { type: 'integer', enum: ['1', '2'] },
      { type: 'integer', enum: [1, 2] },
    ],
    [
      { type: 'string', enum: [1, true, 'x'] },
      { type: 'string', enum: ['1', 'true', 'x'] },
    ],
    [
      { type: 'boolean', default: 'true' },
      { type: 'boolean', default: true },
    ],
    [
      { type: 'string', default: 5 },
      { type: 'string', default: '5' },
    ],
    [
      { type: 'object', default: '{}' },
      { type: 'object', default: {} },
    ],
    [{ exclusiveMinimum: 'true', minimum: '1' }, { exclusiveMinimum: 1 }],
  ])('is made right where only its form is wrong: %j', (schema, expected) => {
    expect(convert(schema)).toEqual(expected);
    expect(told.length).toBeGreaterThan(0);
  });

  it.each<[unknown, unknown]>([
    [{ maxLength: null }, {}],
    [{ maxLength: 'long' }, {}],
    [{ maxLength: -1, minItems: -2 }, {}],
    [{ maximum: true, minimum: '' }, {}],
    [{ multipleOf: 0 }, {}],
    [{ uniqueItems: 'maybe', deprecated: {} }, {}],
    [{ exclusiveMinimum: true }, {}],
    [{ title: { en: 'x' }, format: 7.5, description: ['a', 'b'] }, { format: '7.5' }],
    [{ required: true }, {}],
    [{ required: { a: 1 } }, {}],
    [{ enum: [] }, {}],
    [{ enum: 'on, off' }, {}],
    [{ enum: { ON: 1 } }, {}],
    [{ type: 'thing' }, {}],
    [{ type: null }, {}],
    [{ type: [] }, {}],
    [{ properties: null, items: null, not: 'x' }, {}],
    [{ items: [], allOf: [], oneOf: 'x', anyOf: null }, {}],
    [{ properties: ['a'] }, {}],
    [{ properties: { a: null, b: 'text' } }, { properties: { a: true, b: true } }],
    [{ discriminator: { mapping: {} } }, {}],
    [{ pattern: 7 }, {}],
    [{ pattern: '/^a$/i' }, {}],
    [{ pattern: '^a++$' }, {}],
    [{ pattern: '(?i)abc' }, {}],
    [{ pattern: '^[[:alpha:]]+$' }, {}],
    [{ pattern: '^[a-z&&[^b]]+$' }, {}],
    [{ type: 'integer', enum: ['a', 'b'] }, { type: 'integer' }],
    [
      { type: 'integer', enum: ['1', 'b'] },
      { type: 'integer', enum: [1] },
    ],
    [{ type: 'integer', default: 'ten' }, { type: 'integer' }],
    [{ type: 'string', default: null }, { type: 'string' }],
    [
      { type: 'string', enum: ['a'], default: 'b' },
      { type: 'string', enum: ['a'] },
    ],
    [
      { type: 'integer', minimum: 1, default: 0 },
      { type: 'integer', minimum: 1 },
    ],
    [{ minLength: 5, maxLength: 2 }, {}],
    [{ minimum: 5, maximum: 2 }, {}],
    [{ minimum: 5, maximum: 5, exclusiveMaximum: true }, {}],
    [JSON.parse('{ "minContains": 1, "then": {}, "else": true }'), {}],
    [{ if: { type: 'string' } }, {}],
    [{ optional: true, maxlength: 5 }, {}],
  ])('is left out where it says nothing: %j', (schema, expected) => {
    expect(convert(schema)).toEqual(expected);
    expect(told.length).toBeGreaterThan(0);
  });

  it.each<unknown>([
    { type: ['string', 'null'], enum: ['a', null], default: null },
    { type: 'number', exclusiveMinimum: 1, maximum: 9, default: 2.5 },
    { type: 'array', items: { type: 'string' }, minItems: 0, default: [] },
    {
      type: 'object',
      required: [],
      properties: { a: true },
      additionalProperties: false,
      dependentRequired: { a: ['b'] },
    },
    { pattern: '^\\p{L}+$', format: 'unheard-of', minLength: 3, maxLength: 3 },
    { const: null },
    { contains: {}, minContains: 0, maxContains: 2 },
  ])('is not what a right keyword has: %j', (schema) => {
    expect(convert(schema)).toEqual(schema);
    expect(told).toEqual([]);
  });

  it('is told with what was found and what is used instead', () => {
    const messageOf = (schema: unknown, version?: string): readonly string[] => {
      convert(schema, version);
      return [...told];
    };
    expect(messageOf({ maxLength: '255' })).toEqual([
      'maxLength is "255", not a whole number of at least 0; 255 is used',
    ]);
    expect(messageOf({ maxLength: null })).toEqual([
      'maxLength is null, not a whole number of at least 0; it is left out',
    ]);
    expect(messageOf({ maxlenght: 5 })).toEqual([
      'there is no keyword "maxlenght", which may mean maxLength; it is left out',
    ]);
    expect(messageOf({ minimum: 5, maximum: 2 })).toEqual([
      'no number fits minimum 5 and maximum 2; they are left out',
    ]);
    expect(messageOf({ type: ['string'] }, '3.0.3')).toEqual([
      'type is ["string"], a form of OpenAPI 3.1 in a document of 3.0.3; it is read so',
    ]);
    expect(messageOf({ type: 'null', exclusiveMinimum: 3 }, '3.0.0')).toHaveLength(2);
    expect(messageOf({ exclusiveMinimum: true, minimum: 3 }, '3.1.0')).toHaveLength(1);
    expect(messageOf({ exclusiveMinimum: true, minimum: 3 }, '3.0.3')).toEqual([]);
    expect(messageOf({ type: ['string', 'null'], exclusiveMinimum: 3 }, '3.2.0')).toEqual([]);
  });

  it('reads what drafts before 2020-12 have', () => {
    expect(convert({ items: [{ type: 'string' }], additionalItems: false })).toEqual({
      prefixItems: [{ type: 'string' }],
      items: false,
    });
    expect(convert({ dependencies: { a: ['b'], c: { required: ['d'] } } })).toEqual({
      dependentRequired: { a: ['b'] },
      dependentSchemas: { c: { required: ['d'] } },
    });
    expect(told).toEqual([]);
  });
});

const folder = mkdtempSync(join(tmpdir(), 'keywords-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('the warning about a keyword', () => {
  it('stands at the line and column of the keyword, in every version', async () => {
    const schema = `{ schema: { $ref: '#/REF/Bad' } }`;
    const texts = {
      'a.yaml': ['openapi: 3.0.3', `content: { application/json: ${schema} }`, 'components:\n  schemas:'],
      'b.yaml': ['openapi: 3.1.0', `content: { application/json: ${schema} }`, 'components:\n  schemas:'],
      'c.yaml': ["swagger: '2.0'", `schema: { $ref: '#/REF/Bad' }`, '# two lines as above\ndefinitions:'],
    };
    for (const [name, [version = '', content = '', components = '']] of Object.entries(texts)) {
      const reference = name === 'c.yaml' ? 'definitions' : 'components/schemas';
      writeFileSync(
        join(folder, name),
        `${version}
info: { title: T, version: '1' }
paths:
  /x: { get: { responses: { '200': { description: ok, ${content.replace('REF', reference)} } } } }
${components}
    Bad:
      type: object
      properties:
        a:
          type: string
          maxLength: '255'
        b: { type: integer, maximum: "ten" }
`,
      );
      const { warnings, schemas } = await readContract(join(folder, name), { cwd: folder, lint: false });
      expect(warnings).toMatchObject([
        {
          rule: 'keyword',
          file: name,
          line: 12,
          column: 11,
          message: expect.stringMatching('maxLength is "255".* 255 is used') as unknown,
        },
        {
          rule: 'keyword',
          file: name,
          line: 13,
          column: 29,
          message: expect.stringMatching('maximum is "ten".* it is left out') as unknown,
        },
      ]);
      expect(schemas.get('Bad')).toEqual({
        type: 'object',
        properties: { a: { type: 'string', maxLength: 255 }, b: { type: 'integer' } },
      });
    }
  });

  it('is given for what parameters and bodies say, too', async () => {
    writeFileSync(
      join(folder, 'flags.yaml'),
      `openapi: 3.0.3
info: { title: T, version: '1' }
paths:
  /x:
    post:
      parameters: [{ name: q, in: query, required: 'true', explode: 'no', schema: { type: array, items: { type: string } } }]
      requestBody: { required: 'yes', content: { application/json: { schema: { type: object, properties: { a: {} } } } } }
      responses: { '204': { description: ok } }
`,
    );
    const { warnings, operations } = await readContract(join(folder, 'flags.yaml'), { cwd: folder, lint: false });
    expect(operations).toMatchObject([
      { parameters: [{ name: 'q', required: true, explode: false }], body: { required: true } },
    ]);
    expect(warnings.map(({ line, message }) => `${line} ${message}`)).toEqual([
      '6 required is "true", not true or false; true is used',
      '6 explode is "no", not true or false; false is used',
      '7 required is "yes", not true or false; true is used',
    ]);
  });

  it('says that a member with required: true is required of its object, at any depth', async () => {
    writeFileSync(
      join(folder, 'required.yaml'),
      `openapi: 3.0.3
info: { title: T, version: '1' }
paths:
  /x: { get: { operationId: x, responses: { '200': { description: ok, content: { application/json: { schema: { $ref: '#/components/schemas/A' } } } } } } }
components:
  schemas:
    A:
      type: object
      required: [b]
      properties:
        a: { type: string, required: true }
        b: { type: array, items: { type: object, properties: { c: { $ref: '#/components/schemas/C', required: 'true' } } } }
        d: { type: string, required: false }
        required: { type: object, required: [x], properties: { x: {} } }
    C: { type: object, required: true, properties: { true: {} } }
`,
    );
    const { warnings, schemas } = await readContract(join(folder, 'required.yaml'), { cwd: folder, lint: false });
    expect(schemas.get('A')).toEqual({
      type: 'object',
      required: ['b', 'a'],
      properties: {
        a: { type: 'string' },
        b: {
          type: 'array',
          items: { type: 'object', required: ['c'], properties: { c: { $ref: '#/components/schemas/C' } } },
        },
        d: { type: 'string' },
        required: { type: 'object', required: ['x'], properties: { x: {} } },
      },
    });
    expect(schemas.get('C')).toEqual({ type: 'object', properties: { true: {} } });
    expect(warnings.map(({ line, message }) => `${line} ${message.split(';')[0]}`).toSorted()).toEqual([
      '11 required is true at the member a',
      '12 required is true at the member c',
      '13 required is false at a member',
      '15 required is true at a member',
    ]);
  });
});
