import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it, afterEach, beforeAll } from 'vitest';
import { createSandbox, type Sandbox } from '../sandbox.js';

const contract = `
openapi: 3.0.3
info: { title: Projects, version: '1' }
paths:
  /projects:
    get:
      operationId: listProjects
      parameters: [{ name: limit, in: query, schema: { type: integer } }]
      responses: { '200': { description: ok, content: { application/json: { schema: { type: array, minItems: 1, items: { $ref: '#/components/schemas/Project' } } } } } }
    post:
      operationId: addProject
      requestBody: { required: true, content: { application/json: { schema: { $ref: '#/components/schemas/NewProject' } } } }
      responses: { '201': { description: ok, content: { application/json: { schema: { $ref: '#/components/schemas/Project' } } } } }
  /projects/{projectRef}:
    parameters: [{ name: projectRef, in: path, required: true, schema: { $ref: '#/components/schemas/Ref' } }]
    get: { operationId: getProject, responses: { '200': { description: ok, content: { application/json: { schema: { $ref: '#/components/schemas/Details' } } } } } }
    patch:
      operationId: changeProject
      requestBody: { required: true, content: { application/json: { schema: { type: object, properties: { name: { type: string } } } } } }
      responses: { '200': { description: ok, content: { application/json: { schema: { $ref: '#/components/schemas/Project' } } } } }
    delete: { operationId: deleteProject, responses: { '204': { description: done } } }
  /projects/{projectRef}/keys:
    parameters: [{ name: projectRef, in: path, required: true, schema: { $ref: '#/components/schemas/Ref' } }]
    get: { operationId: listKeys, responses: { '200': { description: ok, content: { application/json: { schema: { type: object, required: [keys], properties: { keys: { type: array, items: { $ref: '#/components/schemas/Key' } } } } } } } } }
  /projects/{projectRef}/keys/{id}:
    parameters:
      - { name: projectRef, in: path, required: true, schema: { $ref: '#/components/schemas/Ref' } }
      - { name: id, in: path, required: true, schema: { type: integer, example: 7 } }
    patch:
      operationId: changeKey
      requestBody: { required: true, content: { application/json: { schema: { type: object, properties: { label: { type: string } } } } } }
      responses: { '204': { description: done } }
    delete: { operationId: deleteKey, responses: { '204': { description: done } } }
    get: { operationId: getKey, responses: { '200': { description: ok, content: { application/json: { schema: { $ref: '#/components/schemas/Key' } } } } } }
  /snapshots: { get: { operationId: listSnapshots, responses: { '200': { description: ok, content: { application/json: { schema: { type: array, items: { $ref: '#/components/schemas/Key' } } } } } } } }
  /snapshots/{id}:
    parameters: [{ name: id, in: path, required: true, schema: { anyOf: [{ type: integer, example: 7 }, { type: string }] } }]
    get: { operationId: getSnapshot, responses: { '200': { description: ok, content: { application/json: { schema: { $ref: '#/components/schemas/Key' } } } } } }
    patch:
      operationId: changeSnapshot
      requestBody: { required: true, content: { application/json: { schema: { type: object, properties: { label: { type: string } } } } } }
      responses: { '204': { description: done } }
    delete: { operationId: deleteSnapshot, responses: { '204': { description: done } } }
components:
  schemas:
    Ref: { type: string, minLength: 20, maxLength: 20, pattern: '^[a-z]+$' }
    NewProject: { type: object, required: [name], properties: { name: { type: string }, ref: { type: string } } }
    Project: { type: object, required: [ref, name], properties: { ref: { $ref: '#/components/schemas/Ref' }, name: { type: string, maxLength: 20 } } }
    Details: { allOf: [{ $ref: '#/components/schemas/Project' }, { type: object, required: [size], properties: { size: { type: integer } } }] }
    Key: { type: object, required: [id, label], properties: { id: { type: integer }, label: { type: string } } }
`;

interface Project {
  readonly ref: string;
  readonly name: string;
  readonly size?: number;
}

let folder: string;
let sandbox: Sandbox;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'frontage-memory-'));
  await writeFile(join(folder, 'openapi.yaml'), contract);
});
afterAll(() => rm(folder, { recursive: true }));
beforeEach(async () => {
  sandbox = await createSandbox({
    contracts: [{ upstream: 'hosting', file: join(folder, 'openapi.yaml') }],
    behaviours: {},
  });
});
afterEach(() => sandbox.close());

async function call<T>(method: string, path: string, body?: unknown): Promise<{ status: number; value: T }> {
  const response = await fetch(`${sandbox.url}/hosting${path}`, {
    method,
    ...(body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
  const text = await response.text();
  return { status: response.status, value: (text === '' ? undefined : JSON.parse(text)) as T };
}

describe('generated responses of one contract agree with each other', () => {
  it('so that every thing of a list is found under its key, with the same members', async () => {
    const { value: projects } = await call<Project[]>('GET', '/projects');
    expect(projects.length).toBeGreaterThan(1);
    for (const project of projects) {
      const found = await call<Project>('GET', `/projects/${project.ref}`);
      expect(found.status).toBe(200);
      expect(found.value).toEqual({ ...project, size: expect.any(Number) });
    }
  });

  it('so that a thing that no list has named is found under any key', async () => {
    const { value } = await call<Project>('GET', '/projects/abcdefghijklmnopqrst');
    expect(value.ref).toBe('abcdefghijklmnopqrst');
  });

  it('so that a created thing is found, listed, and different from the next one', async () => {
    const one = await call<Project>('POST', '/projects', { name: 'one', ref: 'mine' });
    const two = await call<Project>('POST', '/projects', { name: 'two' });
    expect([one.status, one.value.name, two.value.name]).toEqual([201, 'one', 'two']);
    expect(one.value.ref).not.toBe('mine');
    expect(one.value.ref).not.toBe(two.value.ref);
    expect((await call<Project>('GET', `/projects/${one.value.ref}`)).value.name).toBe('one');
    const { value: projects } = await call<Project[]>('GET', '/projects?limit=5');
    expect(projects.slice(0, 2)).toEqual([one.value, two.value]);
  });

  it('so that a change is seen, as far as the schema allows it', async () => {
    const [first] = (await call<Project[]>('GET', '/projects')).value;
    const path = `/projects/${first?.ref}`;
    expect((await call<Project>('PATCH', path, { name: 'changed' })).value.name).toBe('changed');
    expect((await call<Project>('GET', path)).value.name).toBe('changed');
    expect((await call<Project[]>('GET', '/projects')).value[0]?.name).toBe('changed');
    expect((await call('PATCH', path, { name: 'longer than twenty characters' })).status).toBe(200);
    expect((await call<Project>('GET', path)).status).toBe(200);
  });

  it('so that a deleted thing is neither found nor listed', async () => {
    const [first] = (await call<Project[]>('GET', '/projects')).value;
    const path = `/projects/${first?.ref}`;
    expect((await call('DELETE', path)).status).toBe(204);
    expect((await call('GET', path)).status).toBe(404);
    expect((await call('PATCH', path, { name: 'x' })).status).toBe(404);
    expect((await call('DELETE', path)).status).toBe(404);
    expect((await call<Project[]>('GET', '/projects')).value.map(({ ref }) => ref)).not.toContain(first?.ref);
  });

  it('and keep the things that the contract has as examples', async () => {
    const key = '/projects/abcdefghijklmnopqrst/keys/7';
    const other = '/projects/abcdefghijklmnopqrst/keys/8';
    // A key of a snapshot is one of two choices, of which one has an example.
    for (const path of [key, other, '/snapshots/7', '/snapshots/8']) {
      await call('PATCH', path, { label: 'known' });
      expect((await call<{ label: string }>('GET', path)).value.label).toBe('known');
      expect((await call('DELETE', path)).status).toBe(204);
    }
    expect((await call('GET', key)).status).toBe(200);
    expect((await call('GET', other)).status).toBe(404);
    expect((await call('GET', '/snapshots/7')).status).toBe(200);
    expect((await call('GET', '/snapshots/8')).status).toBe(404);
  });

  it('so that things below two things are apart', async () => {
    const [one, two] = (await call<Project[]>('GET', '/projects')).value;
    type Keys = { keys: { id: number; label: string }[] };
    const { keys } = (await call<Keys>('GET', `/projects/${one?.ref}/keys`)).value;
    const [key] = keys;
    expect((await call('GET', `/projects/${one?.ref}/keys/${key?.id}`)).value).toEqual(key);
    const elsewhere = await call<{ label: string }>('GET', `/projects/${two?.ref}/keys/${key?.id}`);
    expect(elsewhere.value).toMatchObject({ id: key?.id });
    expect(elsewhere.value.label).not.toBe(key?.label);
  });

  it('and forget the oldest things of very many', async () => {
    for (let index = 0; index < 600; index += 1) await call('POST', '/projects', { name: `p${index}` });
    const { value: projects } = await call<Project[]>('GET', '/projects');
    expect(projects.length).toBeLessThan(520);
    expect(projects.map(({ name }) => name)).toContain('p599');
    expect(projects.map(({ name }) => name)).not.toContain('p0');
  });
});
