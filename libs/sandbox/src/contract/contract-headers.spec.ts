import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSandbox, type Sandbox } from '../sandbox.js';

const contract = `
openapi: 3.1.0
info: { title: Bank, version: '1' }
paths:
  /accounts:
    get:
      operationId: listAccounts
      parameters: [{ name: X-Interaction, in: header, schema: { type: string } }]
      responses:
        '200':
          description: ok
          headers:
            X-Interaction: { required: true, schema: { type: string, format: uuid } }
            X-Total-Count: { required: true, schema: { type: integer, minimum: 5, maximum: 9 } }
            X-Tags: { schema: { type: array, items: { type: string, enum: [red] }, minItems: 2, maxItems: 2 } }
            ETag: { schema: { type: string, pattern: '^[a-z]{4}$' } }
            Link: { schema: { type: string } }
            Retry-After: { schema: { type: integer } }
            X-Shape: { schema: { type: object } }
          content: { application/json: { schema: { type: array, items: { type: string } } } }
    post:
      operationId: addAccount
      responses:
        '204': { description: done, headers: { Location: { required: true, schema: { type: string, const: /accounts/7 } } } }
`;

let folder: string;
let sandbox: Sandbox;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sandbox-headers-'));
  await writeFile(join(folder, 'openapi.yaml'), contract);
  sandbox = await createSandbox({
    contracts: [{ upstream: 'bank', file: join(folder, 'openapi.yaml') }],
    behaviours: {},
  });
});
afterAll(async () => {
  await sandbox.close();
  await rm(folder, { recursive: true });
});
const ask = (method: string, headers: Record<string, string> = {}) =>
  fetch(`${sandbox.url}/bank/accounts`, { method, headers });

describe('the headers that a contract declares for a response', () => {
  it('are made of their schemas, the same for the same target', async () => {
    const [one, again] = [(await ask('GET')).headers, (await ask('GET')).headers];
    expect(one.get('x-interaction')).toMatch(/^[0-9a-f-]{36}$/);
    expect(again.get('x-interaction')).toBe(one.get('x-interaction'));
    expect(Number(one.get('x-total-count'))).toBeGreaterThanOrEqual(5);
    expect(one.get('x-tags')).toBe('red, red');
    expect(one.get('etag')).toMatch(/^"[a-z]{4}"$/);
  });

  it('come back as the request has them', async () => {
    expect((await ask('GET', { 'X-Interaction': 'mine' })).headers.get('x-interaction')).toBe('mine');
  });

  it('stand on a response without a body, too', async () => {
    const response = await ask('POST');
    expect([response.status, response.headers.get('location')]).toEqual([204, '/accounts/7']);
  });

  it('are left out where a made value would lead a client astray, and where an object has no text', async () => {
    const { headers } = await ask('GET');
    expect(['link', 'retry-after', 'x-shape'].map((name) => headers.get(name))).toEqual([null, null, null]);
  });
});
