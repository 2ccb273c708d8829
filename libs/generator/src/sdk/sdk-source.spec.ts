import { readContract } from '@frontage/contracts';
import { describe, expect, it } from 'vitest';
import { OpenApiTypescriptEmitter } from '../codegen/type-emitter.js';
import { hooksSource } from './hooks-source.js';
import { sdkSource } from './sdk-source.js';

const json = (schema: object): object => ({ content: { 'application/json': { schema } } });
const empty = { responses: { 204: { description: '' } } };

async function sourceOf(paths: object, components: object = {}) {
  const document = { openapi: '3.2.0', info: { title: 'tv', version: '1' }, paths, components };
  const contract = await readContract(import.meta.filename, { text: JSON.stringify(document), lint: false });
  return sdkSource({ bff: 'tv', contract, importEnd: '.js' }, new OpenApiTypescriptEmitter());
}

/** The members of the interface of the client. */
const signatures = (text: string): readonly string[] =>
  /export interface Tv \{\n([^]*?)\n\}/
    .exec(text)?.[1]
    ?.match(/^ {2}[^ /].*$/gm)
    ?.map((line) => line.trim()) ?? [];

describe('the names of a client', () => {
  it('are those of the plans, without the BFF; others are taken from method and path', async () => {
    const { text } = await sourceOf({
      '/cart': { get: { operationId: 'tv.cart', ...empty }, post: empty },
      '/cart/items': { post: { operationId: 'tv.cart.add-item', ...empty } },
      '/start': { get: { operationId: 'StartController_show', ...empty } },
    });
    expect(signatures(text).map((line) => /^\w+/.exec(line)?.[0])).toEqual([
      'cart',
      'postCart',
      'cartAddItem',
      'startController_show',
    ]);
  });

  it('that two operations want get a number, in the order of their paths', async () => {
    const { text } = await sourceOf({
      '/b': { get: { operationId: 'tv.cart.add', ...empty } },
      '/a': { get: { operationId: 'tv.cartAdd', ...empty } },
    });
    expect(text).toContain(`cartAdd: { method: 'GET', path: '/a'`);
    expect(text).toContain(`cartAdd_2: { method: 'GET', path: '/b'`);
  });

  it('may be words that TypeScript keeps for itself, and never make a promise of the client', async () => {
    const { text } = await sourceOf({
      '/a': { get: { operationId: 'tv.delete', ...empty } },
      '/b': { get: { operationId: 'tv.then', ...empty } },
      '/c': { get: { operationId: 'tv.constructor', ...empty } },
      '/d': { get: { operationId: 'tv.2nd', ...empty } },
    });
    expect(signatures(text).map((line) => /^\w+/.exec(line)?.[0])).toEqual(['delete', 'then_2', 'constructor', '_2nd']);
  });

  it('of types clash with nothing: neither with components nor with words of the runtime', async () => {
    const schemas = { HomeData: { type: 'string' }, Result: { type: 'integer' }, Tv: { type: 'boolean' } };
    const properties = Object.fromEntries(
      Object.keys(schemas).map((name) => [name, { $ref: `#/components/schemas/${name}` }]),
    );
    const { text } = await sourceOf(
      { '/home': { get: { operationId: 'tv.home', responses: { 200: json({ type: 'object', properties }) } } } },
      { schemas },
    );
    const declared = [...text.matchAll(/^export (?:type|interface|function) (\w+)/gm)].map(([, name]) => name);
    expect(declared).toHaveLength(new Set(declared).size);
    expect(declared).not.toContain('Result');
    expect(text).toContain('HomeData?: HomeData_2;');
  });
});

describe('the types of a client', () => {
  const parts = { type: 'object', properties: { banners: { $ref: '#/components/schemas/MissingPart' } } };
  const MissingPart = { type: 'object', properties: { status: { enum: ['timeout'] } }, required: ['status'] };

  it('have no `_parts` in the data, also where the response is one of several', async () => {
    const kind = (name: string): object => ({
      type: 'object',
      properties: { kind: { const: name }, _parts: parts },
      required: ['kind'],
    });
    const { text } = await sourceOf(
      { '/home': { get: { operationId: 'tv.home', responses: { 200: json({ oneOf: [kind('a'), kind('b')] }) } } } },
      { schemas: { MissingPart } },
    );
    expect(text).not.toContain('_parts');
    expect(text).toContain('export type HomeMissing = {\n  banners?: MissingPart;\n};');
    expect(text).toContain('export type HomeResult = Result<HomeData, HomeMissing, HomeProblem>;');
  });

  it('name the parts of a header as texts, because the document does not name them', async () => {
    const ok = {
      ...json({ type: 'array', items: { type: 'string' } }),
      headers: { 'Frontage-Parts': { schema: { type: 'string' } } },
    };
    const { text } = await sourceOf({ '/list': { get: { operationId: 'tv.list', responses: { 200: ok } } } });
    expect(text).toContain('export type ListMissing = Record<string, PartReport | ItemsReport>;');
  });

  it('have no partial result where no part can be missing', async () => {
    const { text } = await sourceOf({
      '/a': { get: { operationId: 'tv.a', responses: { 200: json({ type: 'string' }) } } },
    });
    expect(text).toContain('export type AResult = Result<AData, never, AProblem>;');
  });

  it('ask for an input, and for a key, where the document requires them', async () => {
    const key = (required: boolean): object => ({
      name: 'Idempotency-Key',
      in: 'header',
      required,
      schema: { type: 'string' },
    });
    const limit = { name: 'limit', in: 'query', schema: { type: 'integer' } };
    const body = { required: true, ...json({ type: 'object', properties: { sku: { type: 'string' } } }) };
    const { text } = await sourceOf({
      '/a': { get: { operationId: 'tv.list', parameters: [limit], ...empty } },
      '/b': { post: { operationId: 'tv.add', parameters: [key(true)], requestBody: body, ...empty } },
      '/c': { post: { operationId: 'tv.put', parameters: [key(false)], ...empty } },
    });
    expect(signatures(text)).toEqual([
      'list(input?: ListInput, options?: CallOptions): Promise<ListResult>;',
      'add(input: AddInput, options: CallOptions & { readonly idempotencyKey: string }): Promise<AddResult>;',
      'put(options?: CallOptions): Promise<PutResult>;',
    ]);
  });
});

describe('the request of an operation', () => {
  it('is written in the styles of the document', async () => {
    const list = { type: 'array', items: { type: 'string' } };
    const query = (name: string, rest: object): object => ({ name, in: 'query', schema: list, ...rest });
    const { text } = await sourceOf({
      '/a': {
        get: {
          operationId: 'tv.a',
          parameters: [
            query('a', {}),
            query('b', { explode: false }),
            query('c', { style: 'pipeDelimited', explode: false }),
            { name: 'd', in: 'query', content: { 'application/json': { schema: list } } },
          ],
          ...empty,
        },
      },
    });
    expect(text).toContain(`styles: { b: 'comma', c: 'pipe', d: 'json' }`);
  });

  it('that the client cannot write is left out with its reason, and the others stay', async () => {
    const cookie = { name: 'session', in: 'cookie', required: true, schema: { type: 'string' } };
    const matrix = { name: 'id', in: 'path', required: true, style: 'matrix', schema: { type: 'string' } };
    const { text, leftOut } = await sourceOf({
      '/a': { get: { operationId: 'tv.a', parameters: [cookie], ...empty } },
      '/b/{id}': { get: { operationId: 'tv.b', parameters: [matrix], ...empty } },
      '/c': { get: { operationId: 'tv.c', ...empty } },
    });
    expect(leftOut).toEqual([
      { endpoint: 'GET /a', reason: 'a page cannot send its cookie session' },
      { endpoint: 'GET /b/{id}', reason: 'the client does not write the style matrix of its parameter id' },
    ]);
    expect(signatures(text)).toEqual(['c(options?: CallOptions): Promise<CResult>;']);
  });
});

it('a text of a document ends no comment and no string of the client', async () => {
  const evil = `*/ alert(1) /* ' \u2028 \${x}`;
  const { text, ...source } = await sourceOf({
    [`/a'b`]: {
      get: { operationId: 'tv.a', summary: evil, responses: { 200: json({ description: evil, const: evil }) } },
    },
  });
  expect(text).not.toMatch(/^[^"']*\*\/ alert/m);
  expect(text).toContain(String.raw`path: '/a\'b'`);
  expect(hooksSource('tv', { text, ...source }, '.js')).toContain('useA');
});

it('a QUERY has its filter as a body, and is a query among the hooks', async () => {
  const schema = {
    type: 'object',
    required: ['ids'],
    properties: { ids: { type: 'array', items: { type: 'string' } } },
  };
  const query = { operationId: 'tv.search', requestBody: { required: true, ...json(schema) }, ...empty };
  const source = await sourceOf({ '/search': { query } });
  expect(signatures(source.text)).toEqual([
    'search(input: SearchInput, options?: CallOptions): Promise<SearchResult>;',
  ]);
  expect(source.text).toContain("method: 'QUERY'");
  expect(hooksSource('tv', source, '.js')).toContain('export const searchQuery = (client: Tv, input: SearchInput) =>');
});
