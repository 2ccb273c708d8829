import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { OperationRequest } from './model/behaviour.js';
import { createSandbox, type Sandbox } from './sandbox.js';

const contract = `
openapi: 3.1.0
info: { title: Studio, version: '1' }
servers: [{ url: https://studio.example/api/v2 }]
paths:
  /songs/{title}:
    get:
      operationId: getSong
      parameters: [{ name: title, in: path, required: true, schema: { type: string } }]
      responses: { '200': { description: ok, content: { application/json: { example: { title: Old, bars: 4 }, schema: { $ref: '#/components/schemas/Song' } } } } }
    delete:
      operationId: deleteSong
      parameters: [{ name: title, in: path, required: true, schema: { type: string } }]
      requestBody: { content: { application/json: { schema: { type: object, required: [why], properties: { why: { type: string } } } } } }
      responses: { '204': { description: gone, content: { application/json: { schema: {} } } } }
  /songs:
    get:
      operationId: searchSongs
      parameters: [{ name: filter, in: query, style: deepObject, schema: { $ref: '#/components/schemas/Filter' } }]
      responses: { '200': { description: ok, content: { application/json: { schema: {} } } } }
    post:
      operationId: addSong
      requestBody:
        required: true
        content:
          application/x-www-form-urlencoded:
            schema: { $ref: '#/components/schemas/Filter' }
            encoding: { tags: { style: pipeDelimited, explode: false }, length: { style: deepObject, explode: true } }
          multipart/form-data:
            schema: { type: object, required: [meta, files], properties: { meta: { $ref: '#/components/schemas/Song' }, files: { type: array, minItems: 2, items: { type: string, format: binary } }, bars: { type: integer } } }
          application/x-ndjson: { schema: { $ref: '#/components/schemas/Song' } }
          text/plain: { schema: { type: string, maxLength: 5 } }
          audio/*: {}
      responses: { '201': { description: ok, content: { application/json: { schema: {} } } } }
  /jobs?do=start: { get: { operationId: start, responses: { '200': { description: ok, content: { application/json: { schema: { const: started } } } } } } }
  /jobs?do=stop: { get: { operationId: stop, responses: { '200': { description: ok, content: { application/json: { schema: { const: stopped } } } } } } }
  /jobs#list: { get: { operationId: list, responses: { '200': { description: ok, content: { application/json: { schema: { const: listed } } } } } } }
  /cover: { get: { operationId: cover, responses: { '200': { description: ok, content: { image/*: {} } } } } }
  /score: { get: { operationId: score, responses: { '200': { description: ok, content: { application/pdf: { schema: { type: string, format: binary } } } } } } }
  /stems: { get: { operationId: stems, responses: { '200': { description: ok, content: { application/zip: {} } } } } }
  /feed: { get: { operationId: feed, responses: { '200': { description: ok, content: { application/x-ndjson: { schema: { $ref: '#/components/schemas/Song' } } } } } } }
  /notes: { get: { operationId: notes, responses: { '200': { description: ok, content: { application/xml: {} } } } } }
  /lyrics: { get: { operationId: lyrics, responses: { '200': { description: ok, content: { text/plain: { example: La la la, schema: { type: string } } } } } } }
  /kinds: { get: { operationId: kinds, responses: { '200': { description: ok, content: { application/json: { schema: { oneOf: [{ type: object, properties: { a: { const: 1 } } }, { type: object, required: [b], properties: { b: { const: 2 }, a: { const: 3 } } }] } } } } } } }
components:
  schemas:
    Song: { type: object, required: [title, bars], properties: { title: { type: string }, bars: { type: integer, minimum: 1 } } }
    Filter:
      type: object
      additionalProperties: false
      properties:
        bars: { anyOf: [{ type: integer }, { type: string, enum: [any] }] }
        tags: { type: array, items: { type: string } }
        length: { type: object, properties: { min: { type: number }, in: { type: array, items: { type: object, properties: { unit: { type: string }, exact: { type: boolean } } } } } }
        song: { $ref: '#/components/schemas/Song' }
`;

let folder: string;
let sandbox: Sandbox;
let seen: OperationRequest | undefined;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'frontage-media-'));
  const file = join(folder, 'openapi.yaml');
  await writeFile(file, contract);
  const addSong = (request: OperationRequest) => {
    seen = request;
    return { status: 201, body: {} };
  };
  const searchSongs = (request: OperationRequest) => ({ ...addSong(request), status: 200 });
  const behaviours = { studio: { addSong, searchSongs } };
  sandbox = await createSandbox({ contracts: [{ upstream: 'studio', file }], behaviours });
});
afterAll(async () => {
  await sandbox.close();
  await rm(folder, { recursive: true });
});
beforeEach(() => {
  seen = undefined;
});

const ask = (target: string, init?: RequestInit): Promise<Response> => fetch(`${sandbox.url}/studio${target}`, init);
const add = (media: string, body: string): Promise<Response> =>
  ask('/songs', { method: 'POST', headers: { 'content-type': media }, body });

describe('a response that is no JSON', () => {
  it.each([
    ['/cover', 'image/png', '\u0089PNG\r\n'],
    ['/score', 'application/pdf', '%PDF-1.4'],
    ['/stems', 'application/zip', 'PK\u0005\u0006'],
    ['/notes', 'application/xml', '<?xml'],
    ['/lyrics', 'text/plain', 'La la la'],
  ])('%s can be opened by programs for %s', async (target, media, start) => {
    const response = await ask(target);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, media]);
    expect(Buffer.from(await response.arrayBuffer()).toString('latin1')).toSatisfy((text: string) =>
      text.startsWith(start),
    );
  });

  it('is one value per line where lines are declared', async () => {
    const lines = (await (await ask('/feed')).text()).trimEnd().split('\n');
    expect(lines.length).toBeGreaterThan(1);
    for (const line of lines) expect(JSON.parse(line)).toMatchObject({ title: expect.any(String) });
  });
});

describe('a response', () => {
  it('has the values of the path parameters, in an example too', async () => {
    expect(await (await ask('/songs/Yesterday')).json()).toEqual({ title: 'Yesterday', bars: 4 });
  });

  it('matches exactly one schema of a oneOf', async () => {
    expect(await (await ask('/kinds')).json()).toEqual({ a: 1 });
  });

  it('belongs to the operation whose query or fragment the contract writes behind its path', async () => {
    const results = ['/jobs?do=stop', '/jobs?do=start&now=1', '/jobs'].map(async (target) =>
      (await ask(target)).json(),
    );
    expect(await Promise.all(results)).toEqual(['stopped', 'started', 'listed']);
  });

  it('has no content with a status that has none', async () => {
    const init = { method: 'DELETE', headers: { 'content-type': 'application/json' }, body: '{"why":"old"}' };
    const response = await ask('/songs/Yesterday', init);
    expect([response.status, await response.text()]).toEqual([204, '']);
    expect((await ask('/songs/Yesterday', { ...init, body: '{}' })).status).toBe(400);
  });

  it('is also served below the path of a declared server', async () => {
    expect((await ask('/api/v2/songs/Help')).status).toBe(200);
    expect((await ask('/api/v3/songs/Help')).status).toBe(404);
  });
});

describe('a request that is no JSON', () => {
  it('is read from brackets, in a query', async () => {
    const query =
      'filter[bars]=7&filter[tags][]=a&filter[tags][]=b&filter[length][in][0][exact]=true&filter[length][min]=1.5';
    expect((await ask(`/songs?${query}`)).status).toBe(200);
    const length = { in: [{ exact: true }], min: 1.5 };
    expect(seen?.query).toEqual({ filter: { bars: 7, tags: ['a', 'b'], length } });
  });

  it('is read from a form, property by property as the contract encodes it', async () => {
    const form = 'bars=any&tags=a%7Cb+c&length%5Bmin%5D=2&song=%7B%22title%22%3A%22T%22%2C%22bars%22%3A1%7D';
    const response = await add('application/x-www-form-urlencoded', form);
    expect([response.status, await response.text()]).toEqual([201, '{}']);
    expect(seen?.body).toEqual({ bars: 'any', tags: ['a', 'b c'], length: { min: 2 }, song: { title: 'T', bars: 1 } });
  });

  it('is read from parts: JSON, files and numbers', async () => {
    const form = new FormData();
    form.append('meta', '{"title":"T","bars":2}');
    form.append('files', new Blob(['one']), 'one.wav');
    form.append('files', new Blob(['two']), 'two.wav');
    form.append('bars', '12');
    expect((await ask('/songs', { method: 'POST', body: form })).status).toBe(201);
    expect(seen?.body).toEqual({ meta: { title: 'T', bars: 2 }, files: ['one', 'two'], bars: 12 });
  });

  it('is read from lines, and bytes of a declared range are taken unseen', async () => {
    expect((await add('application/x-ndjson', '{"title":"A","bars":1}\n{"title":"B","bars":2}\n')).status).toBe(201);
    expect(seen?.body).toHaveLength(2);
    expect((await add('audio/wav', 'RIFF')).status).toBe(201);
    expect((await add('video/mp4', 'mp4')).status).toBe(415);
  });

  it.each([
    ['application/x-www-form-urlencoded', 'bars=many', '/body/bars', 'type'],
    ['application/x-www-form-urlencoded', 'key=C', '/body', 'additionalProperties'],
    ['application/x-www-form-urlencoded', 'length[in][0][exact]=maybe', '/body/length/in/0/exact', 'type'],
    ['application/x-www-form-urlencoded', 'bars=%E0%A4%A', '/body', 'encoding'],
    [
      'multipart/form-data; boundary=x',
      '--x\r\ncontent-disposition: form-data; name="bars"\r\n\r\n1\r\n--x--\r\n',
      '/body',
      'required',
    ],
    ['multipart/form-data; boundary=x', 'no parts', '/body', 'encoding'],
    ['application/x-ndjson', '{"title":"A","bars":0}\n', '/body/0/bars', 'minimum'],
    ['application/x-ndjson', '{"title"\n', '/body', 'encoding'],
    ['text/plain', 'longer', '/body', 'maxLength'],
  ])(
    'as %s that breaks the contract, %j, gets a 400 that says where and which rule',
    async (media, body, pointer, rule) => {
      const response = await add(media, body);
      expect(response.status).toBe(400);
      const { errors } = (await response.json()) as { readonly errors: readonly object[] };
      expect(errors).toContainEqual({ pointer, rule, message: expect.any(String) });
      expect(seen).toBeUndefined();
    },
  );
});
