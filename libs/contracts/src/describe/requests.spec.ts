import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readContract, type ContractDocument } from '../read-contract.js';
import { operationInfo } from './operation-description.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'requests-'));
  return () => rm(folder, { recursive: true, force: true });
});

async function read(text: string): Promise<ContractDocument> {
  await writeFile(join(folder, 'a.yaml'), `openapi: 3.0.3\ninfo: { title: T, version: "1" }\n${text}`);
  return readContract(join(folder, 'a.yaml'), { cwd: folder });
}

const ok = `responses: { '204': { description: ok } }`;
const withParameters = (...parameters: string[]): string =>
  `paths: { /a: { get: { operationId: a, parameters: [${parameters.join(', ')}], ${ok} } } }\n`;

describe('readOnly and writeOnly', () => {
  it('stand on the member where the schema behind a reference or an allOf says so', async () => {
    const { schemas } = await read(`paths:
  /notes: { post: { operationId: add, requestBody: { content: { application/json: { schema: { $ref: '#/components/schemas/Note' } } } }, ${ok} } }
components:
  schemas:
    Id: { type: string, readOnly: true }
    Same: { $ref: '#/components/schemas/Id' }
    Audit: { type: object, readOnly: true, properties: { by: { type: string } } }
    Secret: { type: string, writeOnly: true }
    Base: { type: object, required: [id], properties: { id: { $ref: '#/components/schemas/Same' }, secret: { $ref: '#/components/schemas/Secret' } } }
    Note:
      allOf:
        - $ref: '#/components/schemas/Base'
        - type: object
          required: [text, audit, secret]
          properties:
            text: { type: string }
            audit: { allOf: [{ $ref: '#/components/schemas/Audit' }] }
            history: { type: array, items: { $ref: '#/components/schemas/Audit' } }
`);
    expect(schemas.get('Base')).toMatchObject({
      properties: { id: { readOnly: true }, secret: { writeOnly: true } },
    });
    expect(schemas.get('Note')).toMatchObject({
      // The part that requires the secret says of which kind it is, although another part declares it.
      allOf: [
        {},
        {
          required: ['text', 'audit', 'secret'],
          properties: { audit: { readOnly: true }, secret: { writeOnly: true } },
        },
      ],
    });
    expect(JSON.stringify(schemas.get('Note'))).not.toMatch(/"text":\{[^}]*Only/);
    expect(JSON.stringify(schemas.get('Note'))).not.toMatch(/"history":\{"type":"array","items":\{[^}]*\},"readOnly/);
  });
});

describe('the parameters of an operation', () => {
  it('say which integers have 64 bits, and how a list without items travels', async () => {
    const { operations } = await read(
      `${withParameters(
        '{ name: id, in: query, schema: { type: integer, format: int64 } }',
        "{ name: ids, in: query, schema: { type: array, minItems: 0, items: { $ref: '#/components/schemas/Id' } } }",
        '{ name: tags, in: query, allowEmptyValue: true, schema: { type: array, items: { type: string } } }',
        '{ name: text, in: query, schema: { type: string, format: int64 } }',
        '{ name: small, in: query, schema: { type: integer, format: int32 } }',
      )}components: { schemas: { Id: { type: integer, format: uint64 } } }\n`,
    );
    expect(operations.flatMap((operation) => operationInfo(operation).parameters)).toEqual([
      { name: 'id', in: 'query', integer64: 'int64' },
      { name: 'ids', in: 'query', integer64: 'uint64', emptyList: 'nothing' },
      { name: 'tags', in: 'query', emptyList: 'name' },
      { name: 'text', in: 'query' },
      { name: 'small', in: 'query' },
    ]);
  });

  it('lose members that their style cannot carry, with a warning', async () => {
    const { operations, refused, warnings } = await read(
      withParameters(
        '{ name: X-Filter, in: header, schema: { type: object, properties: { a: { type: string }, b: { type: array, items: {} } } } }',
        '{ name: lines, in: query, explode: false, schema: { type: array, items: { type: object } } }',
        '{ name: page, in: query, schema: { type: object, properties: { sort: { type: array, items: { type: string } } } } }',
      ),
    );
    expect(refused).toEqual([]);
    expect(operations[0]?.parameters.map(({ name, schema }) => [name, schema])).toEqual([
      ['X-Filter', { type: 'object', properties: { a: { type: 'string' } } }],
      ['page', expect.objectContaining({ properties: { sort: expect.objectContaining({ type: 'array' }) } })],
    ]);
    expect(warnings.filter(({ rule }) => rule === 'parameter-style').map(({ message }) => message)).toEqual([
      'X-Filter has members (b) that are objects or lists, which a parameter in header of style simple cannot carry; they are left out',
      'lines is a list of objects or lists, which a parameter in query of style form cannot carry; the parameter is left out',
    ]);
  });

  it('are texts where a path would carry an object without members', async () => {
    const path = (schema: string): string =>
      `paths: { '/a/{key}': { get: { operationId: a, parameters: [{ name: key, in: path, required: true, schema: ${schema} }], ${ok} } } }\n`;
    const empty =
      '{ type: object, nullable: true, properties: {}, additionalProperties: false, description: Of .NET. }';
    const { operations, warnings } = await read(path(empty));
    expect(operations[0]?.parameters[0]?.schema).toEqual({ type: 'string', description: 'Of .NET.' });
    expect(warnings.map(({ message }) => message)).toContain(
      'the parameter key is an object without members, of which a path carries nothing; it is taken as text',
    );
    for (const schema of [
      '{ type: object, properties: { a: { type: string } } }',
      '{ type: object, additionalProperties: true }',
    ])
      expect((await read(path(schema))).operations[0]?.parameters[0]?.schema).toMatchObject({ type: 'object' });
  });

  it('refuse the operation where a required one cannot be sent', async () => {
    const { refused } = await read(
      `paths: { '/a/{key}': { get: { operationId: a, parameters: [{ name: key, in: path, required: true, schema: { type: array, items: { type: object } } }], ${ok} } } }\n`,
    );
    expect(refused).toEqual([
      expect.objectContaining({
        reason: 'key is a list of objects or lists, which a parameter in path of style simple cannot carry',
        line: 3,
      }),
    ]);
  });

  it('may stand in a mapping alone, and their place in other letters; each is told', async () => {
    const { operations, warnings } = await read(
      `paths: { '/a/{id}': { parameters: { name: id, in: PATH, required: true, schema: { type: integer } }, get: { operationId: a, parameters: [{ name: q, in: Query, schema: { type: string } }], ${ok} } } }\n`,
    );
    expect(operations[0]?.parameters).toMatchObject([
      { name: 'id', in: 'path', schema: { type: 'integer' } },
      { name: 'q', in: 'query' },
    ]);
    expect(warnings.flatMap(({ rule, message }) => (rule.startsWith('parameter') ? [message] : []))).toEqual([
      'parameters is a mapping, not a list; it is taken as the only one',
      'the parameter id is in PATH; path is used',
      'the parameter q is in Query; query is used',
    ]);
  });

  it('are no header fields where their name cannot be one', async () => {
    const bad = `{ name: 'sp ace', in: header, schema: { type: string } }`;
    const { operations, warnings } = await read(withParameters(bad));
    expect(operations[0]?.parameters).toEqual([]);
    expect(warnings.map(({ message }) => message)).toContain(
      '"sp ace" cannot be the name of a header field (RFC 9110 section 5.1); the parameter is left out',
    );
    const { refused } = await read(withParameters(bad.replace('in:', 'required: true, in:')));
    expect(refused).toMatchObject([{ reason: '"sp ace" cannot be the name of a header field (RFC 9110 section 5.1)' }]);
  });
});
