import { Body, Controller, Delete, Post } from '@nestjs/common';
import { pick, plan, screen, write } from '@frontage/aggregation';
import { Public } from '@frontage/auth';
import { rawReplies } from '@frontage/testing/raw-replies';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { GatewayUnderTest } from '../fixtures/gateway-under-test.js';
import { addItem } from '../fixtures/shop.js';
import { Screen } from '../screens/screen.decorator.js';

const adding = screen(
  plan(
    'spec.add',
    {
      deadlineMs: 5000,
      input: { body: z.object({ name: z.string(), n: z.number().optional(), open: z.unknown().optional() }) },
    },
    ({ body }) => ({
      item: write(addItem, { body: { name: body.name } }),
    }),
  ),
  ({ item }) => pick(item, 'id'),
);

@Public()
@Controller()
class Taking {
  @Post('items')
  @Screen(adding)
  add(@Body() body: unknown) {
    return { body };
  }
  @Post('echo')
  echo(@Body() body: unknown): unknown {
    return { body };
  }
  @Post('ignore')
  ignore(@Body() body: unknown): unknown {
    return { kind: typeof body };
  }
  @Delete('item')
  remove(@Body() body: unknown): unknown {
    return { kind: typeof body };
  }
}

let app: GatewayUnderTest;
beforeAll(async () => {
  app = await GatewayUnderTest.start({
    controllers: [Taking],
    policy: 'limits: { maxBody: 7MiB, headersTimeout: 300ms, requestTimeout: 400ms }\n',
  });
});
beforeEach(() => {
  app.shop.reply = rawReplies.json({ id: 'i-1', name: 'Lamp' }, {}, 201);
});
afterAll(() => app?.stop());

async function decoderFor(path: string, body: string | Buffer, headers: Readonly<Record<string, string>> = {}) {
  const response = await fetch(app.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

describe('a request body that would be bent', () => {
  it.each([
    [
      'a byte that is no UTF-8',
      Buffer.from([...Buffer.from('{"name":"'), 0xff, ...Buffer.from('"}')]),
      '/body',
      'byte 9',
    ],
    ['latin-1', Buffer.from('{"name":"caf\u00e9"}', 'latin1'), '/body', 'byte 12'],
    ['UTF-16', Buffer.from('\ufeff{"name":"x"}', 'utf16le'), '/body', 'byte 0'],
    ['a byte order mark', '\ufeff{"name":"x"}', '/body', 'byte order mark'],
    ['a member that stands twice', '{"name":"a","name":"b"}', '/body/name', 'twice'],
    ['a member that stands twice, spelled differently', '{"l":[1,{"a/b":1,"a\\u002fb":2}]}', '/body/l/1/a~1b', 'twice'],
    ['a way to the prototype', '{"a":[{"\\u005f_proto__":{"x":1}}]}', '/body/a/0/__proto__', 'not taken'],
    [
      'another way to the prototype',
      '{"constructor":{"prototype":{"x":1}}}',
      '/body/constructor/prototype',
      'not taken',
    ],
    ['no JSON', "{'name':'x'}", '/body', 'not JSON'],
    ['blanks alone', '  ', '/body', 'not JSON'],
    ['501 lists within each other', '['.repeat(501) + ']'.repeat(501), '/body', 'deeper than 500'],
    ['6 MB of brackets', '['.repeat(6_000_000), '/body', 'deeper than 500'],
    ['6 MB of objects', '{"a":'.repeat(1_200_000), '/body', 'deeper than 500'],
  ])('is refused with the place: %s', async (_, body, pointer, mistake) => {
    for (const path of ['/items', '/echo']) {
      const answer = await decoderFor(path, body);
      expect(answer).toMatchObject({ status: 400, body: { code: 'GW_BAD_REQUEST', errors: [{ pointer }] } });
      expect(JSON.stringify(answer.body['errors'])).toContain(mistake);
    }
  });

  it.each([
    [{ 'content-type': 'application/json; charset=utf-16' }],
    [{ 'content-type': 'application/json; charset="ISO-8859-1"' }],
    [{ 'content-type': 'application/json; charset=utf-7' }],
    [{ 'content-encoding': 'gzip' }],
    [{ 'content-encoding': 'constructor' }],
  ])('is not taken by its own account: %j', async (headers) => {
    const answer = await decoderFor('/items', '{"name":"x"}', headers);
    expect(answer).toMatchObject({ status: 415, body: { code: 'GW_UNSUPPORTED_MEDIA_TYPE' } });
  });

  it.each(['application/json; charset=utf-8', 'application/json;charset="UTF-8"', 'APPLICATION/JSON'])(
    'is another than one of the type %s',
    async (type) => {
      expect((await decoderFor('/items', '{"name":"Zoë 😀"}', { 'content-type': type })).status).toBe(201);
    },
  );
});

describe('a number of a request body that a double cannot hold', () => {
  it.each([
    '9007199254740993',
    '-12345678901234567890',
    '0.1000000000000000055',
    '-12345678901234.567',
    '1e400',
    '1e-400',
    `0.${'0'.repeat(400)}1`,
  ])('is refused where it is read, and harms nothing elsewhere: %s', async (number) => {
    expect((await decoderFor('/items', `{"name":"x","other":{"deep":[${number}]}}`)).status).toBe(201);
    expect((await decoderFor('/ignore', `{"other":${number}}`)).status).toBe(201);
    for (const [path, body, pointer] of [
      ['/items', `{"name":"x","n":${number}}`, '/body/n'],
      ['/items', `{"name":"x","open":{"deep":[0,${number}]}}`, '/body/open/deep/1'],
      ['/echo', `{"a":1e-400,"b":[${number}]}`, '/body/a'],
      ['/echo', `{"b":[7,${number}]}`, '/body/b/1'],
    ] as const) {
      const answer = await decoderFor(path, body);
      expect(answer).toMatchObject({ status: 400, body: { code: 'GW_INVALID_INPUT', errors: [{ pointer }] } });
    }
  });

  it('is another than one whose digits it keeps', async () => {
    const answer = await decoderFor(
      '/echo',
      '{"a":0.1000000000000000055511151231257827,"b":9007199254740991,"c":1e308,"d":-0}',
    );
    expect(answer.body).toEqual({ body: { a: 0.1, b: 9007199254740991, c: 1e308, d: 0 } });
  });
});

describe('a body of 500 lists within each other', () => {
  it('is taken', async () => {
    const lists = '['.repeat(499) + ']'.repeat(499);
    expect((await decoderFor('/items', `{"name":"x","open":${lists}}`)).status).toBe(201);
    expect((await decoderFor('/echo', lists)).status).toBe(201);
  });
});

describe('no body under a content type of JSON', () => {
  it.each([
    ['DELETE', '/item', 200, {}],
    ['DELETE', '/item', 200, { 'content-length': '0' }],
    ['POST', '/ignore', 201, { 'content-length': '0' }],
  ])('is no body: %s %s', async (method, path, status, headers) => {
    const response = await fetch(app.url + path, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
    });
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual({ kind: 'undefined' });
  });

  it('is no body where it comes in chunks', async () => {
    const answer = await app.send(
      'POST /ignore HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    );
    expect(answer).toContain('201 Created');
  });

  it('is missing where the input has to have one', async () => {
    const response = await fetch(`${app.url}/items`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: 'GW_INVALID_INPUT', errors: [{ pointer: '/body' }] });
  });
});

describe('a body that does not arrive in time', () => {
  it.each(['/items', '/echo'])('gets 408 at %s, and the connection ends', async (path) => {
    const answer = await app.send(
      `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 20\r\n\r\n{"name":`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(answer).toContain('"code":"GW_REQUEST_TIMEOUT"');
    expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1);
  });
});
