import { readContract } from '@frontage/contracts';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { sampled } from '../endpoint/planner/sampled-contract.js';
import type { EndpointDescription, PartDescription } from '../plan/app-description.js';
import { exampleRequest } from './example-request.js';
import { UpstreamValues } from './upstream-values.js';

const upstreams = fileURLToPath(new URL('../../../upstreams/', import.meta.url));
const values = new UpstreamValues((name) => (name === 'nowhere' ? undefined : `${upstreams}${name}`));
const text = { type: 'string', minLength: 1, maxLength: 64 };

interface Asked {
  readonly path?: string;
  readonly method?: string;
  readonly operation: object;
  readonly parts?: Readonly<Record<string, Partial<PartDescription>>>;
  readonly access?: EndpointDescription['access'];
}

async function requestOf({ path = '/orders/{id}', method = 'GET', operation, parts = {}, access = 'public' }: Asked) {
  const document = {
    openapi: '3.1.0',
    info: { title: 'tv', version: '1' },
    paths: { [path]: { [method.toLowerCase()]: { responses: { 200: { description: '' } }, ...operation } } },
  };
  const contract = sampled(await readContract(import.meta.filename, { text: JSON.stringify(document), lint: false }));
  const [described] = contract.operations.values();
  if (described === undefined) throw new Error('the document has no operation');
  const endpoint = {
    method,
    path: path.replaceAll(/\{(\w+)\}/g, ':$1'),
    handler: 'Tv.show',
    access,
    screen: {
      name: 'tv.show',
      source: '',
      deadlineMs: 100,
      input: {},
      fields: {},
      parts: Object.fromEntries(
        Object.entries(parts).map(([name, part]) => [name, { kind: 'call' as const, after: [], reads: [], ...part }]),
      ),
    },
  };
  return exampleRequest({ endpoint, operation: described }, contract.samples, values);
}

const id = { name: 'id', in: 'path', required: true, schema: text };
const order = { upstream: 'orders', operation: 'getOrder' };

describe('the request for an example', () => {
  it('has the example of the upstream parameter that an input becomes', async () => {
    const parts = { order: { ...order, args: { path: { id: { $ref: 'path.id' } } } } };
    expect(await requestOf({ operation: { parameters: [id] }, parts })).toMatchObject({ path: '/orders/o-1006' });
  });

  it('has it also where a whole group of the request is passed on', async () => {
    const parts = { order: { ...order, args: { path: { $ref: 'path' } } } };
    expect(await requestOf({ operation: { parameters: [id] }, parts })).toMatchObject({ path: '/orders/o-1006' });
  });

  it('prefers an example of the input itself, and has an optional parameter only then', async () => {
    const parts = { order: { ...order, args: { path: { id: { $ref: 'path.id' } } } } };
    const parameters = [
      { ...id, schema: { ...text, examples: ['o-7'] } },
      { name: 'limit', in: 'query', schema: { type: 'integer', examples: [2] } },
      { name: 'cursor', in: 'query', schema: text },
    ];
    expect(await requestOf({ operation: { parameters }, parts })).toMatchObject({ path: '/orders/o-7?limit=2' });
  });

  it('has the caller in the parameter of the owner', async () => {
    const access = { allScopes: [], anyScopes: [], anyRoles: [], owner: { path: 'id' } };
    expect(await requestOf({ operation: { parameters: [id] }, access })).toMatchObject({ path: '/orders/ada' });
  });

  it('has a list of an upstream in the form that the screen takes', async () => {
    const parts = {
      stock: { upstream: 'inventory', operation: 'listStock', args: { query: { skus: { $ref: 'query.skus' } } } },
    };
    const skus = (schema: object) => ({ parameters: [{ name: 'skus', in: 'query', required: true, schema }] });
    expect(await requestOf({ path: '/stock', operation: skus(text), parts })).toMatchObject({
      path: '/stock?skus=SKU-205',
    });
    const listed = skus({ type: 'array', items: text });
    expect(await requestOf({ path: '/stock', operation: listed, parts })).toMatchObject({
      path: '/stock?skus=SKU-205',
    });
  });

  it('has the members of a body from the upstream, and other members as the schema wants them', async () => {
    const schema = {
      type: 'object',
      required: ['customerId', 'note'],
      properties: { customerId: text, note: { type: 'string', minLength: 3 }, other: text },
    };
    const operation = { requestBody: { required: true, content: { 'application/json': { schema } } } };
    const args = { body: { customerId: { $ref: 'body.customerId' } } };
    const parts = { placed: { upstream: 'orders', operation: 'createOrder', args } };
    const { body } = { body: undefined, ...(await requestOf({ path: '/orders', method: 'POST', operation, parts })) };
    expect(body).toEqual({ customerId: 'ada', note: expect.stringMatching(/^.{3,}/) });
  });

  it('has a whole body from the upstream where the screen passes it on', async () => {
    const operation = { requestBody: { content: { 'application/json': { schema: { type: 'object' } } } } };
    const parts = { placed: { upstream: 'orders', operation: 'createOrder', args: { body: { $ref: 'body' } } } };
    expect(await requestOf({ path: '/orders', method: 'POST', operation, parts })).toMatchObject({
      body: { customerId: 'ada', lines: [{ sku: 'SKU-205', quantity: 1 }] },
    });
  });

  it('cannot be made for a form, and says so', async () => {
    const operation = { requestBody: { content: { 'multipart/form-data': { schema: { type: 'object' } } } } };
    expect(await requestOf({ path: '/photos', method: 'POST', operation })).toEqual({
      reason: 'its request body is multipart/form-data, and not JSON',
    });
  });

  it('has a value that the schema accepts where no contract has one', async () => {
    const parts = {
      order: { upstream: 'nowhere', operation: 'getOrder', args: { path: { id: { $ref: 'path.id' } } } },
    };
    const schema = { type: 'string', pattern: '^o-[0-9]{4}$' };
    expect(await requestOf({ operation: { parameters: [{ ...id, schema }] }, parts })).toMatchObject({
      path: expect.stringMatching(/^\/orders\/o-\d{4}$/),
    });
  });
});
