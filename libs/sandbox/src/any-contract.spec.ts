import { readContract } from '@frontage/contracts';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ContractChecks } from './contract/contract-checks.js';
import { createSandbox, type Sandbox } from './sandbox.js';

const contract = `
openapi: 3.0.3
info: { title: Library, version: '1' }
paths:
  /books/latest:
    get:
      operationId: latest
      responses:
        '200': { description: ok, content: { application/json: { schema: { type: object, properties: { latest: { type: boolean, enum: [true] } }, required: [latest] } } } }
  /books/{id}:
    parameters:
      - { name: id, in: path, required: true, schema: { type: integer } }
    get:
      operationId: getBook
      responses:
        '200': { description: ok, content: { application/json: { schema: { $ref: '#/components/schemas/Book' } } } }
    put:
      operationId: putBook
      requestBody: { required: true, content: { application/json: { schema: { $ref: '#/components/schemas/Book' } } } }
      responses: { '204': { description: done } }
  /shelves/{place}/{tags}/{size}:
    get:
      operationId: getShelf
      parameters:
        - { name: place, in: path, required: true, style: matrix, explode: true, schema: { type: array, items: { type: string } } }
        - { name: tags, in: path, required: true, style: label, schema: { type: array, items: { type: string } } }
        - { name: size, in: path, required: true, schema: { type: object, properties: { w: { type: integer }, h: { type: integer } } } }
        - { name: filter, in: query, style: deepObject, schema: { type: object, properties: { year: { type: integer } } } }
        - { name: ids, in: query, style: pipeDelimited, explode: false, schema: { type: array, items: { type: integer } } }
        - { name: words, in: query, style: spaceDelimited, explode: false, schema: { type: array, items: { type: string } } }
        - { name: point, in: query, explode: false, schema: { type: object, properties: { x: { type: number }, y: { type: number } } } }
        - { name: page, in: query, schema: { type: object, properties: { from: { type: integer }, to: { type: integer } } } }
        - { name: query, in: query, content: { application/json: { schema: { type: object, required: [q] } } } }
        - { name: X-Depths, in: header, schema: { type: array, items: { type: integer } } }
        - { name: session, in: cookie, schema: { type: string } }
      responses: { '200': { description: ok, content: { application/json: { schema: {} } } } }
  /search:
    get:
      operationId: search
      parameters:
        - { name: has, in: query, schema: { anyOf: [{ type: string }, { type: array, items: { type: string, enum: [patch, fix] } }] } }
        - { name: size, in: query, explode: false, schema: { oneOf: [{ type: integer }, { type: array, items: { type: integer }, minItems: 2 }] } }
        - { name: at, in: query, schema: { oneOf: [{ type: string, format: date }, { type: object, properties: { from: { type: string }, to: { type: string } }, required: [from] }] } }
      responses: { '200': { description: ok } }
  /covers/{name}.png:
    get:
      operationId: getCover
      parameters: [{ name: name, in: path, required: true, schema: { type: string } }]
      responses: { '200': { description: ok, content: { image/png: { schema: { type: string, format: binary } } } } }
  /good:
    get: { operationId: good, responses: { '200': { $ref: '#/components/responses/Good' } } }
  /bad:
    get: { operationId: bad, responses: { '200': { description: ok, content: { application/json: { example: { title: 7 }, schema: { $ref: '#/components/schemas/Book' } } } } } }
  /errors/{id}:
    parameters: [{ name: id, in: path, required: true, schema: { type: integer } }]
    get: { operationId: readErrors, responses: { 5XX: { description: down, content: { text/plain: {} } }, 404: { description: gone } } }
    put: { operationId: putErrors, responses: { '304': { description: same }, '401': { description: who } } }
    delete: { operationId: deleteErrors, responses: { '400': { description: bad, content: { application/json: { schema: { $ref: '#/components/schemas/Book' } } } }, '404': { description: gone } } }
  /moved:
    get: { operationId: moved, responses: { '400': { description: bad }, '302': { description: there } } }
components:
  responses:
    Good: { description: ok, content: { application/json: { examples: { one: { $ref: '#/components/examples/One' } }, schema: { $ref: '#/components/schemas/Book' } } } }
  examples:
    One: { value: { id: 7, title: Seven } }
  schemas:
    Book:
      type: object
      required: [id, title]
      properties:
        id: { type: integer, readOnly: true, minimum: 1 }
        title: { type: string, minLength: 1 }
        subtitle: { type: string, nullable: true }
        isbn: { type: string, pattern: '^97[89]-\\d{10}$' }
        sequels: { type: array, items: { $ref: '#/components/schemas/Book' } }
`;

let folder: string;
let sandbox: Sandbox;
let seen: unknown;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'frontage-sandbox-'));
  const file = join(folder, 'openapi.yaml');
  await writeFile(file, contract);
  const getShelf = (request: object) => {
    seen = request;
    return { status: 200, body: {} };
  };
  const behaviours = { library: { getShelf, search: getShelf } };
  sandbox = await createSandbox({ contracts: [{ upstream: 'library', file }], behaviours });
});
afterAll(async () => {
  await sandbox.close();
  await rm(folder, { recursive: true });
});

const get = (target: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${sandbox.url}/library${target}`, { headers });

describe('a contract without a behaviour of its own', () => {
  it('has responses that its schemas accept, the same for the same target', async () => {
    const [one, again, other] = await Promise.all(
      ['/books/1', '/books/1', '/books/2'].map(async (target) => (await get(target)).text()),
    );
    expect(one).toBe(again);
    expect(one).not.toBe(other);
    const document = await readContract(join(folder, 'openapi.yaml'));
    const book = document.schemas.get('Book');
    const checks = new ContractChecks(document);
    expect(checks.accepts(book ?? false, JSON.parse(one ?? ''), 'response')).toBe(true);
    expect(JSON.parse(one ?? '')).toHaveProperty('isbn', expect.stringMatching(/^97[89]-\d{10}$/));
  });

  it('has its examples as responses, where its schemas accept them', async () => {
    expect(await (await get('/good')).json()).toEqual({ id: 7, title: 'Seven' });
    expect(await (await get('/bad')).json()).toMatchObject({ title: expect.any(String) });
  });

  it('prefers a literal path to a template', async () => {
    expect(await (await get('/books/latest')).json()).toEqual({ latest: true });
  });

  it('has responses without a body, and of other media types than JSON', async () => {
    const put = { method: 'PUT', headers: { 'content-type': 'application/json' } };
    // id is readOnly: required in responses, not in requests.
    const stored = await fetch(`${sandbox.url}/library/books/1`, { ...put, body: '{"title":"One"}' });
    expect([stored.status, await stored.text()]).toEqual([204, '']);
    const untitled = await fetch(`${sandbox.url}/library/books/1`, { ...put, body: '{}' });
    expect(untitled.status).toBe(400);
    expect((await get('/covers/a.b.png')).headers.get('content-type')).toBe('image/png');
    expect((await get('/covers/a.gif')).status).toBe(404);
  });

  it.each(['GET', 'PUT', 'DELETE'])('has 204 where only errors are declared: %s', async (method) => {
    const response = await fetch(`${sandbox.url}/library/errors/1`, { method });
    expect([response.status, await response.text()]).toEqual([204, '']);
    expect((await fetch(`${sandbox.url}/library/errors/one`, { method })).status).toBe(400);
  });

  it('has the redirect where that alone is no error', async () => {
    expect((await fetch(`${sandbox.url}/library/moved`, { redirect: 'manual' })).status).toBe(302);
  });

  it('reads parameters in every style, and gives them their types', async () => {
    const query = 'filter[year]=1984&ids=1%7C2&words=a%20b&point=x,1.5,y,2&from=1&to=2&query=%7B%22q%22%3A1%7D';
    const path = '/shelves/;place=a%2Fb;place=c/.x,y/w,1,h,2';
    const response = await get(`${path}?${query}`, { 'x-depths': '1, 2', cookie: 'session=s1' });
    expect(response.status, await response.text()).toBe(200);
    expect(seen).toEqual({
      path: { place: ['a/b', 'c'], tags: ['x', 'y'], size: { w: 1, h: 2 } },
      query: {
        filter: { year: 1984 },
        ids: [1, 2],
        words: ['a', 'b'],
        point: { x: 1.5, y: 2 },
        page: { from: 1, to: 2 },
        query: { q: 1 },
      },
      header: { 'x-depths': [1, 2] },
      cookie: { session: 's1' },
      body: undefined,
    });
  });

  it.each([
    ['has=other&size=7&at=2026-01-01', { has: 'other', size: 7, at: '2026-01-01' }],
    ['has=fix&has=patch&size=7,8&from=a&to=b', { has: ['fix', 'patch'], size: [7, 8], at: { from: 'a', to: 'b' } }],
  ])('reads a parameter that may be one value or several: %s', async (query, read) => {
    const response = await get(`/search?${query}`);
    expect(response.status, await response.text()).toBe(200);
    expect(seen).toMatchObject({ query: read });
  });

  it('responds to HEAD with the head of GET', async () => {
    const response = await fetch(`${sandbox.url}/library/books/1`, { method: 'HEAD' });
    expect([response.status, await response.text()]).toEqual([200, '']);
    expect(Number(response.headers.get('content-length'))).toBeGreaterThan(2);
  });
});
