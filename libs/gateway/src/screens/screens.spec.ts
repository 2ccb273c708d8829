import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { optional, orNull, pick, plan, required, screen, write } from '@frontage/aggregation';
import { Public } from '@frontage/auth';
import { rawReplies } from '@frontage/testing/raw-replies';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { GatewayUnderTest } from '../fixtures/gateway-under-test.js';
import { addItem, getItem } from '../fixtures/shop.js';
import { Screen } from './screen.decorator.js';

const itemScreen = screen(
  plan('spec.item', { input: { path: z.object({ id: z.string().max(10) }) }, deadlineMs: 1000 }, ({ path }) => ({
    item: required(getItem, { path: { id: path.id } }),
  })),
  ({ item }) => pick(item, 'id', 'name'),
);
const Search = z.object({ first: z.string(), limit: z.coerce.number().int().max(10).default(3) });
const twoScreen = screen(
  plan('spec.two', { input: { query: Search }, deadlineMs: 1000 }, ({ query }) => ({
    item: optional(getItem, { path: { id: query.first } }),
  })),
  ({ item }) => ({ item: orNull(pick(item, 'name')) }),
);
const NewItem = z.object({ name: z.string().min(1), size: z.object({ width: z.number(), 'a/b~c': z.number() }) });
const addPlan = plan('spec.add', { input: { body: NewItem }, deadlineMs: 1000 }, ({ body }) => ({
  item: write(addItem, { body: { name: body.name } }),
}));
const addScreen = screen(addPlan, ({ item }) => pick(item, 'id'));
const silentScreen = screen(addPlan, () => undefined);

@Public()
@Controller('items')
class ItemController {
  @Get()
  @Screen(twoScreen)
  two(@Query() query: object) {
    return { query };
  }
  @Get(':id')
  @Screen(itemScreen)
  show(@Param() path: object) {
    return { path };
  }
  @Post()
  @Screen(addScreen)
  add(@Body() body: object) {
    return { body };
  }
  @Post('found')
  @HttpCode(202)
  @Screen(addScreen)
  accepted(@Body() body: object) {
    return { body };
  }
  @Post('silent')
  @HttpCode(204)
  @Screen(silentScreen)
  silent(@Body() body: object) {
    return { body };
  }
  @Post('quiet')
  @HttpCode(200)
  @Screen(silentScreen)
  quiet(@Body() body: object) {
    return { body };
  }
}

let app: GatewayUnderTest;
beforeAll(async () => {
  app = await GatewayUnderTest.start({ controllers: [ItemController] });
});
beforeEach(() => {
  app.shop.reply = rawReplies.json({ id: 'i-1', name: 'Lamp', secret: 'x' });
  app.shop.requests.length = 0;
});
afterAll(() => app?.stop());

describe('a screen', () => {
  it('responds with the members of its view only, and says how caches may use the response', async () => {
    const answer = await app.ask('/items/i-1');
    expect(await answer.json()).toEqual({ id: 'i-1', name: 'Lamp' });
    expect(Object.fromEntries(answer.headers)).toEqual({
      'cache-control': 'no-cache',
      connection: 'keep-alive',
      'content-length': '26',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'content-type': 'application/json; charset=utf-8',
      'cross-origin-resource-policy': 'same-origin',
      date: expect.any(String),
      'keep-alive': expect.any(String),
      'referrer-policy': 'no-referrer',
      'strict-transport-security': 'max-age=31536000; includeSubDomains',
      'x-content-type-options': 'nosniff',
      'x-request-id': expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  });

  it('passes nothing of an upstream’s own headers on (H11)', async () => {
    app.shop.reply = rawReplies.json(
      { id: 'i-1', name: 'Lamp' },
      { 'set-cookie': 'a=b', server: 'shop/1', 'x-internal-host': 'h', location: 'http://h/', via: '1.1 h' },
    );
    const { headers } = await app.ask('/items/i-1');
    for (const name of ['set-cookie', 'server', 'x-powered-by', 'x-internal-host', 'location', 'via'])
      expect(headers.get(name)).toBeNull();
  });

  it('responds to HEAD with the same headers and no body', async () => {
    const get = await app.ask('/items/i-1');
    const head = await app.ask('/items/i-1', { method: 'HEAD' });
    expect(head.status).toBe(200);
    expect(await head.text()).toBe('');
    for (const name of ['content-length', 'content-type', 'cache-control'])
      expect(head.headers.get(name)).toBe(get.headers.get(name));
  });

  it('responds to a POST with 201, or with the status of @HttpCode', async () => {
    app.shop.reply = rawReplies.json({ id: 'i-2', name: 'Desk' }, {}, 201);
    const body = { name: 'Desk', size: { width: 1, 'a/b~c': 2 } };
    const created = await app.post('/items', body);
    expect([created.status, await created.json()]).toEqual([201, { id: 'i-2' }]);
    expect((await app.post('/items/found', body)).status).toBe(202);
  });

  it.each([
    ['silent', 204, null],
    ['quiet', 200, '0'],
  ])('that has nothing to say has no body (%s)', async (path, status, length) => {
    app.shop.reply = rawReplies.json({ id: 'i-2', name: 'Desk' }, {}, 201);
    const answer = await app.post(`/items/${path}`, { name: 'Desk', size: { width: 1, 'a/b~c': 2 } });
    expect([answer.status, await answer.text()]).toEqual([status, '']);
    // RFC 9110 section 8.6
    expect([answer.headers.get('content-length'), answer.headers.get('content-type')]).toEqual([length, null]);
    expect(answer.headers.get('cache-control')).toBe('no-cache');
  });

  it('says in the body which parts are missing', async () => {
    app.shop.reply = rawReplies.json({ id: 'i-1' });
    const answer = await app.ask('/items?first=i-1');
    expect(await answer.json()).toEqual({
      item: null,
      _parts: { item: { status: 'bad_payload', source: 'none' } },
    });
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });
});

describe('the input of a screen', () => {
  it('is refused with every wrong field at once, each by its JSON Pointer, before any call', async () => {
    const answer = await app.post('/items', { name: '', size: { width: 'wide', 'a/b~c': 'x' } });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toEqual({
      type: 'urn:frontage:problem:GW_INVALID_INPUT',
      title: expect.any(String),
      status: 400,
      code: 'GW_INVALID_INPUT',
      requestId: answer.headers.get('x-request-id'),
      errors: [
        { pointer: '/body/name', message: expect.any(String) },
        { pointer: '/body/size/width', message: expect.any(String) },
        { pointer: '/body/size/a~1b~0c', message: expect.any(String) },
      ],
    });
    expect(app.shop.requests).toEqual([]);
  });

  it.each([
    ['a parameter of the path', '/items/longer-than-ten', '/path/id'],
    ['a parameter of the query', '/items?first=a&limit=11', '/query/limit'],
    ['a parameter that is missing', '/items', '/query/first'],
    ['a parameter given twice', '/items?first=a&first=b', '/query/first'],
  ])('is checked in %s', async (_, path, pointer) => {
    const answer = await app.ask(path);
    expect([answer.status, await answer.json()]).toEqual([
      400,
      expect.objectContaining({ errors: [expect.objectContaining({ pointer })] }),
    ]);
  });

  it('goes no further in what the schema does not name (A10)', async () => {
    await app.post('/items', { name: 'Desk', admin: true, size: { width: 1, 'a/b~c': 2 } });
    expect(app.shop.requests.map(({ body }) => JSON.parse(body) as unknown)).toEqual([{ name: 'Desk' }]);
  });

  it('pollutes no prototype (A14)', async () => {
    const size = '"size":{"width":1,"a/b~c":2}';
    for (const body of [
      `{"name":"Desk",${size},"__proto__":{"polluted":1}}`,
      `{"name":"Desk",${size},"constructor":{"prototype":{"polluted":1}}}`,
    ])
      expect([201, 400, 502]).toContain((await app.post('/items', body)).status);
    await app.ask('/items?first=a&__proto__[polluted]=1&constructor.prototype.polluted=1&a[__proto__][polluted]=1');
    expect('polluted' in {}).toBe(false);
  });

  it.each([
    ['a/b', 'a%2Fb', '/items/a%2Fb'],
    ['..', '%2e%2e', undefined],
    ['?x=1', '%3Fx=1', '/items/%3Fx%3D1'],
    ['a#b', 'a%23b', '/items/a%23b'],
    ['a&b=c', 'a%26b%3Dc', '/items/a%26b%3Dc'],
    ['a%2Fb', 'a%252Fb', '/items/a%252Fb'],
    ['a\r\nb', 'a%0D%0Ab', '/items/a%0D%0Ab'],
  ])('%j stays one value of the upstream’s path (A12)', async (_, sent, target) => {
    const answer = await app.ask(`/items?first=${sent}`);
    if (target === undefined) {
      // No spelling of a dot segment is safe behind a proxy: it is not sent at all.
      expect(app.shop.requests).toEqual([]);
      return;
    }
    expect(answer.status).toBe(200);
    expect(app.shop.requests.map((request) => request.target)).toEqual([target]);
  });
});
