import { HttpService } from '@nestjs/axios';
import { OperationCache } from '@frontage/caching';
import type { CallArgs, OperationInfo, Outcome } from '@frontage/core';
import { ManualClock } from '@frontage/testing/manual-clock';
import { RawServer, type RawReply } from '@frontage/testing/raw-server';
import axios from 'axios';
import { afterEach, describe, expect, it } from 'vitest';
import { contextOf, operation, scopeOf } from '../fixtures/operations.js';
import { http, json } from '../fixtures/responses.js';
import { createUpstream, type UpstreamOptions } from '../index.js';

const started: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of started.splice(0).toReversed()) await each.stop();
});

const list: OperationInfo = operation({ headers: [{ name: 'ETag' }, { name: 'Age', type: 'integer' }] });
const follow = (scope: 'public' | 'caller' = 'public'): Partial<UpstreamOptions> => ({
  cache: { listOrders: { follow: 'upstream', scope } },
});

async function serve(reply: RawReply, options: Partial<UpstreamOptions> = follow()) {
  const raw = await RawServer.start(reply);
  const clock = new ManualClock();
  const upstream = createUpstream(
    'orders',
    { urls: [raw.url], timeoutMs: 60_000, ...options },
    { clock, cache: new OperationCache({}, clock), httpService: new HttpService(axios.create()) },
  );
  started.push(raw, { stop: () => upstream.close() });
  const read = upstream.executor(list);
  return { raw, upstream, clock, read: (headers = {}) => read({}, scopeOf(contextOf(headers))) };
}

const good = (value: unknown, headers: Readonly<Record<string, string>>, status = 200): Buffer =>
  json(status, value, headers);

const valueOf = async (outcome: Promise<Outcome<unknown>>): Promise<unknown> => {
  const got = await outcome;
  return got.ok ? got.value : got.status;
};

const notModified = (headers: Readonly<Record<string, string>>): string =>
  `HTTP/1.1 304 Not Modified\r\n${Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')}\r\n`;

describe.each(['direct', 'undici', 'axios'] as const)('an operation that follows its upstream over %s', (transport) => {
  const options = { ...follow(), transport };

  it('R4: asks by the validators whether its response still holds, and takes the headers of a 304', async () => {
    const { raw, clock, read } = await serve((socket, { headers }) => {
      const control = { 'cache-control': 'max-age=10', etag: '"a"' };
      socket.write(headers['if-none-match'] === '"a"' ? notModified({ ...control, age: '3' }) : good([1], control));
    }, options);
    expect(await read()).toEqual({ ok: true, value: [1], headers: { ETag: '"a"' } });
    await clock.advance(4_000);
    expect(await read()).toEqual({ ok: true, value: [1], headers: { ETag: '"a"', Age: 4 } });
    await clock.advance(6_000);
    expect(await read()).toEqual({ ok: true, value: [1], headers: { ETag: '"a"', Age: 3 } });
    await clock.advance(1_000);
    expect(await read()).toEqual({ ok: true, value: [1], headers: { ETag: '"a"', Age: 4 } });
    expect(raw.requests.map(({ headers }) => headers['if-none-match'])).toEqual([undefined, '"a"']);
  });

  it('records a 304 as a call that ended well', async () => {
    const { upstream } = await serve((socket, { headers }) => {
      const control = { 'cache-control': 'no-cache', etag: '"a"' };
      socket.write(headers['if-none-match'] === undefined ? good([1], control) : notModified(control));
    }, options);
    const perform = upstream.executor(list);
    const contexts = [contextOf(), contextOf()];
    for (const context of contexts) await perform({}, scopeOf(context));
    const calls = contexts.flatMap(({ calls: made }) => made.map(({ status, outcome }) => [status, outcome]));
    expect(calls).toEqual([
      [200, 'ok'],
      [304, 'ok'],
    ]);
  });
});

describe('an operation that follows its upstream', () => {
  it('R2: shares nothing that was loaded with credentials, unless the response says so', async () => {
    for (const [control, calls] of [
      ['max-age=60', 2],
      ['max-age=60, public', 1],
    ] as const) {
      const credentials = { header: 'authorization', value: 'Basic a' };
      const { raw, read } = await serve((socket) => socket.write(good([1], { 'cache-control': control })), {
        ...follow(),
        credentials,
      });
      await read();
      await read();
      expect(raw.requests.length, control).toBe(calls);
    }
  });

  it('keeps a response with Vary: Authorization for one token of its caller', async () => {
    const { raw, upstream } = await serve(
      (socket) => socket.write(good([1], { 'cache-control': 'max-age=60', vary: 'Authorization' })),
      { ...follow('caller'), forwardAuthorization: true },
    );
    const perform = upstream.executor(list);
    for (const token of ['one', 'two', 'one', 'two']) {
      const context = contextOf();
      context.bearerToken = token;
      context.caller = { subject: 'ada', scopes: [], roles: [] };
      await perform({}, scopeOf(context));
    }
    expect(raw.requests.map(({ headers }) => headers['authorization'])).toEqual(['Bearer one', 'Bearer two']);
  });

  it('R4: leaves a call with a condition or for a part alone, in both directions', async () => {
    const { raw, read } = await serve(
      (socket, { headers }) => {
        const control = { 'cache-control': 'max-age=60', etag: '"a"' };
        socket.write(headers['if-none-match'] === undefined ? good([1], control) : notModified(control));
      },
      { ...follow(), forwardHeaders: ['if-none-match', 'range'] },
    );
    expect(await valueOf(read({ 'if-none-match': '"a"' }))).toBe('error');
    expect(await valueOf(read({ range: 'bytes=0-1' }))).toEqual([1]);
    expect(await valueOf(read())).toEqual([1]);
    expect(await valueOf(read({ 'if-none-match': '"a"' }))).toBe('error');
    expect(raw.requests.length).toBe(4);
  });

  it('does not keep a response that a redirect led to, and names no validator elsewhere', async () => {
    const { raw, read } = await serve(
      (socket, { target }) => {
        if (target === '/orders')
          socket.write(
            'HTTP/1.1 307 Else\r\nlocation: /other\r\ncache-control: max-age=60\r\ncontent-length: 0\r\n\r\n',
          );
        else socket.write(good([2], { 'cache-control': 'max-age=60', etag: '"a"' }));
      },
      { ...follow(), followRedirects: 1 },
    );
    expect([await valueOf(read()), await valueOf(read())]).toEqual([[2], [2]]);
    expect(raw.requests.map(({ target, headers }) => [target, headers['if-none-match']])).toEqual(
      ['/orders', '/other', '/orders', '/other'].map((target) => [target, undefined]),
    );
  });

  it('keeps the response of a hedge by its own head', async () => {
    const { raw, read, clock } = await serve(
      (socket, { index }) => {
        if (index > 0) socket.write(good([index], { 'cache-control': 'max-age=60' }));
      },
      { ...follow(), hedge: { afterMs: 50, budgetRatio: 1 } },
    );
    const first = read();
    await expect.poll(() => raw.requests.length).toBe(1);
    await clock.advance(50);
    expect(await valueOf(first)).toEqual([1]);
    expect(await valueOf(read())).toEqual([1]);
    expect(raw.requests.length).toBe(2);
  });

  it('keeps nothing by a status that is no success, and validates after a failure', async () => {
    let status = 200;
    const { raw, clock, read } = await serve((socket) =>
      socket.write(good([1], { 'cache-control': 'max-age=10', etag: '"a"' }, status)),
    );
    await read();
    await clock.advance(10_000);
    status = 500;
    expect(await valueOf(read())).toBe('error');
    status = 200;
    await read();
    expect(raw.requests.map(({ headers }) => headers['if-none-match'])).toEqual([undefined, '"a"', '"a"']);
  });

  it.each<[Partial<UpstreamOptions>, string]>([
    [{ cache: { listOrders: {} } }, 'orders.listOrders: cache takes either ttlMs or follow'],
    [
      { cache: { listOrders: { ttlMs: 1, follow: 'upstream' } } },
      'orders.listOrders: cache takes either ttlMs or follow',
    ],
    [
      { ...follow(), forwardAuthorization: true },
      'orders: cache.listOrders is public, but the upstream sees who is asking (forwardAuthorization)',
    ],
  ])('is refused with %j', (options, message) => {
    const clock = new ManualClock();
    const made = () => createUpstream('orders', { urls: ['http://127.0.0.1:1'], ...options }, { clock }).executor(list);
    expect(made).toThrow(message);
  });
});

describe('a write of an upstream that some operation follows (RFC 9111 section 4.4)', () => {
  const write = (changes: Partial<OperationInfo> = {}): OperationInfo =>
    operation({
      id: 'change',
      method: 'POST',
      body: { media: ['application/json'] },
      responses: [{ status: '2XX' }],
      ...changes,
    });
  const empty = (status: number, headers: Readonly<Record<string, string>> = {}): Buffer => http(status, headers);

  async function changing(reply: RawReply, change: OperationInfo, args: CallArgs = { body: {} }) {
    const { raw, upstream, read, clock } = await serve((socket, request) => {
      if (request.method === 'GET') socket.write(good([request.index], { 'cache-control': 'max-age=60' }));
      else reply(socket, request);
    });
    await read();
    await clock.advance(1);
    const outcome = await upstream.executor(change)(args, scopeOf());
    await clock.advance(1);
    await read();
    return { reads: raw.requests.filter(({ method }) => method === 'GET').length, outcome };
  }

  it.each<[string, RawReply, OperationInfo, number]>([
    ['to its own address', (socket) => socket.write(empty(204)), write(), 2],
    [
      'to an address that Location names',
      (socket) => socket.write(empty(201, { location: '/orders' })),
      write({ path: '/new' }),
      2,
    ],
    [
      'to an address that Content-Location names',
      (socket) => socket.write(empty(200, { 'content-location': '../orders' })),
      write({ path: '/a/new' }),
      2,
    ],
    ['with a redirect', (socket) => socket.write(empty(303, { location: '/orders' })), write({ path: '/new' }), 2],
    ['without a response', (socket) => socket.destroy(), write(), 2],
    ['elsewhere', (socket) => socket.write(empty(204)), write({ path: '/new' }), 1],
    [
      'whose Location is at another host',
      (socket) => socket.write(empty(201, { location: 'http://else.test/orders' })),
      write({ path: '/new' }),
      1,
    ],
    ['that was refused', (socket) => socket.write(empty(409)), write(), 1],
    ['that failed', (socket) => socket.write(empty(500)), write(), 1],
  ])('%s ends the use of the responses there: %#', async (_what, reply, change, reads) => {
    expect((await changing(reply, change)).reads).toBe(reads);
  });

  it('does so at its end, if nobody waits for it any longer', async () => {
    const held: { answer(): void }[] = [];
    const { raw, upstream, read, clock } = await serve((socket, request) => {
      if (request.method === 'GET') socket.write(good([request.index], { 'cache-control': 'max-age=60' }));
      else held.push({ answer: () => void socket.write(empty(204)) });
    });
    const change = upstream.executor(write())({ body: {} }, scopeOf(contextOf(), 1_000));
    await expect.poll(() => held.length).toBe(1);
    await clock.advance(1_000);
    expect((await change).ok).toBe(false);
    await clock.advance(1);
    expect(await valueOf(read())).toEqual([1]);
    await clock.advance(1);
    held[0]?.answer();
    await expect.poll(() => valueOf(read())).toEqual([2]);
    expect(raw.requests.length).toBe(3);
  });
});
