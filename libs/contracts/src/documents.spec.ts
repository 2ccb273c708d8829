import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { operationInfo } from './describe/operation-description.js';
import { readContract, type ContractDocument } from './read-contract.js';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'documents-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function read(text: string): Promise<ContractDocument> {
  await writeFile(join(folder, 'a.yaml'), text);
  return readContract(join(folder, 'a.yaml'), { cwd: folder });
}

const v30 = 'openapi: 3.0.3\ninfo: { title: T, version: "1" }\n';
const v31 = 'openapi: 3.1.0\ninfo: { title: T, version: "1" }\n';
const v32 = 'openapi: 3.2.0\ninfo: { title: T, version: "1" }\n';
const ok = `responses: { '204': { description: ok } }`;
const one = async (text: string) => {
  const contract = await read(text);
  const [operation] = contract.operations;
  if (operation === undefined) throw new Error(JSON.stringify(contract.refused));
  return operationInfo(operation);
};
const rules = (contract: ContractDocument): string[] => contract.warnings.map(({ rule }) => rule);

describe('parameters', () => {
  it.each([
    ['path', 'simple', false, {}],
    ['path', 'simple', true, { explode: true }],
    ['path', 'label', false, { style: 'label' }],
    ['path', 'label', true, { style: 'label', explode: true }],
    ['path', 'matrix', true, { style: 'matrix', explode: true }],
    ['query', 'form', true, {}],
    ['query', 'form', false, { explode: false }],
    ['query', 'spaceDelimited', false, { style: 'spaceDelimited' }],
    ['query', 'pipeDelimited', true, { style: 'pipeDelimited', explode: true }],
    ['query', 'deepObject', true, { style: 'deepObject', explode: true }],
    ['header', 'simple', true, { explode: true }],
    ['cookie', 'form', false, { explode: false }],
  ])(
    'in %s with style %s and explode %s keep values that differ from the defaults',
    async (location, style, explode, expected) => {
      const { parameters } = await one(
        `${v31}paths: { '/a/{p}': { get: { parameters: [ { name: p, in: ${location}, ${location === 'path' ? 'required: true, ' : ''}style: ${style}, explode: ${explode}, schema: { type: array } } ], ${ok} } } }\n`,
      );
      expect(parameters?.find(({ in: where }) => where === location)).toEqual({
        name: 'p',
        in: location,
        ...(location === 'path' ? { required: true } : {}),
        ...expected,
      });
    },
  );

  it('keep odd names as they are', async () => {
    const names = ['filter[a][b]', 'a.b', '$top', '@type', 'class', 'a b', 'constructor', '日本'];
    const list = names.map((name) => `{ name: ${JSON.stringify(name)}, in: query, schema: {} }`);
    const { parameters } = await one(`${v31}paths: { /a: { get: { parameters: [ ${list.join(', ')} ], ${ok} } } }\n`);
    expect(parameters?.map(({ name }) => name)).toEqual(names);
  });

  it('without a name are left out with a warning, unless they are required', async () => {
    const contract = await read(`${v31}paths: { /a: { get: { parameters: [ { in: query, schema: {} } ], ${ok} } } }\n`);
    expect(contract.operations[0]?.parameters).toEqual([]);
    expect(rules(contract)).toContain('parameter-name');
  });

  it('that are the whole query string become one per property, where it is a form', async () => {
    const { parameters } = await one(
      `${v32}paths: { /a: { get: { parameters: [ { name: q, in: querystring, required: true, content: { application/x-www-form-urlencoded: { schema: { type: object, required: [a], properties: { a: { type: string }, tags: { type: array, items: { type: string } }, o: { type: object } } }, encoding: { tags: { style: pipeDelimited, explode: false } } } } } ], ${ok} } } }\n`,
    );
    expect(parameters).toEqual([
      { name: 'a', in: 'query', required: true },
      { name: 'tags', in: 'query', style: 'pipeDelimited' },
      { name: 'o', in: 'query', content: 'application/json' },
    ]);
  });

  it('have their schemas among those of the contract, also where nothing else refers to them', async () => {
    const contract = await read(
      `${v31}paths: { /a: { get: { parameters: [ { name: s, in: query, schema: { $ref: '#/components/schemas/Sort' } } ], ${ok} } } }\ncomponents: { schemas: { Sort: { enum: [up, down] } } }\n`,
    );
    expect([...contract.schemas.keys()]).toEqual(['Sort', 'getA.query']);
  });
});

describe('path items', () => {
  it('may be references, and share parameters and servers', async () => {
    const contract = await read(`${v31}servers: [ { url: 'https://a.example.test' } ]
paths:
  /a/{id}: { $ref: '#/components/pathItems/A' }
components:
  pathItems:
    A:
      servers: [ { url: 'https://{region}.example.test/{v}', variables: { region: { default: eu }, v: { default: v2 } } } ]
      parameters: [ { name: id, in: path, required: true, schema: { type: string } } ]
      get: { ${ok} }
      put: { servers: [ { url: 'https://a.example.test' } ], ${ok} }
      delete: { servers: [ { url: '/files' }, { url: 'https://{lost}' } ], ${ok} }
`);
    expect(contract.servers).toEqual(['https://a.example.test']);
    expect(
      contract.operations
        .map(operationInfo)
        .map(({ method, parameters, servers }) => [method, parameters?.length, servers]),
    ).toEqual([
      ['GET', 1, ['https://eu.example.test/v2']],
      ['PUT', 1, undefined],
      ['DELETE', 1, ['/files']],
    ]);
    expect(rules(contract)).toContain('server-variable');
  });

  it('of OpenAPI 3.2 may have QUERY and other methods', async () => {
    const contract = await read(
      `${v32}paths: { /a: { query: { requestBody: { content: { application/json: { schema: {} } } }, ${ok} }, additionalOperations: { COPY: { ${ok} } } } }\n`,
    );
    expect(contract.operations.map(({ id, method, body }) => [id, method, body?.media[0]?.media])).toEqual([
      ['queryA', 'QUERY', 'application/json'],
      ['copyA', 'COPY', undefined],
    ]);
  });

  it('may be missing: webhooks are a warning and make no operation', async () => {
    const contract = await read(`${v31}webhooks: { paid: { post: { ${ok} } } }\n`);
    expect(contract.operations).toEqual([]);
    expect(contract.refused).toEqual([]);
    expect(rules(contract)).toContain('webhooks');
  });
});

describe('bodies', () => {
  it('say how each property of a form is written', async () => {
    const { body } = await one(`${v31}paths:
  /a:
    post:
      requestBody:
        content:
          application/x-www-form-urlencoded:
            schema: { type: object }
            encoding: { plain: {}, tags: { style: spaceDelimited }, deep: { style: deepObject, explode: true }, raw: { allowReserved: true }, doc: { contentType: application/json }, odd: { style: matrix } }
      ${ok}
`);
    expect(body).toEqual({
      media: ['application/x-www-form-urlencoded'],
      schema: 'postA.body',
      encoding: [
        { name: 'tags', style: 'spaceDelimited' },
        { name: 'deep', style: 'deepObject', explode: true },
        { name: 'raw', style: 'form', allowReserved: true },
        { name: 'doc', contentType: 'application/json' },
        { name: 'odd', style: 'form' },
      ],
    });
  });

  it('describe the parts of a multipart body and their header fields', async () => {
    const { body } = await one(`${v31}paths:
  /a:
    post:
      requestBody:
        required: true
        content:
          multipart/form-data:
            schema: { type: object }
            encoding: { file: { contentType: 'image/png, image/jpeg', headers: { X-Kind: { required: true, schema: { const: photo } }, Content-Type: { schema: {} } } } }
          application/json: { schema: { $ref: '#/components/schemas/File' } }
      ${ok}
components: { schemas: { File: { type: object } } }
`);
    expect(body).toEqual({
      required: true,
      media: ['multipart/form-data', 'application/json'],
      schemas: { 'multipart/form-data': 'postA.body', 'application/json': 'File' },
      encoding: [
        {
          name: 'file',
          contentType: 'image/png, image/jpeg',
          headers: [{ name: 'X-Kind', required: true, value: 'photo' }],
        },
      ],
    });
  });

  it('of GET and DELETE are kept with a warning; those that can hold nothing are left out', async () => {
    const contract = await read(`${v30}paths:
  /a:
    get: { requestBody: { content: { application/json: { schema: { type: object, properties: { q: { type: string } } } } } }, ${ok} }
    delete: { requestBody: { required: true, content: { application/json: { schema: { type: object } } } }, ${ok} }
  /b: { get: { requestBody: { content: { application/x-www-form-urlencoded: { schema: { type: object, properties: {} } } } }, ${ok} } }
`);
    expect(contract.operations.map(({ body }) => body?.media[0]?.media)).toEqual([
      'application/json',
      'application/json',
      undefined,
    ]);
    expect(rules(contract)).toEqual(expect.arrayContaining(['body-on-safe-method', 'empty-body']));
  });
});

describe('responses', () => {
  it('have several statuses and media types, ranges and a default', async () => {
    const { responses } = await one(`${v31}paths:
  /a:
    get:
      responses:
        '200': { description: ok, content: { application/json: { schema: { $ref: '#/components/schemas/A' } }, application/hal+json: { schema: { type: string } }, text/html: {} } }
        '202': { description: ok }
        2xx: { description: ok, content: { image/*: {} } }
        4XX: { description: no, content: { application/problem+json: { schema: { $ref: '#/components/schemas/A' } } } }
        default: { description: no, content: { application/xml: { schema: { $ref: '#/components/schemas/A' } } } }
components: { schemas: { A: { type: object } } }
`);
    expect(responses).toEqual([
      { status: '200', media: 'application/json', schema: 'A' },
      { status: '200', media: 'application/hal+json', schema: 'getA.200' },
      { status: '202' },
      { status: '2XX', media: 'image/*' },
      { status: '4XX', media: 'application/problem+json', schema: 'A' },
      { status: 'default', media: 'application/xml', schema: 'A' },
    ]);
  });

  it.each([
    ["{ '400': { description: bad }, '404': { description: gone } }", true],
    ['{ 4XX: { description: bad }, 5xx: { description: down } }', true],
    ["{ '302': { description: there } }", true],
    ["{ '20': { description: ok }, '404': { description: gone } }", true],
    ["{ ' 204 ': { description: ok }, '404': { description: gone } }", false],
    ['{}', true],
    ["{ '404': { description: gone }, '204': { description: ok } }", false],
    ["{ '404': { description: gone }, 2xx: { description: ok } }", false],
    ["{ '404': { description: gone }, default: { description: ok } }", false],
  ])('without a success are named: %s, %s', async (responses, isNamed) => {
    const { warnings } = await read(
      `${v30}paths:\n  /a:\n    delete: { operationId: drop, responses: ${responses} }\n`,
    );
    expect(warnings.filter(({ rule }) => rule === 'no-success')).toMatchObject(
      isNamed ? [{ message: 'drop declares no success; any 2xx counts as one without a value', line: 5 }] : [],
    );
  });

  it.each([
    ['schema: { type: object }', { type: 'array', items: { type: 'object' } }],
    ['schema: { type: array, items: { type: object } }', { type: 'array', items: { type: 'object' } }],
    ['itemSchema: { type: integer }', { type: 'array', items: { type: 'integer' } }],
  ])('of one JSON value per line are lists: %s', async (written, schema) => {
    const contract = await read(
      `${v32}paths: { /a: { get: { operationId: a, responses: { '200': { description: ok, content: { application/x-ndjson: { ${written} } } } } } } }\n`,
    );
    expect(contract.schemas.get('a.200')).toEqual(schema);
  });
});

describe('Swagger 2.0', () => {
  it('has forms, files, list formats, media types, nulls and a base path', async () => {
    const contract = await read(`
swagger: '2.0'
info: { title: T, version: '1' }
host: api.example.test
basePath: /v1/
schemes: [http, https]
consumes: [application/xml]
paths:
  /a:
    post:
      consumes: [multipart/form-data]
      produces: [application/xml, text/csv]
      parameters:
        - { name: file, in: formData, type: file, required: true }
        - { name: tags, in: formData, type: array, items: { type: string }, collectionFormat: pipes }
        - { name: ids, in: query, type: array, items: { type: integer }, collectionFormat: ssv }
        - { name: tabs, in: query, type: array, items: { type: integer }, collectionFormat: tsv }
      responses: { '200': { description: ok, schema: { type: string, x-nullable: true } } }
    put:
      parameters: [ { name: body, in: body, schema: { $ref: '#/definitions/A' } } ]
      responses: { '204': { description: ok } }
definitions: { A: { type: object, properties: { n: { type: integer, x-nullable: true } } } }
`);
    expect(contract.refused).toEqual([]);
    expect(contract.servers).toEqual(['http://api.example.test/v1/', 'https://api.example.test/v1/']);
    const [post, put] = contract.operations.map(operationInfo);
    expect(post?.body).toEqual({
      required: true,
      media: ['multipart/form-data'],
      schema: 'postA.body',
      encoding: [{ name: 'tags', style: 'pipeDelimited' }],
    });
    expect(post?.parameters).toEqual([
      { name: 'ids', in: 'query', style: 'spaceDelimited' },
      { name: 'tabs', in: 'query', explode: false },
    ]);
    expect(post?.responses.map(({ media }) => media)).toEqual(['application/xml', 'text/csv']);
    expect(put?.body).toEqual({ media: ['application/xml'], schema: 'A' });
    expect(contract.schemas.get('A')).toEqual({ type: 'object', properties: { n: { type: ['integer', 'null'] } } });
    expect(rules(contract)).toContain('collection-format');
  });
});
