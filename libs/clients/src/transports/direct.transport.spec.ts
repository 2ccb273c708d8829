import { createServer, type AddressInfo, type Socket } from 'node:net';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { RawServer, type RawReply } from '@frontage/testing/raw-server';
import { systemClock, type Outcome } from '@frontage/core';
import { json } from '../fixtures/answers.js';
import { operation, scopeOf } from '../fixtures/operations.js';
import { streamingContract } from '../fixtures/streaming-contract.js';
import { transportContract } from '../fixtures/transport-contract.js';
import { createUpstream, type Upstream, type UpstreamOptions } from '../index.js';

transportContract('direct');
streamingContract('direct');

const started: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of started.splice(0).toReversed()) await each.stop();
});

async function serve(answer: RawReply): Promise<RawServer> {
  const raw = await RawServer.start(answer);
  started.push(raw);
  return raw;
}

function clientOf(raw: RawServer, options: Partial<UpstreamOptions> = {}): Upstream {
  const urls = [raw.url];
  const client = createUpstream(
    'orders',
    { urls, timeoutMs: 5_000, transport: 'direct', ...options },
    { clock: systemClock },
  );
  started.push({ stop: () => client.close() });
  return client;
}

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

describe('connections of the direct transport', () => {
  it('are as many as policy says; the other calls wait for one', async () => {
    const open: (() => void)[] = [];
    const raw = await serve((socket) => open.push(() => socket.write(json(200, {}))));
    const execute = clientOf(raw, { connections: 2 }).executor(operation());
    const outcomes = Array.from({ length: 5 }, () => execute({}, scopeOf()));
    for (let answered = 0; answered < 5; answered++) {
      await expect.poll(() => open.length, { interval: 2 }).toBeGreaterThan(0);
      open.shift()?.();
    }
    expect(await Promise.all(outcomes)).toEqual(Array.from({ length: 5 }, () => ({ ok: true, value: {} })));
    expect(raw.connectionCount).toBe(2);
  });

  it('do not carry what was stopped while it waited for one', async () => {
    const open: (() => void)[] = [];
    const raw = await serve((socket) => open.push(() => socket.write(json(200, {}))));
    const execute = clientOf(raw, { connections: 1 }).executor(operation());
    const first = execute({}, scopeOf());
    const second = scopeOf();
    const stopped = execute({}, second);
    await expect.poll(() => open.length, { interval: 2 }).toBe(1);
    second.cancellation.cancel('client_gone');
    expect(await stopped).toMatchObject({ status: 'skipped' });
    open.shift()?.();
    expect(await first).toEqual({ ok: true, value: {} });
    expect(raw.requests).toHaveLength(1);
  });

  it('that get bytes nobody asked for while they wait are closed, and the bytes are nobody’s answer', async () => {
    const raw = await serve((socket, { index }) => {
      socket.write(json(200, { index }));
      setImmediate(() => socket.write(json(200, { poisoned: true })));
    });
    const execute = clientOf(raw).executor(operation());
    for (let index = 0; index < 3; index++) {
      expect(await execute({}, scopeOf())).toEqual({ ok: true, value: { index } });
      await expect.poll(() => raw.openConnections, { interval: 2 }).toBe(0);
    }
  });

  it('are closed when the other side has said how long it keeps them', async () => {
    const raw = await serve((socket, { index }) =>
      socket.write(
        `HTTP/1.1 200 OK\r\nkeep-alive: timeout=${index === 0 ? 2 : 60}\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}`,
      ),
    );
    const execute = clientOf(raw).executor(operation());
    for (let call = 0; call < 3; call++) {
      await execute({}, scopeOf());
      await turn();
    }
    // The first at once, because two seconds are no margin.
    expect(raw.connectionCount).toBe(2);
  });

  it('end when calls under way have ended, and take no more', async () => {
    const open: (() => void)[] = [];
    const raw = await serve((socket) => open.push(() => socket.write(json(200, {}))));
    const client = clientOf(raw, { connections: 1 });
    const execute = client.executor(operation());
    const outcomes = [execute({}, scopeOf()), execute({}, scopeOf())];
    await expect.poll(() => open.length, { interval: 2 }).toBe(1);
    const closed = client.close();
    expect(await execute({}, scopeOf())).toMatchObject({ ok: false, unsent: true });
    open.shift()?.();
    await expect.poll(() => open.length, { interval: 2 }).toBe(1);
    open.shift()?.();
    expect(await Promise.all(outcomes)).toEqual(Array.from({ length: 2 }, () => ({ ok: true, value: {} })));
    await closed;
    await expect.poll(() => raw.openConnections, { interval: 2 }).toBe(0);
  });

  it('are not used again where the answer came before the request was through', async () => {
    const sockets: Socket[] = [];
    const server = createServer((socket) => {
      sockets.push(socket);
      socket.on('error', () => undefined);
      socket.once('data', () => socket.pause().write(json(200, {})));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    started.push({ stop: () => new Promise((resolve) => void server.close(() => resolve())) });
    const urls = [`http://127.0.0.1:${(server.address() as AddressInfo).port}`];
    const client = createUpstream('orders', { urls, transport: 'direct' }, { clock: systemClock });
    const execute = client.executor(operation({ method: 'POST', body: { media: ['application/json'] } }));
    expect(await execute({ body: 'x'.repeat(32 << 20) }, scopeOf())).toMatchObject({ ok: true });
    await turn();
    expect(await execute({ body: '' }, scopeOf())).toMatchObject({ ok: true });
    expect(sockets).toHaveLength(2);
    for (const socket of sockets) socket.destroy();
    await client.close();
  });
});

describe('what the direct transport takes for an answer', () => {
  it('undici takes for the same answer, whatever bytes come', async () => {
    let bytes = '';
    const raw = await serve((socket) => socket.end(bytes, 'latin1'));
    const [direct, undici] = (['direct', 'undici'] as const).map((transport) =>
      clientOf(raw, { transport }).executor(operation()),
    );
    const line = fc.constantFrom(
      'content-type: application/json',
      'Content-Type:application/json',
      'content-length: 2',
      'content-length: 02',
      'content-length: 3',
      'content-length: 2, 2',
      'content-length : 2',
      'transfer-encoding: chunked',
      'Transfer-Encoding:\tChunked ',
      'transfer-encoding: chunked, identity',
      'transfer-encoding: identity',
      'connection: close',
      'connection: upgrade',
      'x: a\r\n b',
      'x: a\nb: c',
      'x: \u00e4\u0080',
      'x:',
      ':',
      '',
      ' ',
    );
    const otherStatus = fc.constantFrom(
      'HTTP/1.1 200 OK',
      'HTTP/1.0 200',
      'HTTP/1.1 200',
      'HTTP/1.1  200 OK',
      'HTTP/1.2 200 OK',
      'HTTP/1.1 204 x',
      'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK',
    );
    const status = fc.oneof(
      { weight: 3, arbitrary: fc.constant('HTTP/1.1 200 OK') },
      { weight: 1, arbitrary: otherStatus },
    );
    const body = fc.constantFrom(
      '{}',
      '[]x',
      '2\r\n{}\r\n0\r\n\r\n',
      '2;a=b\r\n{}\r\n0\r\na: b\r\n\r\n',
      '1\r\n{\r\n01\r\n}\r\n0\r\n\r\n',
      '2 \r\n{}\r\n0\r\n\r\n',
      '2\n{}\r\n0\r\n\r\n',
      '0\r\n',
      '',
    );
    const answer = fc
      .tuple(status, fc.array(line, { maxLength: 2 }), body)
      .map(
        ([first, lines, rest]) => `${[first, 'content-type: application/json', ...lines].join('\r\n')}\r\n\r\n${rest}`,
      );
    let taken = 0;
    await fc.assert(
      fc.asyncProperty(answer, async (text) => {
        bytes = text;
        const ours = (await direct?.({}, scopeOf())) as Outcome<unknown>;
        if (!ours.ok) return;
        taken++;
        expect(await undici?.({}, scopeOf())).toEqual(ours);
      }),
      { numRuns: 800 },
    );
    // It would prove nothing about what is always refused.
    expect(taken).toBeGreaterThan(50);
  });
});
