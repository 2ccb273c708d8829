import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, createServer as createPlain, type AddressInfo, type Socket } from 'node:net';
import { createSecureServer, createServer, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import { createServer as createTls } from 'node:tls';
import { systemClock, type OperationInfo } from '@frontage/core';
import { afterEach, describe, expect, it } from 'vitest';
import { contextOf, operation, scopeOf } from '../../fixtures/operations.js';
import { sentContract } from '../../fixtures/sent-contract.js';
import { streamingContract } from '../../fixtures/streaming-contract.js';
import { transportContract } from '../../fixtures/transport-contract.js';
import { createUpstream, type Upstream, type UpstreamOptions } from '../../index.js';

transportContract('h2');
streamingContract('h2');
sentContract('h2');

const file = (name: string): string => new URL(`../../fixtures/tls/${name}`, import.meta.url).pathname;
const text = (name: string): string => readFileSync(file(name), 'utf8');

const started: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of started.splice(0).toReversed()) await stop();
});

type Stream = ServerHttp2Stream;

interface World {
  readonly url: string;
  readonly sessions: ServerHttp2Session[];
  readonly streams: Stream[];
}

async function serve(
  reply: (stream: Stream, index: number, path: string) => void,
  settings: { readonly maxConcurrentStreams?: number } = {},
  isTls = false,
): Promise<World> {
  const sessions: ServerHttp2Session[] = [];
  const streams: Stream[] = [];
  const server = isTls
    ? createSecureServer({ key: text('upstream.key'), cert: text('upstream.pem'), settings })
    : createServer({ settings });
  server.on('session', (session) => {
    sessions.push(session);
    session.on('error', () => undefined);
  });
  server.on('stream', (stream, headers) => {
    stream.on('error', () => undefined);
    streams.push(stream);
    reply(stream, streams.length - 1, String(headers[':path']));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  started.push(() => {
    for (const session of sessions) session.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `${isTls ? 'https' : 'http'}://localhost:${port}`, sessions, streams };
}

function answer(stream: Stream, value: unknown): void {
  stream.respond({ ':status': 200, 'content-type': 'application/json' });
  stream.end(JSON.stringify(value));
}

function clientOf(url: string, options: Partial<UpstreamOptions> = {}): Upstream {
  const client = createUpstream(
    'orders',
    { urls: [url], timeoutMs: 5_000, connectTimeoutMs: 5_000, protocol: 'h2', ...options },
    { clock: systemClock },
  );
  started.push(() => client.close());
  return client;
}

const write: OperationInfo = operation({ id: 'createOrder', method: 'POST', body: { media: ['application/json'] } });

describe('HTTP/2', () => {
  it.each([true, false])(
    'carries many calls at once over few connections, from the first on (TLS: %s)',
    async (isTls) => {
      const world = await serve((stream, index) => void setTimeout(() => answer(stream, index), 5), {}, isTls);
      const execute = clientOf(world.url, isTls ? { tls: { ca: file('ca.pem') } } : {}).executor(operation());
      const outcomes = await Promise.all(Array.from({ length: 50 }, () => execute({}, scopeOf())));
      expect(outcomes.every(({ ok }) => ok)).toBe(true);
      expect(world.sessions.length).toBeLessThanOrEqual(isTls ? 1 : 4);
    },
  );

  it.each([
    ['the server', { maxConcurrentStreams: 2 }, {}, 2],
    ['policy', {}, { streams: 3 }, 3],
  ])('has no more calls at once on a connection than %s says', async (_, settings, options, most) => {
    const underWay = new Map<unknown, number>();
    let highest = 0;
    const world = await serve((stream) => {
      const count = (underWay.get(stream.session) ?? 0) + 1;
      underWay.set(stream.session, count);
      highest = Math.max(highest, count);
      setTimeout(() => {
        underWay.set(stream.session, (underWay.get(stream.session) ?? 0) - 1);
        answer(stream, 1);
      }, 5);
    }, settings);
    const execute = clientOf(world.url, { connections: 2, ...options }).executor(operation());
    await execute({}, scopeOf());
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => execute({}, scopeOf())));
    expect(outcomes.every(({ ok }) => ok)).toBe(true);
    expect(highest).toBeLessThanOrEqual(most);
    expect(world.sessions.length).toBeLessThanOrEqual(2);
  });

  it('ends one call alone when it is cancelled, and keeps its connection', async () => {
    const world = await serve((stream, index) => {
      if (index !== 0) answer(stream, index);
    });
    const execute = clientOf(world.url).executor(operation());
    const context = contextOf();
    const cancelled = execute({}, scopeOf(context));
    await expect.poll(() => world.streams.length).toBe(1);
    const other = execute({}, scopeOf());
    context.cancellation.cancel('client_gone');
    expect(await cancelled).toMatchObject({ status: 'skipped' });
    expect(await other).toEqual({ ok: true, value: 1 });
    await expect.poll(() => world.streams[0]?.destroyed).toBe(true);
    expect(await execute({}, scopeOf())).toEqual({ ok: true, value: 2 });
    expect(world.sessions).toHaveLength(1);
  });

  it('ends one call alone at its timeout', async () => {
    const world = await serve((stream, index) => {
      if (index !== 0) answer(stream, index);
    });
    const client = clientOf(world.url, { timeoutMs: 200 });
    expect(await client.executor(operation())({}, scopeOf())).toMatchObject({ status: 'timeout' });
    expect(await client.executor(operation())({}, scopeOf())).toEqual({ ok: true, value: 1 });
    expect(world.sessions).toHaveLength(1);
  });

  it('fails one call alone where its stream is reset, and does not send a write again', async () => {
    const world = await serve((stream, index) => {
      if (index === 1) stream.close(2);
      else setTimeout(() => answer(stream, index), 20);
    });
    const client = clientOf(world.url);
    await client.executor(operation())({}, scopeOf());
    const reset = client.executor(write)({ body: {} }, scopeOf());
    const other = client.executor(operation())({}, scopeOf());
    expect(await reset).toMatchObject({ status: 'error' });
    expect(await other).toEqual({ ok: true, value: 2 });
    expect([world.streams.length, world.sessions.length]).toEqual([3, 1]);
  });

  it('sends again a write whose stream was refused before anything was done (RFC 9113 section 8.7)', async () => {
    const world = await serve((stream, index) => {
      if (index === 0) stream.close(7);
      else answer(stream, index);
    });
    expect(await clientOf(world.url).executor(write)({ body: {} }, scopeOf())).toEqual({ ok: true, value: 1 });
  });

  it('lets calls end on a connection that is going away, and opens another one for those that it did not take', async () => {
    const world = await serve((stream, index) => {
      if (index === 0) {
        // The call after this one is on its way already, and is not processed.
        stream.session?.goaway(0, stream.id);
        setTimeout(() => answer(stream, 'old'), 50);
      } else answer(stream, 'new');
    });
    const client = clientOf(world.url);
    const first = client.executor(operation())({}, scopeOf());
    await expect.poll(() => world.streams.length).toBe(1);
    const second = client.executor(write)({ body: {} }, scopeOf());
    expect([await first, await second]).toEqual([
      { ok: true, value: 'old' },
      { ok: true, value: 'new' },
    ]);
    expect(world.sessions).toHaveLength(2);
  });

  it.each([
    ['a read is sent again', operation(), { ok: true, value: 2 }],
    ['a write is not', write, { ok: false, status: 'error' }],
  ])('where a kept connection breaks as it is taken, %s (F22)', async (_, info, expected) => {
    const world = await serve((stream, index) => {
      if (index === 1) stream.session?.destroy();
      else answer(stream, index);
    });
    const execute = clientOf(world.url).executor(info);
    await execute({ body: {} }, scopeOf());
    expect(await execute({ body: {} }, scopeOf())).toMatchObject(expected);
    expect(world.streams).toHaveLength(info === write ? 2 : 3);
  });

  it('is agreed by ALPN over TLS', async () => {
    const world = await serve((stream) => answer(stream, 'h2'), {}, true);
    const client = clientOf(world.url, { tls: { ca: file('ca.pem') } });
    expect(await client.executor(operation())({}, scopeOf())).toEqual({ ok: true, value: 'h2' });
    expect(world.sessions[0]?.alpnProtocol).toBe('h2');
  });

  it('fails, and sends nothing, where the server speaks HTTP/1.1 alone', async () => {
    const sockets: Socket[] = [];
    let bytes = 0;
    const server = createTls(
      { key: text('upstream.key'), cert: text('upstream.pem'), ALPNProtocols: ['http/1.1'] },
      (socket) => {
        sockets.push(socket);
        socket.on('error', () => undefined).on('data', (chunk: Buffer) => (bytes += chunk.length));
      },
    ).listen(0, '127.0.0.1');
    await once(server, 'listening');
    started.push(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    const client = clientOf(`https://localhost:${(server.address() as AddressInfo).port}`, {
      tls: { ca: file('ca.pem') },
    });
    expect(await client.executor(operation())({}, scopeOf())).toMatchObject({
      status: 'error',
      unsent: true,
      detail: expect.stringContaining('does not speak HTTP/2') as string,
    });
    expect(bytes).toBe(0);
  });

  it('goes through the tunnel of a proxy', async () => {
    const world = await serve((stream) => answer(stream, 'h2'), {}, true);
    const asked: string[] = [];
    const proxy = createPlain((socket) => {
      socket
        .on('error', () => undefined)
        .once('data', (chunk: Buffer) => {
          const [, target = ''] = /^CONNECT (\S+) /.exec(chunk.toString('latin1')) ?? [];
          asked.push(target);
          const there = connect(Number(target.split(':')[1]), '127.0.0.1', () => {
            socket.write('HTTP/1.1 200 Connected\r\n\r\n');
            socket.pipe(there).pipe(socket);
          });
          there.on('error', () => undefined);
          started.push(() => [socket.destroy(), there.destroy()]);
        });
    }).listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    started.push(() => proxy.close());
    const client = clientOf(world.url, {
      tls: { ca: file('ca.pem') },
      proxy: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    });
    expect(await client.executor(operation())({}, scopeOf())).toEqual({ ok: true, value: 'h2' });
    expect(asked).toEqual([new URL(world.url).host]);
    expect(world.sessions[0]?.alpnProtocol).toBe('h2');
  });
});
