import { Body, Controller, Get, Param, Post } from '@nestjs/common';
import { Access, Public } from '@frontage/auth';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { GatewayUnderTest, takesTokens } from './fixtures/gateway-under-test.js';

let reached: string[] = [];

@Controller('admin')
@Access({ role: 'admin' })
class AdminController {
  @Get()
  index(): string {
    reached.push('admin');
    return 'admin';
  }
  @Get('users/:id')
  user(@Param('id') id: string): string {
    reached.push(`admin user ${id}`);
    return id;
  }
  @Post()
  change(@Body() body: unknown): unknown {
    reached.push('change');
    return { body };
  }
}

@Controller()
@Public()
class OpenController {
  @Get('open/:name')
  open(@Param('name') name: string): string {
    reached.push(`open ${name}`);
    return name;
  }
  @Post('echo')
  echo(@Body() body: unknown): unknown {
    reached.push(`echo ${JSON.stringify(body)}`);
    return { body };
  }
}

let app: GatewayUnderTest;
beforeAll(async () => {
  app = await GatewayUnderTest.start({
    controllers: [AdminController, OpenController],
    policy: `${takesTokens}limits: { headersTimeout: 200ms, requestTimeout: 200ms }\n`,
    upstreams: '',
  });
});
beforeEach(() => {
  reached = [];
});
afterAll(() => app?.stop());

const statusOf = (answer: string): number => Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0);
/** The number of responses to these bytes. */
const responsesIn = (answer: string): number => answer.match(/HTTP\/1\.1 \d{3} /g)?.length ?? 0;

describe('a path (H5)', () => {
  it.each([
    '/admin',
    '/admin/',
    '//admin',
    '/./admin',
    '/open/../admin',
    '/open/%2e%2e/admin',
    '/open/..%2fadmin',
    '/open/..%5cadmin',
    '\\admin',
    '/%61dmin',
    '/ADMIN',
    '/admin;a=b',
    '/admin/;/users/1',
    '/admin/users/1',
    '/admin/users/1/',
    '/admin/users/%2e%2e',
    '/admin/users/%00',
    '/admin/users/%c0%ae',
    '/admin/users/a%2Fb',
    '/admin.json',
    '/admin%20',
    '/admin?x=/open/1',
    '/open/1/../../admin',
    'http://elsewhere.example/admin',
    'http://elsewhere.example/admin/users/1',
    '*',
    '/admin#/open/1',
  ])('%s reaches nothing that is guarded', async (target) => {
    const answer = await app.send(`GET ${target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
    // An accepted request reaches an open handler, to which the trick is a plain value.
    expect(reached.length > 0 ? [200] : [400, 401, 404, 405]).toContain(statusOf(answer));
    expect(reached.filter((handler) => !handler.startsWith('open '))).toEqual([]);
  });

  it.each(['X-Original-URL', 'X-Rewrite-URL', 'X-Forwarded-Prefix', 'X-Forwarded-Path'])(
    'in the header %s is none (H7)',
    async (header) => {
      for (const [path, other] of [
        ['/open/1', '/admin'],
        ['/admin', '/open/1'],
      ] as const) {
        reached = [];
        const answer = await app.ask(path, { headers: { [header]: other } });
        expect([answer.status, reached]).toEqual(path === '/admin' ? [401, []] : [200, ['open 1']]);
      }
    },
  );
});

describe('a method (H6)', () => {
  it.each(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'CONNECT', 'PROPFIND', 'get', 'XYZ'])(
    '%s reaches nothing that is guarded',
    async (method) => {
      const answer = await app.send(`${method} /admin HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
      expect([0, 400, 401, 404, 405]).toContain(statusOf(answer));
      expect(reached).toEqual([]);
    },
  );
});

describe('a request in two readings (H1)', () => {
  const post = (headers: string, body: string): string =>
    `POST /echo HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n${headers}\r\n\r\n${body}`;
  const smuggled = 'GET /open/smuggled HTTP/1.1\r\nhost: x\r\n\r\n';

  it.each([
    [
      'Content-Length and Transfer-Encoding',
      post('content-length: 4\r\ntransfer-encoding: chunked', `0\r\n\r\n${smuggled}`),
    ],
    ['two lengths', post('content-length: 2\r\ncontent-length: 30', `{}${smuggled}`)],
    ['a list of lengths', post('content-length: 2, 30', `{}${smuggled}`)],
    ['a length with a sign', post('content-length: +2', `{}${smuggled}`)],
    ['a length with a space in it', post('content-length: 2 0', `{}${smuggled}`)],
    ['a hexadecimal length', post('content-length: 0x2', `{}${smuggled}`)],
    ['a negative length', post('content-length: -1', `{}${smuggled}`)],
    ['an unknown transfer coding', post('transfer-encoding: xchunked', `0\r\n\r\n${smuggled}`)],
    ['two transfer codings', post('transfer-encoding: chunked\r\ntransfer-encoding: identity', `0\r\n\r\n${smuggled}`)],
    ['chunked that is not last', post('transfer-encoding: chunked, identity', `0\r\n\r\n${smuggled}`)],
    ['a space before the colon', post('transfer-encoding : chunked', `0\r\n\r\n${smuggled}`)],
    ['a folded line', post('x-a: b\r\n transfer-encoding: chunked\r\ncontent-length: 2', `{}${smuggled}`)],
    ['a bare line feed', `POST /echo HTTP/1.1\nhost: x\ncontent-length: 2\n\n{}${smuggled}`],
    ['a zero byte', post('x-a: \0b\r\ncontent-length: 2', `{}${smuggled}`)],
    ['a bad chunk size', post('transfer-encoding: chunked', `zz\r\n{}\r\n0\r\n\r\n${smuggled}`)],
    ['a chunk longer than its size', post('transfer-encoding: chunked', `1\r\n{}\r\n0\r\n\r\n${smuggled}`)],
    ['no host', 'GET /open/1 HTTP/1.1\r\n\r\n'],
    ['two hosts', 'GET /open/1 HTTP/1.1\r\nhost: x\r\nhost: y\r\n\r\n'],
    ['two media types', post('content-type: text/plain\r\ncontent-length: 2', '{}')],
    ['an unknown version', `GET /open/1 HTTP/9.9\r\nhost: x\r\n\r\n${smuggled}`],
  ])('%s is refused, and the connection with it', async (_, bytes) => {
    const answer = await app.send(bytes);
    expect([0, 400]).toContain(statusOf(answer));
    expect(responsesIn(answer)).toBeLessThanOrEqual(1);
    expect(reached).toEqual([]);
  });

  it('of which one is right is one request: the body of a GET is not the next', async () => {
    const body = 'GET /admin HTTP/1.1\r\nhost: x\r\n\r\n';
    const answer = await app.send(
      `GET /open/1 HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`,
    );
    expect(responsesIn(answer)).toBe(1);
    expect(reached.filter((handler) => handler.includes('admin'))).toEqual([]);
  });

  it.each(['100-Continue', 'nothing', '100-continue, 200-ok'])(
    'with Expect: %s gets one response',
    async (expectation) => {
      const answer = await app.send(
        `POST /echo HTTP/1.1\r\nhost: x\r\nexpect: ${expectation}\r\ncontent-type: application/json\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{}`,
      );
      expect(responsesIn(answer.replace('HTTP/1.1 100 Continue', ''))).toBe(1);
      expect(reached.length).toBeLessThanOrEqual(1);
    },
  );
});

describe('headers (H4)', () => {
  it.each(['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'])(
    'named %s do no harm',
    async (name) => {
      const answer = await app.send(
        `GET /open/1 HTTP/1.1\r\nhost: x\r\n${name}: polluted\r\nconnection: close\r\n\r\n`,
      );
      expect(statusOf(answer)).toBe(200);
      expect(Object.prototype).not.toHaveProperty('polluted');
    },
  );

  it('with two tokens are refused', async () => {
    const token = await app.token('ada');
    const answer = await app.send(
      `GET /admin HTTP/1.1\r\nhost: x\r\nauthorization: Bearer forged\r\nauthorization: Bearer ${token}\r\nconnection: close\r\n\r\n`,
    );
    expect(statusOf(answer)).toBe(400);
  });

  it('that name the token as belonging to the connection strip nothing (H9)', async () => {
    const token = await app.token('ada');
    const { status } = await app.ask('/admin', { token, headers: { 'x-user-id': 'root', 'x-roles': 'admin' } });
    expect(status).toBe(403);
    expect(reached).toEqual([]);
  });
});

describe('a client that is too slow (H2)', () => {
  it('with its headers gets 408 and is closed', async () => {
    const answer = await app.send('GET /open/1 HTTP/1.1\r\nhost: x\r\nx-slow: ');
    expect(statusOf(answer)).toBe(408);
    expect(answer).toContain('"code":"GW_REQUEST_TIMEOUT"');
  });

  it('with its body is let go', async () => {
    const answer = await app.send(
      'POST /echo HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{',
    );
    expect([0, 408]).toContain(statusOf(answer));
    expect(reached).toEqual([]);
  });
});

describe('JSON with a member twice (A15)', () => {
  it('is refused: every service behind has a winner of its own', async () => {
    const answer = await app.post('/echo', '{"a":1,"a":2}');
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ code: 'GW_BAD_REQUEST', errors: [{ pointer: '/body/a' }] });
  });
});
