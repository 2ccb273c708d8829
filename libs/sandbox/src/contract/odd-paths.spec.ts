import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSandbox, type Sandbox } from '../sandbox.js';

const json = (schema: string): string =>
  `responses: { '200': { description: ok, content: { application/json: { schema: ${schema} } } } }`;
const contract = `
openapi: 3.0.3
info: { title: Odd paths, version: '1' }
paths:
  /commits/{sha}: { get: { operationId: getCommit, parameters: [{ $ref: '#/components/parameters/sha' }], ${json('{ type: object, required: [sha], properties: { sha: { type: string } } }')} } }
  /commits/{sha}.{type}: { get: { operationId: getFile, parameters: [{ $ref: '#/components/parameters/sha' }, { name: type, in: path, required: true, schema: { type: string } }], ${json('{ type: string, enum: [file] }')} } }
  /commits/{sha}.zip: { get: { operationId: getZip, parameters: [{ $ref: '#/components/parameters/sha' }], ${json('{ type: string, enum: [zip] }')} } }
  /commits/last: { get: { operationId: getLast, ${json('{ type: string, enum: [last] }')} } }
  /tickets/{id}:
    get: { operationId: getTicket, parameters: [{ name: id, in: path, required: true, schema: { type: string } }], ${json('{ type: object, required: [id], properties: { id: { type: number }, title: { type: string } } }')} }
  /fonts/{name}: { get: { operationId: getFont, parameters: [{ name: name, in: path, required: true, schema: { type: object } }], responses: { '200': { description: ok, content: { font/*: { schema: { type: string, format: binary } } } } } } }
  /shapes: { get: { operationId: getShape, responses: { '200': { description: ok, content: { model/*: {} } } } } }
components: { parameters: { sha: { name: sha, in: path, required: true, schema: { type: string } } } }
`;

describe('the sandbox', () => {
  let folder = '';
  let sandbox: Sandbox;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'frontage-paths-'));
    await writeFile(join(folder, 'openapi.yaml'), contract);
    sandbox = await createSandbox({
      contracts: [{ upstream: 'odd', file: join(folder, 'openapi.yaml') }],
      behaviours: {},
    });
  });
  afterAll(async () => {
    await sandbox.close();
    await rm(folder, { recursive: true });
  });
  const get = async (path: string): Promise<unknown> => (await fetch(`${sandbox.url}/odd${path}`)).json();

  it.each<[string, unknown]>([
    ['/commits/abc', { sha: 'abc' }],
    ['/commits/abc.diff', 'file'],
    ['/commits/abc.zip', 'zip'],
    ['/commits/last', 'last'],
  ])('takes the path with most text of its own for %s', async (path, body) => {
    expect(await get(path)).toEqual(body);
  });

  it.each([
    ['/fonts/serif', 'font/woff2'],
    ['/shapes', 'model/x-sample'],
  ])('responds to %s with a type in the declared range: %s', async (path, type) => {
    const { status, headers } = await fetch(`${sandbox.url}/odd${path}`);
    expect([status, headers.get('content-type')]).toEqual([200, type]);
  });

  it('returns the thing that was asked for, in the type that its key has', async () => {
    expect(await get('/tickets/7')).toMatchObject({ id: 7 });
    // A text that is no number is the key of no such thing: the key stays as it was generated.
    expect(await get('/tickets/seven')).toMatchObject({ id: expect.any(Number) });
  });
});
