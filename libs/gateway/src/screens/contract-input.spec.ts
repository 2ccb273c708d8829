import { Body, Controller, Get, HttpCode, Patch, Post, Query } from '@nestjs/common';
import { inputOf, pick, plan, required, screen, write } from '@frontage/aggregation';
import { Public } from '@frontage/auth';
import { SchemaTable, type Contract, type Operation } from '@frontage/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { valid } from '../body/valid.pipe.js';
import { createGateway } from '../create-gateway.js';
import { GatewayUnderTest, policyFile, policyText, specModule } from '../fixtures/gateway-under-test.js';
import type { Item } from '../fixtures/shop.js';
import { Screen } from './screen.decorator.js';

const contract: Contract = {
  upstream: 'shop',
  title: 'Shop',
  version: '1',
  schemas: new SchemaTable(
    Object.entries({
      Item: { type: 'object', required: ['id'], properties: { id: { type: 'string' }, name: { type: 'string' } } },
      NewItem: {
        type: 'object',
        required: ['id', 'name', 'size'],
        properties: {
          id: { type: 'string', readOnly: true },
          name: { type: 'string', minLength: 2 },
          size: { $ref: '#/components/schemas/Size' },
          owner: { type: 'string' },
        },
      },
      Size: { type: 'integer', format: 'int64', description: 'In grams.' },
      Patch: { type: 'object', properties: { name: { type: 'string', minLength: 2 } } },
      Form: {
        type: 'object',
        required: ['name', 'size'],
        properties: {
          name: { type: 'string' },
          size: { type: 'integer' },
          tags: { type: 'array', items: { type: 'string' } },
        },
      },
      'search.query': {
        type: 'object',
        properties: {
          limit: { type: 'integer', maximum: 50 },
          filter: { type: 'object', properties: { state: { type: 'string' } } },
        },
      },
    }).map(([name, schema]) => [name, JSON.stringify(schema)] as const),
  ),
};
const ok = [{ status: '200', media: 'application/json', schema: 'Item' }];
const addItem: Operation<
  { body: { name: string; size: number | bigint | string; owner?: string } },
  Item,
  Record<never, never>,
  'POST'
> = {
  contract,
  id: 'addItem',
  method: 'POST',
  path: '/items',
  body: { required: true, media: ['application/json'], schema: 'NewItem' },
  responses: ok,
};
const patchItem: Operation<{ body: { name?: string } }, Item, Record<never, never>, 'PATCH'> = {
  contract,
  id: 'patchItem',
  method: 'PATCH',
  path: '/items',
  body: { required: true, media: ['application/merge-patch+json'], schema: 'Patch' },
  responses: ok,
};
const sendForm: Operation<
  { body: { name: string; size: number; tags?: string[] } },
  Item,
  Record<never, never>,
  'POST'
> = {
  contract,
  id: 'sendForm',
  method: 'POST',
  path: '/form',
  body: { required: true, media: ['application/x-www-form-urlencoded'], schema: 'Form' },
  responses: ok,
};
const sendText: Operation<{ body: string }, Item, Record<never, never>, 'POST'> = {
  contract,
  id: 'sendText',
  method: 'POST',
  path: '/text',
  body: { required: true, media: ['text/plain'] },
  responses: ok,
};
const sendFile: Operation<
  { query?: { limit?: number }; body: string | Uint8Array },
  Item,
  Record<never, never>,
  'POST'
> = {
  contract,
  id: 'sendFile',
  method: 'POST',
  path: '/files',
  parameters: [{ name: 'limit', in: 'query' }],
  inputs: { query: 'search.query' },
  responses: ok,
  body: { required: true, media: ['application/octet-stream'] },
};
const search: Operation<
  { query?: { limit?: number; filter?: { state?: string } } },
  Item,
  Record<never, never>,
  'GET'
> = {
  contract,
  id: 'search',
  method: 'GET',
  path: '/items',
  parameters: [
    { name: 'limit', in: 'query' },
    { name: 'filter', in: 'query', style: 'deepObject' },
  ],
  inputs: { query: 'search.query' },
  responses: ok,
};

const addScreen = screen(
  plan('spec.add', { input: { body: inputOf(addItem).omit('owner') }, deadlineMs: 1000 }, ({ body }) => ({
    item: write(addItem, { body: { name: body.name, size: body.size, owner: 'me' } }),
  })),
  ({ item }) => pick(item, 'id'),
);
const searchScreen = screen(
  plan('spec.search', { input: { query: inputOf(search).query.rest() }, deadlineMs: 1000 }, ({ query }) => ({
    item: required(search, { query: { limit: query.limit, filter: query.filter }, rest: query.rest }),
  })),
  ({ item }) => pick(item, 'id'),
);

const patchScreen = screen(
  plan('spec.patch', { input: { body: inputOf(patchItem) }, deadlineMs: 1000 }, ({ body }) => ({
    item: write(patchItem, { body }),
  })),
  ({ item }) => pick(item, 'id'),
);
const formScreen = screen(
  plan('spec.form', { input: { body: inputOf(sendForm) }, deadlineMs: 1000 }, ({ body }) => ({
    item: write(sendForm, { body }),
  })),
  ({ item }) => pick(item, 'id'),
);
const textScreen = screen(
  plan('spec.text', { input: { body: inputOf(sendText) }, deadlineMs: 1000 }, ({ body }) => ({
    item: write(sendText, { body }),
  })),
  ({ item }) => pick(item, 'id'),
);

@Public()
@Controller()
class Shop {
  @Patch('items')
  @Screen(patchScreen)
  patch(@Body() body: unknown) {
    return { body };
  }
  @Post('form')
  @Screen(formScreen)
  form(@Body() body: unknown) {
    return { body };
  }
  @Post('text')
  @Screen(textScreen)
  text(@Body() body: unknown) {
    return { body };
  }
  @Post('items')
  @Screen(addScreen)
  add(@Body() body: unknown) {
    return { body };
  }
  @Get('items')
  @Screen(searchScreen)
  search(@Query() query: unknown) {
    return { query };
  }
  @Post('own')
  @HttpCode(200)
  own(@Body(valid(inputOf(addItem))) body: unknown, @Query(valid(inputOf(search).query)) query: unknown) {
    return { body, query };
  }
}

let app: GatewayUnderTest;
beforeAll(async () => {
  app = await GatewayUnderTest.start({ controllers: [Shop] });
  return () => app.stop();
});
const last = () => app.shop.requests.at(-1);

describe('a screen whose input is that of an operation', () => {
  it('passes on what the contract declares, digit by digit', async () => {
    const response = await app.post('/items', '{"name":"Lamp","size":"9007199254740993","id":"x","admin":true}');
    expect(response.status).toBe(201);
    expect(last()?.body).toBe('{"name":"Lamp","size":9007199254740993,"owner":"me"}');
  });

  it('refuses the rest with pointers, and asks for nothing that only responses have', async () => {
    const response = await app.post('/items', { name: 'L', size: 1.5 });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      code: 'GW_INVALID_INPUT',
      errors: expect.arrayContaining([
        { pointer: '/body/name', message: 'The value must NOT have fewer than 2 characters.' },
        { pointer: '/body/size', message: 'The value must be integer.' },
      ]),
    });
    expect(await (await app.post('/items', '')).json()).toMatchObject({
      errors: [{ pointer: '/body', message: 'The value is missing.' }],
    });
  });

  it('passes on parameters in the styles of the contract, and undeclared ones by declaration', async () => {
    await app.ask('/items?limit=5&filter[state]=open&utm=a%26b&x=1&x=2');
    expect(last()?.target).toBe('/items?limit=5&filter%5Bstate%5D=open&utm=a%26b&x=1&x=2');
    expect((await app.ask('/items?limit=51')).status).toBe(400);
    expect((await app.ask(`/items?${Array.from({ length: 101 }, (_, n) => `u${n}=1`).join('&')}`)).status).toBe(400);
  });

  it('stands in the document with the schemas and the styles of the contract', async () => {
    const file = policyFile(policyText({ upstreams: "  shop: { urls: ['http://127.0.0.1:1'] }" }));
    const document = await createGateway(specModule({ controllers: [Shop] }), { config: file }).openApi();
    expect(document).toMatchObject({
      paths: {
        '/items': {
          post: {
            requestBody: {
              required: true,
              content: {
                'application/json': {
                  schema: {
                    required: ['name', 'size'],
                    properties: { name: { minLength: 2 }, size: { $ref: '#/components/schemas/shop.SizeInput' } },
                  },
                },
              },
            },
          },
          get: {
            parameters: [
              { name: 'limit', in: 'query', schema: { type: 'integer', maximum: 50 } },
              { name: 'filter', in: 'query', style: 'deepObject' },
            ],
          },
        },
      },
      components: { schemas: { 'shop.SizeInput': { description: 'In grams.' } } },
    });
    expect(JSON.stringify(document)).not.toContain('$defs');
  });
});

describe('the media type of a body', () => {
  const send = async (method: string, path: string, type: string, body: string | Buffer): Promise<number> =>
    (await fetch(app.url + path, { method, headers: { 'content-type': type }, body })).status;

  it('is that of the contract, inbound and outbound', async () => {
    expect(await send('PATCH', '/items', 'application/merge-patch+json', '{"name":"Lamp","x":1}')).toBe(200);
    expect([last()?.headers['content-type'], last()?.body]).toEqual([
      'application/merge-patch+json',
      '{"name":"Lamp"}',
    ]);
    expect(
      await send('POST', '/form', 'application/x-www-form-urlencoded', 'name=a%26b&size=3&tags=x&tags=y&admin=1'),
    ).toBe(201);
    expect([last()?.headers['content-type'], last()?.body]).toEqual([
      'application/x-www-form-urlencoded',
      'name=a%26b&size=3&tags=x&tags=y',
    ]);
    expect(await send('POST', '/text', 'text/plain; charset=utf-8', 'h\u00e9llo')).toBe(201);
    expect([last()?.headers['content-type'], last()?.body]).toEqual(['text/plain', 'h\u00e9llo']);
  });

  it('may be JSON too, and no other', async () => {
    expect(await send('PATCH', '/items', 'application/json', '{"name":"Lamp"}')).toBe(200);
    expect(await send('POST', '/form', 'application/json', '{"name":"a","size":3}')).toBe(201);
    expect(await send('POST', '/items', 'application/merge-patch+json', '{}')).toBe(415);
    expect(await send('POST', '/items', 'text/plain', '{}')).toBe(415);
    expect(await send('POST', '/items', 'application/x-www-form-urlencoded', 'name=a')).toBe(415);
    expect(await send('POST', '/form', 'multipart/form-data; boundary=x', '--x--')).toBe(415);
    expect(await send('POST', '/form', 'text/plain', 'name=a')).toBe(415);
    expect(await send('POST', '/own', 'text/plain', 'a')).toBe(415);
  });

  it('is read as it was sent or not at all', async () => {
    expect(await send('POST', '/form', 'application/x-www-form-urlencoded', 'name=a&size=x')).toBe(400);
    expect(await send('POST', '/form', 'application/x-www-form-urlencoded', '__proto__=a&name=a&size=1')).toBe(400);
    expect(await send('POST', '/form', 'application/x-www-form-urlencoded', 'a=1&'.repeat(1001))).toBe(400);
    expect(await send('POST', '/text', 'text/plain', Buffer.from([0xff, 0xfe]))).toBe(400);
    expect(await send('POST', '/text', 'text/plain; charset=latin1', 'a')).toBe(415);
    expect(await send('PATCH', '/items', 'application/merge-patch+json', '{"a":1,"a":2}')).toBe(400);
  });

  it('of bytes is no input of a screen', () => {
    const input = inputOf(sendFile);
    expect(input.query).toBeDefined();
    expect(() => input['~standard']).toThrow('inputOf(sendFile): its body is application/octet-stream');
  });
});

describe('a hand-written handler', () => {
  it('gets the same check by a pipe', async () => {
    const sent = { name: 'Lamp', size: 7, id: 'x' };
    const good = await app.post('/own?limit=3&other=1', sent);
    expect(await good.json()).toEqual({ body: { name: 'Lamp', size: 7 }, query: { limit: 3 } });
    const bad = await app.post('/own?limit=x', { name: 'Lamp' });
    expect(await bad.json()).toMatchObject({
      status: 400,
      errors: [{ pointer: expect.stringMatching(/^\/(body|query)\//) }],
    });
    expect(await (await app.post('/own', '')).json()).toMatchObject({ errors: [{ pointer: '/body' }] });
  });
});
