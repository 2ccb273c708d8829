import { createServer, type AddressInfo, type LookupFunction, type Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { ManualClock } from '@frontage/testing/manual-clock';
import { RawServer, type RawReply } from '@frontage/testing/raw-server';
import { systemClock, type Names, type Outcome } from '@frontage/core';
import { json } from '../../fixtures/responses.js';
import { operation, scopeOf } from '../../fixtures/operations.js';
import { sentContract } from '../../fixtures/sent-contract.js';
import { streamingContract } from '../../fixtures/streaming-contract.js';
import { transportContract } from '../../fixtures/transport-contract.js';
import { unaskedContract } from '../../fixtures/unasked-contract.js';
import { createUpstream, Download, type Upstream, type UpstreamOptions } from '../../index.js';

transportContract('direct');
streamingContract('direct');
sentContract('direct');
unaskedContract('direct');

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

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect === 'function') collect();
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

  it('let go of a call that has ended, while others still wait', async () => {
    const open: (() => void)[] = [];
    const raw = await serve((socket) => open.push(() => socket.write(json(200, {}))));
    const execute = clientOf(raw, { connections: 1 }).executor(operation());
    const scopes: WeakRef<object>[] = [];
    const outcomes = Array.from({ length: 9 }, () => {
      const scope = scopeOf();
      scopes.push(new WeakRef(scope));
      return execute({}, scope);
    });
    for (let responses = 0; responses < 9; responses++) {
      await expect.poll(() => open.length, { interval: 2 }).toBe(1);
      if (responses === 2) {
        collectGarbage();
        expect(scopes.map((scope) => scope.deref() !== undefined)).toEqual(scopes.map((_, at) => at >= 2));
      }
      open.shift()?.();
    }
    expect(await Promise.all(outcomes)).toHaveLength(9);
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

  it('that get unrequested bytes while they wait are closed, and the bytes become no response', async () => {
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

  it('are not taken after their keep-alive time, and are closed then', async () => {
    const raw = await serve((socket) => socket.write(json(200, {})));
    const clock = new ManualClock();
    const client = createUpstream('orders', { urls: [raw.url], transport: 'direct' }, { clock });
    started.push({ stop: () => client.close() });
    const execute = client.executor(operation());
    const call = async (): Promise<void> => {
      expect(await execute({}, scopeOf())).toMatchObject({ ok: true });
      for (let count = 0; count < 3; count++) await turn();
    };
    await call();
    await clock.advance(3_999);
    await call();
    expect(raw.connectionCount).toBe(1);
    await clock.advance(4_000);
    await call();
    expect(raw.connectionCount).toBe(2);
    await expect.poll(() => raw.openConnections, { interval: 2 }).toBe(1);
    await clock.advance(4_000);
    // Without another call too.
    await expect.poll(() => raw.openConnections, { interval: 20, timeout: 15_000 }).toBe(0);
    // No timer of the clock waits for them.
    expect(clock.timerCount).toBe(0);
  });

  it('read on for the next call if the reader of the last response is slow', async () => {
    // Just more than a stream holds back for its reader, and that by its last bytes.
    const large = 'x'.repeat(66_000);
    const raw = await serve((socket) => {
      const bytes = json(200, large);
      socket.write(bytes.subarray(0, 65_000));
      setImmediate(() => socket.write(bytes.subarray(65_000)));
    });
    const client = clientOf(raw, { connections: 1 });
    const download = await client.executor(operation(), { download: true })({}, scopeOf());
    await turn();
    const next = await client.executor(operation())({}, scopeOf());
    expect(next).toEqual({ ok: true, value: large });
    expect(raw.connectionCount).toBe(1);
    expect(download).toMatchObject({ ok: true });
    if (download.ok && download.value instanceof Download)
      expect((await download.value.body.toArray()).join('')).toBe(JSON.stringify(large));
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

  it('are not used again if the response came before the end of the request', async () => {
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

/** Names whose addresses are told one by one, so that a connection takes as long to open as the test wants. */
class HeldNames implements Names {
  readonly asked: (() => void)[] = [];

  lookupWithin(): LookupFunction {
    return (_host, _options, told) => {
      this.asked.push(() => told(null, [{ address: '127.0.0.1', family: 4 }]));
    };
  }

  watch(): () => void {
    return () => undefined;
  }

  services(): Promise<never> {
    return Promise.reject(new Error('unreachable: the test has no services'));
  }
}

describe('connections that take long to open', () => {
  const opening = async (answer: RawReply, options: Partial<UpstreamOptions> = {}) => {
    const raw = await serve(answer);
    const names = new HeldNames();
    const urls = [raw.url.replace('127.0.0.1', 'orders.test')];
    const client = createUpstream(
      'orders',
      { urls, timeoutMs: 5_000, connectTimeoutMs: 5_000, transport: 'direct', ...options },
      { clock: systemClock, names },
    );
    started.push({ stop: () => client.close() });
    return { raw, names, client, execute: client.executor(operation()) };
  };

  it('hold up no call while another connection is free', async () => {
    const { raw, names, execute } = await opening((socket) => socket.write(json(200, {})));
    const first = execute({}, scopeOf());
    await expect.poll(() => names.asked.length, { interval: 2 }).toBe(1);
    names.asked[0]?.();
    expect(await first).toEqual({ ok: true, value: {} });
    const both = await Promise.all([execute({}, scopeOf()), execute({}, scopeOf())]);
    expect(both).toEqual([0, 1].map(() => ({ ok: true, value: {} })));
    // The second call had asked for a connection, which is there when a later call wants it.
    expect([names.asked.length, raw.connectionCount]).toEqual([2, 1]);
    names.asked[1]?.();
    await expect.poll(() => raw.connectionCount, { interval: 2 }).toBe(2);
    expect(await execute({}, scopeOf())).toEqual({ ok: true, value: {} });
    expect(names.asked).toHaveLength(2);
  });

  it('are at most 64 at once, however many calls wait, and all calls end', async () => {
    const { raw, names, client, execute } = await opening((socket) => socket.write(json(200, {})), {
      connections: 1_000,
    });
    const outcomes = Promise.all(Array.from({ length: 200 }, () => execute({}, scopeOf())));
    await expect.poll(() => names.asked.length, { interval: 2 }).toBe(64);
    expect(client.connections()).toMatchObject([{ active: 64, idle: 0, waiting: 136 }]);
    for (let told = 0; told < names.asked.length; told++) {
      names.asked[told]?.();
      await turn();
    }
    expect(new Set((await outcomes).map(({ ok }) => ok))).toEqual(new Set([true]));
    expect(raw.requests).toHaveLength(200);
  });

  it('are opened further while no connection becomes free', async () => {
    const { raw, names, execute } = await opening(() => undefined, { connections: 1_000 });
    const scopes = Array.from({ length: 100 }, () => scopeOf());
    const outcomes = Promise.all(scopes.map((scope) => execute({}, scope)));
    await expect.poll(() => names.asked.length, { interval: 2 }).toBe(64);
    for (const tell of names.asked.slice()) tell();
    await expect.poll(() => names.asked.length, { interval: 2 }).toBe(100);
    for (const tell of names.asked.slice(64)) tell();
    await expect.poll(() => raw.requests.length, { interval: 2 }).toBe(100);
    for (const scope of scopes) scope.cancellation.cancel('client_gone');
    expect(await outcomes).toHaveLength(100);
  });

  it('fail one call each where they do not come about', async () => {
    const { names, execute } = await opening(() => undefined, { connectTimeoutMs: 100 });
    const began = Promise.all([execute({}, scopeOf()), execute({}, scopeOf())]);
    await expect.poll(() => names.asked.length, { interval: 2 }).toBe(2);
    const outcomes = await began;
    expect(outcomes.map((outcome) => (outcome.ok ? '' : outcome.detail))).toEqual(
      outcomes.map(() => expect.stringContaining('no connection within 100 ms')),
    );
  });
});

describe('calls of one request, where pipelining is on', () => {
  /** An upstream that responds with the request target, on command. */
  async function pipelined(reply: RawReply, count = 3): Promise<[RawServer, Outcome<unknown>[]]> {
    const raw = await serve(reply);
    const client = clientOf(raw, { pipelining: 8 });
    const scope = scopeOf();
    const calls = Array.from({ length: count }, (_, at) => client.executor(operation({ path: `/${at}` }))({}, scope));
    return [raw, await Promise.all(calls)];
  }
  const targets = (count: number): unknown[] =>
    Array.from({ length: count }, (_, at) => ({ ok: true, value: { target: `/${at}` } }));

  it('use one connection, and each gets its own response', async () => {
    const [raw, outcomes] = await pipelined((socket, { target }) => socket.write(json(200, { target })), 10);
    expect(outcomes).toEqual(targets(10));
    // Eight of them together, two behind on another one.
    expect(raw.requests.map(({ connection }) => connection)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 1, 1]);
  });

  it('travel apart from those of any other request', async () => {
    const raw = await serve((socket, { target }) => socket.write(json(200, { target })));
    const execute = clientOf(raw, { pipelining: 8 }).executor(operation());
    const scopes = [scopeOf(), scopeOf()] as const;
    await Promise.all([...scopes, ...scopes].map((scope) => execute({}, scope)));
    expect(raw.connectionCount).toBe(4);
  });

  it('travel alone where they are no plain reads', async () => {
    const raw = await serve((socket, { target }) => socket.write(json(200, { target })));
    const client = clientOf(raw, { pipelining: 8 });
    const scope = scopeOf();
    const write = client.executor(operation({ method: 'POST' }));
    const head = client.executor(operation({ method: 'HEAD' }));
    await Promise.all([write({}, scope), write({}, scope), head({}, scope), head({}, scope)]);
    expect(raw.connectionCount).toBe(4);
  });

  it('are sent again alone, and once, where the connection ends before their turn', async () => {
    const [raw, outcomes] = await pipelined((socket, { target, connection }) => {
      if (connection > 0) socket.write(json(200, { target }));
      else if (target === '/0') {
        const body = JSON.stringify({ target });
        socket.write(
          `HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
        );
      }
    });
    expect(outcomes).toEqual(targets(3));
    expect(raw.requests.map(({ target, connection }) => [target, connection])).toEqual([
      ['/0', 0],
      ['/1', 0],
      ['/2', 0],
      ['/1', 1],
      ['/2', 2],
    ]);
  });

  it('are sent again even while everything is being closed', async () => {
    let answerFirst = (): void => undefined;
    const raw = await serve((socket, { target, connection }) => {
      if (connection > 0) socket.write(json(200, { target }));
      else if (target === '/0') answerFirst = () => socket.end(json(200, { target }));
    });
    const client = clientOf(raw, { pipelining: 8 });
    const scope = scopeOf();
    const calls = [0, 1].map((at) => client.executor(operation({ path: `/${at}` }))({}, scope));
    await expect.poll(() => raw.requests.length, { interval: 2 }).toBe(2);
    const closed = client.close();
    answerFirst();
    expect(await Promise.all(calls)).toEqual(targets(2));
    await closed;
    await expect.poll(() => raw.openConnections, { interval: 2 }).toBe(0);
  });

  it('are not held up by one that was given up', async () => {
    const raw = await serve((socket, { target, connection }) => {
      if (connection > 0) socket.write(json(200, { target }));
    });
    const client = clientOf(raw, { pipelining: 8 });
    const scope = scopeOf();
    const slow = client.executor(operation({ path: '/0' }), { timeoutMs: 50 })({}, scope);
    const behind = client.executor(operation({ path: '/1' }))({}, scope);
    expect(await slow).toMatchObject({ status: 'timeout' });
    expect(await behind).toEqual({ ok: true, value: { target: '/1' } });
  });

  it('that were aborted before their turn do not take the responses of those behind them', async () => {
    let answerFirst = (): void => undefined;
    const raw = await serve((socket, { target, connection }) => {
      if (connection === 0 && target === '/0') answerFirst = () => socket.write(json(200, { target }));
      else if (connection > 0) socket.write(json(200, { target }));
    });
    const client = clientOf(raw, { pipelining: 8 });
    const scope = scopeOf();
    const calls = [0, 1, 2].map((at) =>
      client.executor(operation({ path: `/${at}` }), at === 1 ? { timeoutMs: 30 } : {})({}, scope),
    );
    expect(await calls[1]).toMatchObject({ status: 'timeout' });
    answerFirst();
    expect(await calls[0]).toEqual({ ok: true, value: { target: '/0' } });
    expect(await calls[2]).toEqual({ ok: true, value: { target: '/2' } });
    expect(raw.connectionCount).toBe(2);
  });

  it('all fail unsent on a port without a listener', async () => {
    const raw = await serve(() => undefined);
    const execute = clientOf(raw, { pipelining: 8 }).executor(operation());
    await raw.stop();
    started.splice(0, 1);
    const scope = scopeOf();
    for (const outcome of await Promise.all([execute({}, scope), execute({}, scope)]))
      expect(outcome).toMatchObject({ status: 'error', unsent: true });
  });

  it('need the direct transport', () => {
    const options = { urls: ['http://orders.test'], pipelining: 2, transport: 'undici' as const };
    expect(() => createUpstream('orders', options, { clock: systemClock })).toThrow(
      'orders: pipelining is 2, which needs transport direct',
    );
  });
});

describe('a response that the direct transport accepts', () => {
  it('is the same response for undici, for all bytes', async () => {
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
