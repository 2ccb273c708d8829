import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ContractError, formatLocation } from './location.js';
import { readContract } from '../read-contract.js';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'circles-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

interface Told {
  readonly operations: readonly string[];
  readonly refused: readonly string[];
  readonly circles: readonly string[];
}

async function told(files: Readonly<Record<string, string>>): Promise<Told> {
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  const entry = Object.keys(files)[0] ?? '';
  const { operations, refused, warnings } = await readContract(join(folder, entry), { cwd: folder });
  return {
    operations: operations.map(({ id }) => id),
    refused: refused.map((each) => `${each.method} ${each.path} ${formatLocation(each)}: ${each.reason}`),
    circles: warnings
      .filter(({ rule }) => rule !== 'struct')
      .map((each) => `${formatLocation(each)}: ${each.message}`)
      .toSorted(),
  };
}

const head = 'openapi: 3.1.0\ninfo: { title: T, version: "1" }\npaths:\n';
const sound = '  /sound: { get: { responses: { "200": { description: ok } } } }\n';
const responding = (schema: string): string =>
  `  /a: { get: { responses: { "200": { description: ok, content: { application/json: { schema: ${schema} } } } } } }\n`;
const components = (kind: string, name = 'P'): string => `components:\n  ${kind}:\n    ${name}: { $ref: '#/components/${kind}/${name}' }\n`; // prettier-ignore

describe('a reference that leads back to itself', () => {
  it.each([
    ['a parameter', `  /a:\n    get:\n      parameters: [{ $ref: '#/components/parameters/P' }]\n      responses: {}\n${sound}${components('parameters')}`, 'GET /a', 'a.yaml:11:5'],
    ['a response', `  /a:\n    get:\n      responses: { '200': { $ref: '#/components/responses/P' } }\n${sound}${components('responses')}`, 'GET /a', 'a.yaml:10:5'],
    ['a body', `  /a:\n    post:\n      requestBody: { $ref: '#/components/requestBodies/P' }\n      responses: {}\n${sound}${components('requestBodies')}`, 'POST /a', 'a.yaml:11:5'],
    ['a path', `  /a: { $ref: '#/paths/~1a' }\n${sound}`, '* /a', 'a.yaml:4:3'],
  ])('is reported with file and line for %s, and refuses no other operation', async (_, text, operation, location) => {
    const { operations, refused, circles } = await told({ 'a.yaml': head + text });
    expect(operations).toEqual(['getSound']);
    expect(refused).toEqual([expect.stringMatching(/^.*: the reference #\/\S+ leads back to itself$/)]);
    expect(refused[0]).toContain(`${operation} ${location}: `);
    expect(circles).toEqual([expect.stringContaining(`${location}: the reference `)]);
  }); // prettier-ignore

  it.each([
    ['itself', `    A: { $ref: '#/components/schemas/A' }\n`],
    ['itself beside other keywords', `    A: { $ref: '#/components/schemas/A', description: again }\n`],
    ['itself by way of another', `    A: { $ref: '#/components/schemas/B' }\n    B: { $ref: '#/components/schemas/A' }\n`],
    ['itself in allOf', `    A: { allOf: [{ $ref: '#/components/schemas/A' }] }\n`],
    ['itself in not', `    A: { not: { $ref: '#/components/schemas/A' } }\n`],
    ['itself in dependentSchemas', `    A: { dependentSchemas: { x: { $ref: '#/components/schemas/A' } } }\n`],
  ])('is reported with file and line for a schema that is %s', async (_, schemas) => {
    const text = `${head}${responding(`{ $ref: '#/components/schemas/A' }`)}${sound}components:\n  schemas:\n${schemas}`;
    const { operations, refused } = await told({ 'a.yaml': text });
    expect(operations).toEqual(['getSound']);
    expect(refused).toEqual([
      'GET /a a.yaml:8:5: the schema A refers to itself without an object or a list in between',
    ]);
  }); // prettier-ignore

  it('is no fault where an object or a list stands in between', async () => {
    const schema = `components: { schemas: { A: { type: object, properties: { next: { $ref: '#/components/schemas/A' }, all: { type: array, items: { $ref: '#/components/schemas/A' } } } } } }\n`;
    const text = `${head}${responding(`{ $ref: '#/components/schemas/A' }`)}${schema}`;
    expect(await told({ 'a.yaml': text })).toEqual({ operations: ['getA'], refused: [], circles: [] });
  });

  it.each(['headers', 'examples', 'links', 'callbacks', 'securitySchemes', 'schemas'])(
    'is a warning with file and line among %s that no operation uses',
    async (kind) => {
      const { operations, circles } = await told({ 'a.yaml': head + sound + components(kind) });
      expect(operations).toEqual(['getSound']);
      expect(circles).toContain(`a.yaml:7:5: the reference #/components/${kind}/P leads back to itself`);
    },
  );

  it('is reported in Swagger 2.0', async () => {
    const text = `swagger: '2.0'
info: { title: T, version: '1' }
paths:
  /a: { get: { responses: { 200: { description: ok, schema: { $ref: '#/definitions/A' } } } } }
definitions:
  A: { $ref: '#/definitions/B' }
  B: { $ref: '#/definitions/A' }
`;
    const { refused, circles } = await told({ 'a.yaml': text });
    expect(refused).toEqual([
      'GET /a a.yaml:6:3: the schema A refers to itself without an object or a list in between',
    ]);
    expect(circles).toEqual([
      'a.yaml:6:3: the reference #/definitions/B leads back to itself by way of #/definitions/A',
      'a.yaml:7:3: the reference #/definitions/A leads back to itself by way of #/definitions/B',
    ]);
  });

  it('is reported with its own file, of several', async () => {
    const { refused } = await told({
      'a.yaml': `${head}${responding(`{ $ref: './b.yaml#/A' }`)}  /b: { $ref: './b.yaml#/path' }\n`,
      'b.yaml': `A: { $ref: '#/B' }\nB: { $ref: './b.yaml#/A' }\npath: { $ref: './b.yaml#/path' }\n`,
    });
    expect(refused).toEqual([
      '* /b b.yaml:3:1: the reference ./b.yaml#/path leads back to itself',
      'GET /a b.yaml:1:1: the schema A refers to itself without an object or a list in between',
    ]);
  });

  it('is reported where a file names itself; the name alone is no mistake', async () => {
    const text = `${head}${responding(`{ $ref: 'a.yaml#/components/schemas/A' }`)}  /b: { $ref: 'a.yaml#/paths/~1b' }\ncomponents: { schemas: { A: { type: string } } }\n`;
    const { operations, refused } = await told({ 'a.yaml': text });
    expect(operations).toEqual(['getA']);
    expect(refused).toEqual(['* /b a.yaml:5:3: the reference #/paths/~1b leads back to itself']);
  });

  it.each([
    ['the whole document', `{ $ref: '#' }`, 'the reference # leads to the document itself, which is no schema'],
    ['itself by its own pointer', `{ $ref: '#/paths/~1a/get/responses/200/content/application~1json/schema' }`, 'the schema get_200_application_json refers to itself without an object or a list in between'],
  ])('is reported for a schema that is %s', async (_, schema, reason) => {
    const { refused } = await told({ 'a.yaml': head + responding(schema) });
    expect(refused).toEqual([expect.stringMatching(/^GET \/a a\.yaml:4:\d+: /)]);
    expect(refused[0]).toContain(reason);
  }); // prettier-ignore

  it('is reported for an alias of YAML', async () => {
    const read = told({ 'a.yaml': head + responding('&a { allOf: [*a] }') });
    await expect(read).rejects.toThrow(ContractError);
    await expect(read).rejects.toThrow(/^a\.yaml:4:\d+: the alias \*a is inside the value that it repeats$/);
  });

  it('leaves a chain of references of any length alone', async () => {
    const chain = Array.from(
      { length: 200 },
      (_, at) => `    P${at}: { $ref: '#/components/parameters/P${at + 1}' }\n`,
    );
    const text = `${head}  /a: { get: { parameters: [{ $ref: '#/components/parameters/P0' }], responses: { 204: { description: ok } } } }\ncomponents:\n  parameters:\n${chain.join('')}    P200: { name: q, in: query, schema: { type: string } }\n`;
    expect(await told({ 'a.yaml': text })).toMatchObject({ operations: ['getA'], refused: [], circles: [] });
  });
});
