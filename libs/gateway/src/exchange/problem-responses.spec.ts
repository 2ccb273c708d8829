import { request as httpRequest } from 'node:http';
import { Body, ConflictException, Controller, Get, NotFoundException, Param, Post } from '@nestjs/common';
import { plan, required, screen, pick } from '@frontage/aggregation';
import { Public } from '@frontage/auth';
import { channels, ProblemError } from '@frontage/core';
import { rawReplies } from '@frontage/testing/raw-replies';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { GatewayUnderTest } from '../fixtures/gateway-under-test.js';
import { getItem } from '../fixtures/shop.js';
import { Screen } from '../screens/screen.decorator.js';

const itemWithin = (timeoutMs: number) =>
  screen(
    plan(`spec.item${timeoutMs}`, { deadlineMs: 9000 }, () => ({
      item: required(getItem, { path: { id: 'i-1' } }, { timeoutMs }),
    })),
    ({ item }) => pick(item, 'id'),
  );

@Public()
@Controller()
class HandWritten {
  @Get('orders/:id')
  order(@Param('id') id: string): never {
    throw new NotFoundException(`there is no order ${id}`);
  }
  @Get('conflict')
  conflict(): never {
    throw new ConflictException('somebody was faster');
  }
  @Get('limited')
  limited(): never {
    throw new ProblemError('GW_RATE_LIMITED', { detail: 'Slowly.', headers: { 'retry-after': '7' } });
  }
  @Get('bug')
  bug(): never {
    throw new TypeError('cannot read password of http://10.0.0.7/');
  }
  @Get('text')
  text(): never {
    // A team may well throw what is no error.
    // oxlint-disable-next-line typescript/only-throw-error, no-throw-literal
    throw 'oops http://10.0.0.7/';
  }
  @Get('item')
  @Screen(itemWithin(8000))
  item() {
    return {};
  }
  @Get('hasty')
  @Screen(itemWithin(100))
  hasty() {
    return {};
  }
  @Post('echo')
  echo(@Body() body: unknown): unknown {
    return { body };
  }
}

let app: GatewayUnderTest;
beforeAll(async () => {
  app = await GatewayUnderTest.start({
    controllers: [HandWritten],
    policy: 'limits: { maxBody: 2KiB, maxHeader: 8KiB }\n',
  });
});
beforeEach(() => {
  app.shop.reply = rawReplies.json({ id: 'i-1', name: 'Lamp' });
});
afterAll(() => app?.stop());

const problem = async (answer: Response): Promise<unknown> => {
  expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  const { title, requestId, ...rest } = (await answer.json()) as Record<string, unknown>;
  expect(title).toEqual(expect.any(String));
  expect(requestId).toBe(answer.headers.get('x-request-id'));
  return rest;
};
const problemOf = (status: number, code: string, more = {}) => ({
  type: `urn:frontage:problem:${code}`,
  status,
  code,
  ...more,
});

describe('an exception of a hand-written controller', () => {
  it('keeps the status and the text of an exception of Nest', async () => {
    expect(await problem(await app.ask('/orders/7'))).toEqual(
      problemOf(404, 'GW_NOT_FOUND', { detail: 'there is no order 7' }),
    );
    expect(await problem(await app.ask('/conflict'))).toEqual(
      problemOf(409, 'GW_CONFLICT', { detail: 'somebody was faster' }),
    );
  });

  it('is a problem with its headers where it is one', async () => {
    const answer = await app.ask('/limited');
    expect(answer.headers.get('retry-after')).toBe('7');
    expect(await problem(answer)).toEqual(problemOf(429, 'GW_RATE_LIMITED', { detail: 'Slowly.' }));
  });

  it.each(['/bug', '/text'])('says nothing of a bug to the client, and everything to the log: %s', async (path) => {
    const ended = nextEnd();
    expect(await problem(await app.ask(path))).toEqual(problemOf(500, 'GW_INTERNAL'));
    expect(await ended).toMatchObject({ status: 500, code: 'GW_INTERNAL' });
    expect(String((await ended).error)).toContain('10.0.0.7');
  });
});

describe('the failure of a required call', () => {
  it.each([
    ['refuses with 500', rawReplies.json({}, {}, 500), 502, 'GW_UPSTREAM_FAILED'],
    ['answers 404, which its contract declares', rawReplies.json({}, {}, 404), 404, 'GW_NOT_FOUND'],
    ['answers 403', rawReplies.json({}, {}, 403), 502, 'GW_UPSTREAM_REFUSED'],
    ['sends another payload', rawReplies.json({ name: 1 }), 502, 'GW_UPSTREAM_BAD_PAYLOAD'],
  ])('%s: %#', async (_, reply, status, code) => {
    app.shop.reply = reply;
    expect(await problem(await app.ask('/item'))).toEqual(problemOf(status, code, { part: 'item' }));
  });

  it('says nothing', async () => {
    app.shop.reply = rawReplies.silence();
    expect(await problem(await app.ask('/hasty'))).toEqual(problemOf(504, 'GW_UPSTREAM_TIMEOUT', { part: 'item' }));
  });
});

describe('a request that reaches no handler', () => {
  it('has a path without a route', async () => {
    const ended = nextEnd();
    const answer = await app.ask('/nobody/<script>alert(1)</script>?q=1');
    expect(await problem(answer)).toEqual(problemOf(404, 'GW_ROUTE_NOT_FOUND'));
    expect(await ended).toMatchObject({ status: 404, context: { route: '(unmatched)' } });
  });

  it.each([
    ['DELETE', '/orders/7', 'GET, HEAD'],
    ['GET', '/echo?x=1', 'POST'],
    ['PATCH', '/livez', 'GET, HEAD'],
  ])('has a path that is not served with its method: %s %s', async (method, path, allow) => {
    const answer = await app.ask(path, { method });
    expect(answer.headers.get('allow')).toBe(allow);
    expect(await problem(answer)).toEqual(problemOf(405, 'GW_METHOD_NOT_ALLOWED'));
  });

  it('has a body that is no JSON', async () => {
    for (const body of ['{"a":', 'a', '{"a":1}}', '"\ud800'])
      expect(await problem(await app.post('/echo', body))).toEqual(
        expect.objectContaining(problemOf(400, 'GW_BAD_REQUEST')),
      );
  });

  it('repeats nothing of the body that it could not read', async () => {
    const answer = await app.post('/echo', '{"password": hunter2}');
    expect(await answer.text()).not.toContain('hunter2');
  });

  it('has a media type that is not taken (H8)', async () => {
    for (const type of [
      'text/plain',
      'application/xml',
      'multipart/form-data; boundary=x',
      'application/jsonp',
      'json',
    ])
      expect((await app.post('/echo', '{"a":1}', { 'content-type': type })).status).toBe(415);
    for (const type of ['application/json', 'application/json; charset=utf-8', 'APPLICATION/JSON'])
      expect((await app.post('/echo', '{"a":1}', { 'content-type': type })).status).toBe(201);
  });

  it('has a body that declares itself too large (H3)', async () => {
    const answer = await app.post('/echo', JSON.stringify('x'.repeat(2048)));
    expect(await problem(answer)).toEqual(expect.objectContaining(problemOf(413, 'GW_PAYLOAD_TOO_LARGE')));
  });

  it('has a body that turns out too large (H3)', async () => {
    const chunk = `400\r\n${' '.repeat(1024)}\r\n`;
    const answer = await app.send(
      `POST /echo HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n${chunk.repeat(3)}0\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    expect(answer).toContain('"code":"GW_PAYLOAD_TOO_LARGE"');
  });

  it('has headers that are too large (H4)', async () => {
    const answer = await app.send(`GET /item HTTP/1.1\r\nhost: x\r\nx-large: ${'x'.repeat(9000)}\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 431 /);
    expect(answer).toContain('content-type: application/problem+json');
    expect(answer).toContain('"code":"GW_HEADERS_TOO_LARGE"');
  });

  it('has bytes that are no request (H1)', async () => {
    const answer = await app.send('HELO gateway\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain('"code":"GW_BAD_REQUEST"');
    expect(answer).not.toContain('HELO');
  });

  it('has a path that is no path (H5)', async () => {
    const answer = await app.send('GET /orders/%zz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain('"code":"GW_BAD_REQUEST"');
  });
});

it('ends quietly if the client leaves before the response', async () => {
  app.shop.reply = rawReplies.silence();
  const ended = nextEnd();
  const leaving = httpRequest(`${app.url}/item`);
  leaving.on('error', () => {});
  leaving.end();
  await Promise.race([ended, untilAsked()]);
  leaving.destroy();
  expect(await ended).toMatchObject({ clientGone: true, status: 0 });
  await app.shop.untilIdle();
});

interface Ended {
  readonly status: number;
  readonly error: unknown;
}

/** The record of the next exchange that ends. */
function nextEnd(): Promise<Ended> {
  return new Promise((resolve) => {
    const listen = (message: unknown): void => {
      channels.requestEnded.unsubscribe(listen);
      resolve(message as Ended);
    };
    channels.requestEnded.subscribe(listen);
  });
}

async function untilAsked(): Promise<void> {
  const before = app.shop.requests.length;
  while (app.shop.requests.length === before) await new Promise((resolve) => setImmediate(resolve));
}
