import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { operationInfo } from './describe/operation-description.js';
import { readContract, type ContractDocument, type ReadContractOptions } from './read-contract.js';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'contracts-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function read(files: Record<string, string>, options: ReadContractOptions = {}): Promise<ContractDocument> {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  const [entry = ''] = Object.keys(files);
  return readContract(join(folder, entry), { cwd: folder, ...options });
}

const head = 'openapi: 3.0.3\ninfo: { title: T, version: "1" }\n';
const answer = 'responses: { "200": { description: ok, content: { application/json: { schema: { type: string } } } } }';

describe('headers of responses', () => {
  const withHeaders = (headers: string, more = ''): string => `${head}
paths:
  /a:
    get:
      operationId: list
      responses:
        '200':
          description: ok
          headers: ${headers}
          content: { application/json: { schema: { type: string } } }${more}
components:
  headers:
    Total: { required: true, schema: { $ref: '#/components/schemas/Count' } }
  schemas:
    Count: { type: integer, minimum: 0 }
`;

  it('are described with the form of their values', async () => {
    const contract = await read({
      'a.yaml': withHeaders(`
            X-Total: { $ref: '#/components/headers/Total' }
            ETag: { schema: { type: string } }
            Ratio: { schema: { type: [number, 'null'] } }
            Fresh: { schema: { type: boolean } }
            Tags: { schema: { type: array, items: { type: integer } } }
            Odd: { schema: { oneOf: [{ type: string }, { type: integer }] } }
            Json: { content: { application/json: { schema: { type: object } } } }
            Content-Type: { schema: { type: string } }
            Set-Cookie: { schema: { type: string } }
            Connection: { schema: { type: string } }
            'bad name': { schema: { type: string } }
            constructor: { schema: { type: string } }
            Broken: { schema: { $ref: '#/components/schemas/Nowhere' } }`),
    });
    expect(contract.refused).toEqual([]);
    expect(contract.operations.map(operationInfo)[0]?.headers).toEqual([
      { name: 'X-Total', required: true, type: 'integer' },
      { name: 'ETag' },
      { name: 'Ratio', type: 'number' },
      { name: 'Fresh', type: 'boolean' },
      { name: 'Tags', list: true, type: 'integer' },
      { name: 'Odd' },
      { name: 'Json' },
      expect.objectContaining({ name: 'Broken' }),
    ]);
  });

  it('are required only where every success requires them', async () => {
    const other = `
        '206': { description: part, headers: { etag: { schema: { type: string } } }, content: { application/json: { schema: { type: string } } } }
        '404': { description: none, headers: { X-Why: { schema: { type: string } } } }`;
    const contract = await read({
      'a.yaml': withHeaders(
        '{ ETag: { required: true, schema: { type: string } }, X-Total: { $ref: "#/components/headers/Total" } }',
        other,
      ),
    });
    expect(contract.operations.map(operationInfo)[0]?.headers).toEqual([
      { name: 'ETag' },
      { name: 'X-Total', type: 'integer' },
    ]);
  });
});

describe('operations of a contract', () => {
  it('are described in the form that the runtime needs', async () => {
    const contract = await read({
      'a.yaml': `${head}
paths:
  /orders/{id}/lines:
    parameters:
      - { name: id, in: path, required: true, allowReserved: true, schema: { type: string } }
      - { name: Accept, in: header, schema: { type: string } }
      - { $ref: '#/components/parameters/Limit' }
    get:
      operationId: listLines
      summary: Lines
      parameters:
        - { name: limit, in: query, required: true, schema: { type: integer } }
        - { name: tags, in: query, style: pipeDelimited, explode: false, allowReserved: true, schema: { type: array, items: { type: string } } }
        - { name: filter, in: query, content: { application/json: { schema: { type: object } } } }
      responses:
        '200':
          description: ok
          content:
            text/csv: { schema: { type: string } }
            application/json: { schema: { type: array, items: { $ref: '#/components/schemas/Line' } } }
        4xx: { description: bad, content: { application/problem+json: { schema: { $ref: '#/components/schemas/Problem' } } } }
components:
  parameters:
    Limit: { name: limit, in: query, schema: { type: integer } }
  schemas:
    Unused: { type: string }
    Line: { type: object, properties: { note: { type: string, nullable: true } } }
    Problem: { type: object }
`,
    });
    expect(contract.warnings.map(({ message }) => message)).toEqual([
      'the response 200 is asked for as JSON, not as text/csv',
    ]);
    expect(contract.operations.map(operationInfo)).toEqual([
      {
        id: 'listLines',
        method: 'GET',
        path: '/orders/{id}/lines',
        parameters: [
          { name: 'id', in: 'path', required: true, allowReserved: true },
          { name: 'Accept', in: 'header' },
          { name: 'limit', in: 'query', required: true },
          { name: 'tags', in: 'query', style: 'pipeDelimited', allowReserved: true },
          { name: 'filter', in: 'query', content: 'application/json' },
        ],
        inputs: { path: 'listLines.path', query: 'listLines.query', header: 'listLines.header' },
        responses: [
          { status: '200', media: 'application/json', schema: 'listLines.200' },
          { status: '4XX', media: 'application/problem+json', schema: 'Problem' },
        ],
      },
    ]);
    expect(Object.fromEntries(contract.schemas)).toEqual({
      Line: { type: 'object', properties: { note: { type: ['string', 'null'] } } },
      Problem: { type: 'object' },
      'listLines.path': { type: 'object', required: ['id'], properties: { id: { type: 'string' } } },
      'listLines.header': { type: 'object', properties: { Accept: { type: 'string' } } },
      'listLines.query': {
        type: 'object',
        required: ['limit'],
        properties: {
          limit: { type: 'integer' },
          tags: { type: 'array', items: { type: 'string' } },
          filter: { type: 'object' },
        },
      },
      'listLines.200': { type: 'array', items: { $ref: '#/components/schemas/Line' } },
    });
  });

  it('only read where `x-frontage-safe` says so, whatever their method', async () => {
    const contract = await read({
      'a.yaml': `${head}
paths:
  /search: { post: { operationId: search, x-frontage-safe: true, ${answer} }, get: { operationId: list, x-frontage-safe: true, ${answer} } }
  /a: { post: { operationId: create, x-frontage-safe: false, ${answer} }, put: { operationId: lookUp, x-frontage-safe: true, ${answer} } }
  /b: { post: { operationId: quoted, x-frontage-safe: 'true', ${answer} }, delete: { operationId: remove, x-frontage-safe: true, ${answer} } }
`,
    });
    expect(contract.operations.map(({ id, safe }) => [id, safe])).toEqual([
      ['search', true],
      ['list', undefined],
      ['create', undefined],
      ['lookUp', true],
      ['quoted', undefined],
      ['remove', undefined],
    ]);
    expect(contract.operations.map(operationInfo)[0]).toMatchObject({ id: 'search', method: 'POST', safe: true });
    expect(contract.warnings.filter(({ rule }) => rule === 'frontage-safe').map(({ message }) => message)).toEqual([
      'x-frontage-safe is "true"; write true, without quotes',
      'a DELETE removes something by definition, so x-frontage-safe has no effect here',
    ]);
  });

  it('get a name where they have none, and another where theirs is taken', async () => {
    const contract = await read({
      'a.yaml': `${head}
paths:
  /a-b/{id}: { get: { ${answer} }, put: { operationId: getABById, ${answer} } }
  /c: { get: { operationId: same, ${answer} }, post: { operationId: same, ${answer} }, delete: { operationId: delete-it now, ${answer} } }
`,
    });
    expect(contract.operations.map(({ id }) => id)).toEqual([
      'getABById_2',
      'getABById',
      'same',
      'postC',
      'deleteItNow',
    ]);
    expect(contract.warnings.filter(({ rule }) => rule === 'repeated-operation-id')).toMatchObject([
      { line: 6, message: /called postC/ },
    ]);
  });

  it('that cannot be offered are refused by name, with location and reason; the others stay', async () => {
    const contract = await read({
      'a.yaml': `${head}
paths:
  /good: { get: { ${answer} } }
  /nowhere:
    get:
      responses:
        '200': { description: ok, content: { application/json: { schema: { $ref: '#/components/schemas/Gone' } } } }
  /deep:
    get:
      responses:
        '200': { description: ok, content: { application/json: { schema: { $ref: '#/components/schemas/Outer' } } } }
  /self:
    get:
      responses:
        '200': { description: ok, content: { application/json: { schema: { $ref: '#/components/schemas/Self' } } } }
  /query:
    get: { parameters: [ { name: q, in: querystring } ], ${answer} }
    additionalOperations: { FETCH: { ${answer} }, GET: { ${answer} } }
  relative: { get: { ${answer} } }
components:
  schemas:
    Outer: { type: object, properties: { inner: { $ref: './missing.yaml' } } }
    Self: { oneOf: [ { $ref: '#/components/schemas/Self' }, { type: string } ] }
`,
    });
    expect(contract.operations.map(({ path }) => path)).toEqual(['/good']);
    expect(contract.refused.map(({ method, path, line, reason }) => `${method} ${path} :${line} ${reason}`)).toEqual([
      'FETCH /query :20 the method FETCH is not one that Node.js speaks',
      'GET /query :20 GET stands under get of the path',
      'GET relative :21 a path begins with /',
      'GET /nowhere :9 the reference #/components/schemas/Gone leads nowhere',
      'GET /deep :24 there is no file missing.yaml',
      'GET /self :25 the schema Self refers to itself without an object or a list in between',
      'GET /query :19 the parameter q is the whole query string as nothing; only application/x-www-form-urlencoded with properties can be sent',
    ]);
  });

  it('make a component of a schema that is referred to by its pointer', async () => {
    const contract = await read({
      'a.yaml': `${head}
paths:
  /a: { get: { operationId: a, responses: { '200': { description: ok, content: { application/json: { schema: { type: object, properties: { x: { type: integer } } } } } } } } }
  /b: { get: { operationId: b, responses: { '200': { description: ok, content: { application/json: { schema: { $ref: '#/paths/~1a/get/responses/200/content/application~1json/schema' } } } } } } }
`,
    });
    const [, b] = contract.operations;
    const name = b?.responses[0]?.media[0]?.schemaName ?? '';
    expect(name).toMatch(/^[A-Za-z0-9._-]+$/);
    expect(contract.schemas.get(name)).toEqual({ type: 'object', properties: { x: { type: 'integer' } } });
  });

  it('take */* with the schema of a text as text', async () => {
    const contract = await read({
      'a.yaml': `${head}paths: { /a: { get: { responses: { '200': { description: ok, content: { '*/*': { schema: { type: string } } } } } } } }\n`,
    });
    expect(contract.operations[0]?.responses[0]?.media[0]?.media).toBe('text/plain');
    expect(contract.warnings.map(({ rule }) => rule)).toEqual(['media-range']);
  });
});

describe('Swagger 2.0', () => {
  it('reads as the same operations', async () => {
    const contract = await read({
      'a.yaml': `
swagger: "2.0"
info: { title: T, version: "1" }
host: api.example.test
basePath: /v1
schemes: [https]
consumes: [application/json]
produces: [application/json]
parameters:
  Page: { name: page, in: query, type: integer, minimum: 0, exclusiveMinimum: true }
paths:
  /orders:
    parameters: [ { $ref: '#/parameters/Page' } ]
    post:
      operationId: createOrder
      parameters:
        - { name: ids, in: query, type: array, items: { type: string }, collectionFormat: multi }
        - { name: tags, in: query, type: array, items: { type: string } }
        - { name: body, in: body, required: true, schema: { $ref: '#/definitions/Order' } }
      responses:
        "200": { $ref: '#/responses/One' }
        "204": { description: nothing }
    put:
      operationId: upload
      parameters: [ { name: file, in: formData, type: file, required: true } ]
      responses: { default: { description: x } }
responses:
  One: { description: ok, schema: { $ref: '#/definitions/Order' } }
definitions:
  Order: { type: object, discriminator: kind, properties: { kind: { type: string, x-nullable: true }, parent: { $ref: '#/definitions/Order' } } }
`,
    });
    expect(contract.refused).toEqual([]);
    expect(contract.openapi).toBe('2.0');
    expect(contract.servers).toEqual(['https://api.example.test/v1']);
    expect(contract.operations.map(operationInfo)).toEqual([
      {
        id: 'createOrder',
        method: 'POST',
        path: '/orders',
        parameters: [
          { name: 'page', in: 'query' },
          { name: 'ids', in: 'query' },
          { name: 'tags', in: 'query', explode: false },
        ],
        inputs: { query: 'createOrder.query' },
        body: { required: true, media: ['application/json'], schema: 'Order' },
        responses: [{ status: '200', media: 'application/json', schema: 'Order' }, { status: '204' }],
      },
      {
        id: 'upload',
        method: 'PUT',
        path: '/orders',
        parameters: [{ name: 'page', in: 'query' }],
        inputs: { query: 'upload.query' },
        body: { required: true, media: ['multipart/form-data'], schema: 'upload.body' },
        responses: [{ status: 'default' }],
      },
    ]);
    expect(contract.operations[0]?.parameters[0]?.schema).toEqual({ type: 'integer', exclusiveMinimum: 0 });
    expect(contract.schemas.get('Order')).toEqual({
      type: 'object',
      discriminator: { propertyName: 'kind' },
      properties: { kind: { type: ['string', 'null'] }, parent: { $ref: '#/components/schemas/Order' } },
    });
  });
});

describe('contracts of many files', () => {
  const entry = `${head}
paths:
  /orders: { $ref: 'paths/orders.yaml' }
components:
  schemas:
    Order: { $ref: 'schemas/order.yaml' }
`;
  it('become one: schemas as components, the rest where it is referred to, with the names of the root', async () => {
    const contract = await read({
      'openapi.yaml': entry,
      'paths/orders.yaml': `get:\n  operationId: listOrders\n  responses: { "200": { $ref: '../responses.yaml#/List' } }\n`,
      'responses.yaml': `List: { description: ok, content: { application/json: { schema: { type: array, items: { $ref: 'schemas/order.yaml' } } } } }\n`,
      'schemas/order.yaml': `type: object\nproperties:\n  lines: { type: array, items: { $ref: './$line.yaml' } }\n  parent: { $ref: '#' }\n`,
      'schemas/$line.yaml': `type: object\nproperties: { order: { $ref: 'order.yaml' }, total: { $ref: '#/definitions/money' } }\ndefinitions: { money: { type: integer } }\n`,
    });
    expect(contract.refused).toEqual([]);
    expect(contract.isFolded).toBe(true);
    expect(Object.fromEntries(contract.schemas)).toEqual({
      Order: {
        type: 'object',
        properties: {
          lines: { type: 'array', items: { $ref: '#/components/schemas/line' } },
          parent: { $ref: '#/components/schemas/Order' },
        },
      },
      line: {
        type: 'object',
        properties: { order: { $ref: '#/components/schemas/Order' }, total: { $ref: '#/components/schemas/money' } },
      },
      money: { type: 'integer' },
      'listOrders.200': { type: 'array', items: { $ref: '#/components/schemas/Order' } },
    });
  });

  it('name the file that holds a refused operation', async () => {
    const contract = await read({
      'openapi.yaml': entry,
      'paths/orders.yaml': `get:\n  parameters: [ { in: query, required: true } ]\n  ${answer}\n`,
      'schemas/order.yaml': 'type: object\n',
    });
    expect(contract.refused).toEqual([
      {
        method: 'GET',
        path: '/orders',
        reason: 'a parameter has no name',
        file: 'paths/orders.yaml',
        line: 2,
        column: 17,
      },
    ]);
  });

  it('G3: nothing outside the folder is read, neither by .. nor by a link', async () => {
    await writeFile(join(dirname(folder), 'outside-contract.yaml'), 'type: object\n');
    await symlink(join(dirname(folder), 'outside-contract.yaml'), join(folder, 'link.yaml'));
    const schema = (reference: string): string =>
      `{ get: { responses: { '200': { description: ok, content: { application/json: { schema: { $ref: '${reference}' } } } } } } }`;
    const contract = await read({
      'a.yaml': `${head}paths:\n  /up: ${schema('../outside-contract.yaml')}\n  /link: ${schema('link.yaml')}\n  /etc: ${schema('file:///etc/hostname')}\n`,
    });
    await rm(join(dirname(folder), 'outside-contract.yaml'));
    expect(contract.operations).toEqual([]);
    expect(contract.refused.map(({ reason }) => reason)).toEqual(
      Array(3).fill(expect.stringMatching(/outside the folder|no file/)),
    );
  });

  it('A13: other hosts are contacted only when that is allowed', async () => {
    let asked = 0;
    const server = createServer((_, response) => {
      asked++;
      response.end('type: object\nproperties: { id: { type: string } }\n');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/thing.yaml`;
    const text = `${head}paths:\n  /a: { get: { responses: { '200': { description: ok, content: { application/json: { schema: { $ref: '${url}' } } } } } } }\n`;
    try {
      const closed = await read({ 'a.yaml': text });
      expect(closed.refused[0]?.reason).toBe(
        `the remote reference ${url} is refused; download it into the folder or pass --allow-remote`,
      );
      expect(asked).toBe(0);
      const open = await read({ 'a.yaml': text }, { allowRemote: true });
      expect(open.schemas.get('thing')).toEqual({ type: 'object', properties: { id: { type: 'string' } } });
    } finally {
      server.close();
    }
  });

  it('G3: a $ref inside an example is data', async () => {
    const contract = await read({
      'a.yaml': `${head}
paths:
  /a:
    get:
      responses:
        '200':
          description: ok
          content:
            application/json:
              schema: { type: object, properties: { $ref: { type: string } }, example: { $ref: './missing.yaml' }, default: { $ref: 'https://nowhere.example.test/' } }
              example: { $ref: '../../etc/passwd' }
              examples: { one: { value: { $ref: '#/nowhere' } } }
`,
    });
    expect(contract.refused).toEqual([]);
    expect(contract.operations).toHaveLength(1);
  });
});

describe('a file that is no contract', () => {
  it.each([
    ['a list', '[]', 'a.yaml:1:1: an OpenAPI document is a mapping'],
    [
      'another document',
      'name: x',
      'a.yaml:1:1: this is no OpenAPI document: it has neither `openapi: 3.x` nor `swagger: "2.0"`',
    ],
    ['a version to come', 'openapi: 4.0.0', 'a.yaml:1:1: OpenAPI 4.0.0 is not known; known are 2.0, 3.0, 3.1 and 3.2'],
  ])('is refused with a clear message: %s', async (_, text, message) => {
    await expect(read({ 'a.yaml': text })).rejects.toThrow(message);
  });

  it('G3: a file beyond the limit is refused before it is read', async () => {
    await expect(read({ 'a.yaml': `${head}paths: {}\n` }, { maxBytes: 20 })).rejects.toThrow(
      /a\.yaml:1:1: the file has \d+ bytes; at most 20 are read/,
    );
  });
});

describe('owners and classifications', () => {
  it('are read from the contract: the owner of an operation before that of its path and of the contract', async () => {
    const contract = await read({
      'a.yaml': `openapi: 3.1.0
info: { title: A, version: '1', x-owner: a-team }
paths:
  /a: { x-owner: path-team, get: { operationId: one, ${answer} }, put: { operationId: two, x-owner: '@org/two', ${answer} } }
  /b: { get: { operationId: three, ${answer} }, put: { operationId: four, x-owner: [a, b], ${answer} } }
`,
    });
    expect(contract.owner).toBe('a-team');
    expect(contract.operations.map(({ id, owner }) => [id, owner])).toEqual([
      ['one', 'path-team'],
      ['two', '@org/two'],
      ['three', undefined],
      ['four', undefined],
    ]);
    expect(contract.operations.map(operationInfo)[0]).toMatchObject({ owner: 'path-team' });
    expect(contract.warnings.filter(({ rule }) => rule === 'owner').map(({ message }) => message)).toEqual([
      'x-owner is ["a","b"], not the name of a team; it is left out',
    ]);
  });

  it('stand under one keyword in schemas, beside references and for parameters, whatever form they were written in', async () => {
    const contract = await read({
      'a.yaml': `${head}
paths:
  /a/{mail}:
    get:
      operationId: one
      parameters: [{ name: mail, in: path, required: true, x-pii: true, schema: { type: string } }]
      responses: { '200': { description: d, content: { application/json: { schema: { $ref: '#/components/schemas/A' } } } } }
components:
  schemas:
    B: { type: object, x-classification: confidential }
    A:
      type: object
      properties:
        mail: { type: string, x-pii: true }
        both: { type: string, nullable: true, x-pii: true, x-classification: secret }
        open: { type: string, x-pii: false }
        b: { $ref: '#/components/schemas/B', x-pii: true }
        odd: { type: string, x-pii: 'yes' }
        other: { type: string, x-classification: 7, x-anything: true }
`,
    });
    expect(contract.schemas.get('A')).toMatchObject({
      properties: {
        mail: { type: 'string', 'x-classification': 'pii' },
        both: { 'x-classification': 'secret, pii' },
        open: { type: 'string', 'x-classification': 'public' },
        b: { $ref: '#/components/schemas/B', 'x-classification': 'pii' },
        odd: { type: 'string' },
        other: { type: 'string' },
      },
    });
    expect(contract.schemas.get('B')).toEqual({ type: 'object', 'x-classification': 'confidential' });
    expect(contract.schemas.get('one.path')).toMatchObject({ properties: { mail: { 'x-classification': 'pii' } } });
    expect(contract.warnings.filter(({ message }) => message.includes('x-')).map(({ message }) => message)).toEqual([
      'x-pii is "yes", not true or false; it is left out',
      'x-classification is 7, not a word like confidential; it is left out',
    ]);
  });
});
