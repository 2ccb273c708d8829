import { Body, Controller, Get, Header, HttpCode, Param, Post, Redirect, Render, Sse } from '@nestjs/common';
import {
  headersOf,
  optional,
  orNull,
  pick,
  plan,
  required,
  screen,
  text,
  write,
  type Cookie,
} from '@frontage/aggregation';
import { Access, Public } from '@frontage/auth';
import { channels, SchemaTable, type Contract, type Operation, type Warning } from '@frontage/core';
import { rawReplies } from '@frontage/testing/raw-replies';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { GatewayUnderTest, takesTokens } from '../fixtures/gateway-under-test.js';
import { Screen } from './screen.decorator.js';

interface Item {
  id: string;
  name: string;
  note?: string | null;
  size: number;
}
const item = {
  type: 'object',
  required: ['id', 'name', 'size'],
  properties: {
    id: { type: 'string' },
    name: { type: 'string' },
    note: { type: ['string', 'null'] },
    size: { type: 'integer' },
  },
};
const contract: Contract = {
  upstream: 'shop',
  title: 'Shop',
  version: '1',
  schemas: new SchemaTable([['Item', JSON.stringify(item)]]),
};
const getItem: Operation<{ path: { id: string } }, Item, Record<never, never>, 'GET', boolean, { ETag?: string }> = {
  contract,
  id: 'getItem',
  method: 'GET',
  path: '/items/{id}',
  parameters: [{ name: 'id', in: 'path', required: true }],
  responses: [{ status: '200', media: 'application/json', schema: 'Item' }],
  headers: [{ name: 'ETag' }],
};
const addItem: Operation<{ body: { name: string } }, Item, Record<never, never>, 'POST'> = {
  contract,
  id: 'addItem',
  method: 'POST',
  path: '/items',
  body: { required: true, media: ['application/json'] },
  responses: [{ status: '201', media: 'application/json', schema: 'Item' }],
};

const shown = screen(
  plan('spec.shown', { input: { path: z.object({ id: z.string() }) }, deadlineMs: 1000 }, ({ path }) => ({
    item: required(getItem, { path: { id: path.id } }),
    other: optional(getItem, { path: { id: 'other' } }),
  })),
  ({ item: found, other }) => ({ ...pick(found, 'id'), other: orNull(pick(other, 'id')) }),
  {
    headers: ({ item: found, other }, { path }) => ({
      'Cache-Control': 'public, max-age=60',
      ETag: headersOf(found, getItem).ETag,
      'X-Name': found.name,
      'X-Note': found.note,
      'X-Size': found.size,
      'X-Asked': path.id,
      'X-Other': orNull(other.name),
      Vary: 'accept-language',
    }),
    cookies: ({ item: found }) => ({
      last: { value: found.name, maxAge: found.size },
      plain: { value: '1', httpOnly: false, secure: false, sameSite: 'strict', path: '/items', domain: 'example.com' },
      note: { value: found.note },
    }),
  },
);
const added = screen(
  plan('spec.added', { input: { body: z.object({ name: z.string() }) }, deadlineMs: 1000 }, ({ body }) => ({
    item: write(addItem, { body: { name: body.name } }),
  })),
  () => undefined,
  { headers: ({ item: found }) => ({ Location: text`/items/${found.name}`, 'X-Fixed': 'from the screen' }) },
);
const own = screen(
  plan('spec.own', { deadlineMs: 1000 }, () => ({ item: required(getItem, { path: { id: 'own' } }) })),
  ({ item: found }) => pick(found, 'id'),
  { headers: ({ item: found }) => ({ 'Cache-Control': found.name, Vary: 'accept' }) },
);

@Controller('items')
class ItemController {
  @Get('own')
  @Access()
  @Screen(own)
  own() {
    return {};
  }
  @Get(':id')
  @Public()
  @Header('X-Fixed', 'yes')
  @Screen(shown)
  @Header('X-Made', () => 'now')
  show(@Param() path: object) {
    return { path };
  }
  @Post()
  @Public()
  @Header('X-Fixed', 'yes')
  @HttpCode(201)
  @Screen(added)
  add(@Body() body: object) {
    return { body };
  }
}

let app: GatewayUnderTest;
beforeAll(async () => {
  app = await GatewayUnderTest.start({ controllers: [ItemController], policy: takesTokens });
});
afterAll(() => app?.stop());
const warnings: string[] = [];
const listen = (message: unknown): void => void warnings.push((message as Warning).message);
beforeEach(() => {
  warnings.length = 0;
  channels.warning.unsubscribe(listen);
  channels.warning.subscribe(listen);
});
const reply = (changes: Partial<Item>, headers = {}): void => {
  app.shop.reply = rawReplies.json({ id: 'i-1', name: 'Lamp', size: 3, ...changes }, headers);
};

describe('headers of a screen', () => {
  it('are made of the same references as its view, and of decorators', async () => {
    reply({ note: null }, { etag: '"7"', 'set-cookie': 'secret=1' });
    const { status, headers } = await app.ask('/items/i%20x');
    expect(status).toBe(200);
    expect(Object.fromEntries(headers)).toMatchObject({
      'cache-control': 'public, max-age=60',
      etag: '"7"',
      'x-name': 'Lamp',
      'x-size': '3',
      'x-asked': 'i x',
      'x-other': 'Lamp',
      'x-fixed': 'yes',
      'x-made': 'now',
      vary: 'accept-language',
    });
    expect(headers.get('x-note')).toBeNull();
    expect(headers.getSetCookie()).toEqual([
      'last=Lamp; Max-Age=3; Path=/; HttpOnly; Secure; SameSite=Lax',
      'plain=1; Path=/items; Domain=example.com; SameSite=Strict',
    ]);
    expect(warnings).toEqual([]);
  });

  it('stand on a partial response, which is never stored', async () => {
    app.shop.reply = (socket, request) =>
      (request.target === '/items/other'
        ? rawReplies.json({}, {}, 500)
        : rawReplies.json({ id: 'i-1', name: 'Lamp', size: 3 }))(socket, request);
    const { headers } = await app.ask('/items/i-1');
    expect([headers.get('cache-control'), headers.get('x-name'), headers.get('x-other')]).toEqual([
      'no-store',
      'Lamp',
      null,
    ]);
  });

  it('do not stand on a problem', async () => {
    app.shop.reply = rawReplies.json({}, {}, 500);
    const { status, headers } = await app.ask('/items/i-1');
    expect([status, headers.get('x-name'), headers.get('x-fixed'), headers.getSetCookie()]).toEqual([
      502,
      null,
      null,
      [],
    ]);
  });

  it('name the place of what was made', async () => {
    app.shop.reply = rawReplies.json({ id: 'i-1', name: 'Zoë / lamp?\r\nX-Evil: 1', size: 3 }, {}, 201);
    const { status, headers } = await app.post('/items', { name: 'x' });
    expect([status, headers.get('location')]).toEqual([201, '/items/Zo%C3%AB%20/%20lamp?%0D%0AX-Evil:%201']);
    expect([headers.get('x-evil'), headers.get('x-fixed')]).toEqual([null, 'from the screen']);
  });

  it('are left out with a warning where a header cannot hold the value', async () => {
    for (const name of ['a\r\nset-cookie: x=1', 'a\0b', '日本', 'x'.repeat(9_000), ' padded ']) {
      reply({ name });
      const { status, headers } = await app.ask('/items/i-1');
      expect([status, headers.get('x-name'), headers.get('x-size')]).toEqual([200, null, '3']);
      expect(warnings).toContain(
        "the header X-Name of the screen 'spec.shown' is left out: its value cannot stand in a header",
      );
    }
  });

  it('cannot give the response for one caller to others', async () => {
    const token = await app.token('ada');
    reply({ name: 'public, max-age=60' });
    const leaky = await app.ask('/items/own', { token });
    expect([leaky.headers.get('cache-control'), leaky.headers.get('vary')]).toEqual([
      'private, no-store',
      'accept, authorization',
    ]);
    expect(warnings[0]).toContain('a response for one caller is private or no-store');
    reply({ name: 'private, max-age=60' });
    expect((await app.ask('/items/own', { token })).headers.get('cache-control')).toBe('private, max-age=60');
  });

  it('never begin another header, whatever a service sends (H10)', async () => {
    const known = new Set<string>();
    reply({});
    for (const [name] of (await app.ask('/items/i-1')).headers) known.add(name);
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), async (name) => {
        reply({ name, note: name });
        const { status, headers } = await app.ask('/items/i-1');
        expect(status).toBe(200);
        for (const [field] of headers) expect([...known, 'x-note', 'x-name', 'x-other']).toContain(field);
        for (const cookie of headers.getSetCookie())
          expect(cookie).toMatch(/^(?:last|note|plain)=[!#-+\--:<-[\]-~]*; /);
      }),
      { numRuns: 10 },
    );
  });

  it('stand in the document', async () => {
    const document = (await (await fetch(`${app.adminUrl}/openapi.json`)).json()) as {
      readonly paths: Record<
        string,
        Record<string, { readonly responses: Record<string, { readonly headers: object }> }>
      >;
    };
    expect(document.paths['/items/{id}']?.['get']?.responses['200']?.headers).toMatchObject({
      'X-Name': { schema: { type: 'string' } },
      'X-Size': { schema: { type: 'integer' } },
      ETag: { schema: { type: 'string' } },
      'X-Fixed': { schema: { type: 'string' } },
      'Set-Cookie': { description: 'Cookies: `last`, `plain`, `note`.' },
    });
  });
});

describe('a start that must not happen', () => {
  const bare = plan('spec.bare', { deadlineMs: 1000 }, () => ({ item: required(getItem, { path: { id: 'a' } }) }));
  const view = ({ item: found }: { readonly item: { readonly id: string } }) => ({ id: found.id as never });
  const withHeaders = (...names: string[]) =>
    screen(bare, view as never, { headers: () => Object.fromEntries(names.map((name) => [name, 'x'])) });
  const withCookie = (name: string, cookie: Omit<Cookie, 'value'>) =>
    screen(bare, view as never, { cookies: () => ({ [name]: { value: 'x', ...cookie } }) });

  it.each<[string, (decorate: MethodDecorator, of?: ReturnType<typeof withHeaders>) => new () => object, string]>([
    ['Content-Length', (d, of = withHeaders('Content-Length')) => controllerOf(of, d), 'which the gateway sets itself'],
    ['Connection', (d, of = withHeaders('connection')) => controllerOf(of, d), 'which the gateway sets itself'],
    ['Set-Cookie', (d, of = withHeaders('Set-Cookie')) => controllerOf(of, d), 'which is written by `cookies`'],
    ['a name that is none', (d, of = withHeaders('a b')) => controllerOf(of, d), 'which is no name of a header'],
    [
      '@Header of the connection',
      () => controllerOf(withHeaders(), Header('Transfer-Encoding', 'chunked')),
      'in @Header(...), which the gateway sets itself',
    ],
    ['@Redirect', () => controllerOf(withHeaders(), Redirect('/x')), '@Redirect(...) beside @Screen(...)'],
    ['@Render', () => controllerOf(withHeaders(), Render('x')), '@Render(...) beside @Screen(...)'],
    ['@Sse', () => controllerOf(withHeaders(), Sse('x')), '@Sse(...) beside @Screen(...)'],
    ['a cookie without a name', () => controllerOf(withCookie('a=b', {})), 'which is no name of a cookie'],
    [
      'a cookie for everyone without TLS',
      () => controllerOf(withCookie('a', { sameSite: 'none', secure: false })),
      'with `secure: true` only',
    ],
    [
      'a cookie of the host with a domain',
      () => controllerOf(withCookie('__Host-a', { domain: 'a.b' })),
      'without a domain',
    ],
    [
      'a path that ends the cookie',
      () => controllerOf(withCookie('a', { path: '/; Domain=evil' })),
      'write one that begins with /',
    ],
    [
      'a response of one caller for all',
      () => controllerOf(withHeaders(), Header('Cache-Control', 'public'), Access()),
      'write private or no-store',
    ],
  ])('%s', async (_, make, message) => {
    const none: MethodDecorator = () => undefined;
    await expect(GatewayUnderTest.start({ controllers: [make(none)], policy: takesTokens })).rejects.toThrow(message);
  });
});

/** A controller with one route. */
function controllerOf(
  of: Parameters<typeof Screen>[0],
  decorate: MethodDecorator = () => undefined,
  access: MethodDecorator = Public(),
): new () => object {
  @Controller('bare')
  class Bare {
    @access
    @decorate
    @Get()
    @Screen(of as never)
    bare() {
      return {};
    }
  }
  return Bare;
}
