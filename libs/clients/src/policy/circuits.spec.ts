import { afterEach, describe, expect, it } from 'vitest';
import { ManualClock } from '@frontage/testing/manual-clock';
import { RawServer, type RawReply } from '@frontage/testing/raw-server';
import {
  channels,
  SchemaTable,
  systemClock,
  type BreakerChanged,
  type Clock,
  type OperationInfo,
} from '@frontage/core';
import { http, json } from '../fixtures/responses.js';
import { operation, scopeOf } from '../fixtures/operations.js';
import { createUpstream, type Upstream, type UpstreamOptions } from '../index.js';

const started: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of started.splice(0).toReversed()) await each.stop();
});

async function serve(
  reply: RawReply,
  options: Partial<UpstreamOptions> = {},
  clock: Clock = systemClock,
): Promise<[RawServer, Upstream]> {
  const raw = await RawServer.start(reply);
  const client = createUpstream('orders', { urls: [raw.url], timeoutMs: 5_000, ...options }, { clock });
  started.push(raw, { stop: () => client.close() });
  return [raw, client];
}

const breaker = { minimumCalls: 4, openForMs: 5_000, halfOpenPermits: 1 };
const getOne = operation({ id: 'getOrder', path: '/orders/1' });
const getAll = operation({ id: 'listOrders', path: '/orders' });

async function callOften(client: Upstream, info: OperationInfo, times = 10): Promise<(string | undefined)[]> {
  const execute = client.executor(info);
  const seen = [];
  for (let call = 0; call < times; call++) {
    const outcome = await execute({}, scopeOf());
    seen.push(outcome.ok ? 'ok' : outcome.status);
  }
  return seen;
}

/** A contract whose validator refuses everything. */
const checked = {
  upstream: 'orders',
  title: 'Orders',
  version: '1',
  schemas: new SchemaTable([]),
  validators: async () =>
    new Map([['Order', Object.assign(() => false, { errors: [{ instancePath: '/id', keyword: 'type' }] })]]),
};

describe('a whole response that we refuse by a rule of ours', () => {
  const large = http(200, { 'content-type': 'application/json' }, JSON.stringify('x'.repeat(5_000)));
  it.each<[string, Buffer, Partial<UpstreamOptions>, Partial<OperationInfo>]>([
    [
      'with a number that a double would change',
      http(200, { 'content-type': 'application/json' }, '{"id":9007199254740993}'),
      {},
      {},
    ],
    ['above maxBody', large, { maxBodyBytes: 1_000 }, {}],
    ['above maxBody, of unknown length', chunked(JSON.stringify('x'.repeat(5_000))), { maxBodyBytes: 1_000 }, {}],
    ['with a status that is not declared', http(203, { 'content-type': 'application/json' }, '{}'), {}, {}],
    ['of another media type', http(200, { 'content-type': 'text/html' }, '<p>'), {}, {}],
    ['that is no JSON', http(200, { 'content-type': 'application/json' }, '{"id": NaN}'), {}, {}],
    ['that is no UTF-8', http(200, { 'content-type': 'application/json' }, Buffer.from([0x22, 0xff, 0x22])), {}, {}],
    [
      'with a content coding that is none',
      http(200, { 'content-type': 'application/json', 'content-encoding': 'zip' }, '{}'),
      {},
      {},
    ],
    [
      'that does not fit its contract',
      json(200, { id: 'x' }),
      { validate: 'enforce' },
      { contract: checked, responses: [{ status: '200', media: 'application/json', schema: 'Order' }] },
    ],
  ])(
    '%s neither opens the circuit, nor takes the address out, nor is tried again',
    async (_, answer, options, info) => {
      const [raw, client] = await serve((socket) => socket.end(answer), {
        breaker,
        retry: { attempts: 3, budgetRatio: 1 },
        ...options,
      });
      expect(await callOften(client, operation(info))).toEqual(Array(10).fill('bad_payload'));
      expect([client.breakerState(), raw.requests.length]).toEqual(['closed', 10]);
    },
  );

  it('leaves an address in use, among several', async () => {
    const answer = http(200, { 'content-type': 'application/json' }, '{"id":9007199254740993}');
    const [odd, even] = [
      await RawServer.start((socket) => socket.write(answer)),
      await RawServer.start((socket) => socket.write(json(200, {}))),
    ];
    const urls = [odd.url, even.url];
    const balance = { by: 'round-robin' } as const;
    const client = createUpstream('orders', { urls, timeoutMs: 5_000, balance }, { clock: systemClock });
    started.push(odd, even, { stop: () => client.close() });
    await callOften(client, getAll, 40);
    expect([odd.requests.length, even.requests.length]).toEqual([20, 20]);
  });

  it('proves nothing to a circuit that is half-open either', async () => {
    let answer = http(500, {});
    const clock = new ManualClock();
    const [, client] = await serve((socket) => socket.write(answer), { breaker }, clock);
    await callOften(client, getAll, 4);
    expect(client.breakerState()).toBe('open');
    await clock.advance(5_000);
    answer = http(200, { 'content-type': 'application/json' }, '{"id":9007199254740993}');
    expect(await callOften(client, getAll, 3)).toEqual(['bad_payload', 'bad_payload', 'bad_payload']);
    expect(client.breakerState()).toBe('half_open');
    answer = json(200, {});
    expect(await callOften(client, getAll, 1)).toEqual(['ok']);
    expect(client.breakerState()).toBe('closed');
  });

  it('counts as a failure all the same where its status says that the service failed', async () => {
    const page = http(500, { 'content-type': 'text/html' }, 'x'.repeat(5_000));
    const [, client] = await serve((socket) => socket.end(page), { breaker, maxBodyBytes: 1_000 });
    await callOften(client, getAll, 4);
    expect(client.breakerState()).toBe('open');
  });

  it('is not what breaks the connection or is no HTTP: that counts', async () => {
    const [, client] = await serve((socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{'), {
      breaker,
    });
    await callOften(client, getAll, 4);
    expect(client.breakerState()).toBe('open');
  });
});

describe('circuits', () => {
  const failingOne: RawReply = (socket, { target }) =>
    socket.write(target.startsWith('/orders/1') ? http(500, {}) : json(200, []));

  it('are one per operation: the one that fails is left alone by itself', async () => {
    const turns: BreakerChanged[] = [];
    const hear = (turn: unknown): void => void turns.push(turn as BreakerChanged);
    channels.breakerChanged.subscribe(hear);
    const [, client] = await serve(failingOne, { breaker });
    expect(await callOften(client, getOne, 5)).toEqual(['error', 'error', 'error', 'error', 'open_circuit']);
    expect(await callOften(client, getAll, 5)).toEqual(Array(5).fill('ok'));
    channels.breakerChanged.unsubscribe(hear);
    expect(turns).toEqual([{ upstream: 'orders', operation: 'getOrder', state: 'open' }]);
    expect(client.breakerState()).toBe('closed');
  });

  it('are one for the upstream where policy joins them', async () => {
    const [, client] = await serve(failingOne, { breaker: { ...breaker, per: 'upstream' } });
    await callOften(client, getOne, 4);
    expect(await callOften(client, getAll, 1)).toEqual(['open_circuit']);
    expect(client.breakerState()).toBe('open');
  });

  it('are shared by all callers of the operation', async () => {
    const [, client] = await serve(failingOne, { breaker });
    await callOften(client, getOne, 2);
    await callOften(client, getOne, 2);
    expect(await callOften(client, getOne, 1)).toEqual(['open_circuit']);
  });

  it('say of the upstream that it is open where nothing that is called gets through', async () => {
    const clock = new ManualClock();
    const [, client] = await serve((socket) => socket.write(http(500, {})), { breaker }, clock);
    client.executor(operation({ id: 'neverCalled' }));
    await callOften(client, getOne, 4);
    expect(client.breakerState()).toBe('open');
    await callOften(client, getAll, 2);
    expect(client.breakerState()).toBe('closed');
    await callOften(client, getAll, 2);
    expect(client.breakerState()).toBe('open');
    await clock.advance(60_000);
    expect(client.health()).toMatchObject({ breaker: 'open' });
  });

  it.each<[UpstreamOptions['breaker'], number, BreakerChanged['state']]>([
    [{ failures: ['5xx', 429] }, 429, 'open'],
    [{ failures: ['5xx'] }, 429, 'closed'],
    [{ failures: [503] }, 500, 'closed'],
    [{ failures: [503] }, 503, 'open'],
    [{ failures: ['4xx'] }, 404, 'open'],
    [{}, 408, 'open'],
  ])('count the statuses that policy names as failures: %o, status %i: %s', async (policy, status, state) => {
    const [, client] = await serve((socket) => socket.write(http(status, {})), { breaker: { ...breaker, ...policy } });
    await callOften(client, getAll, 4);
    expect(client.breakerState()).toBe(state);
  });

  it('count a connection without a response as a failure, whatever statuses policy names', async () => {
    const [, client] = await serve((socket) => socket.resetAndDestroy(), { breaker: { ...breaker, failures: [503] } });
    await callOften(client, getAll, 4);
    expect(client.breakerState()).toBe('open');
  });

  it('reject a share of the calls where policy throttles, and let all of them pass to a service that is well again', async () => {
    let isWell = false;
    const clock = new ManualClock();
    const [raw, client] = await serve(
      (socket) => socket.write(isWell ? json(200, []) : http(500, {})),
      { breaker: { mode: 'throttle', windowMs: 1_000, minimumCalls: 10 } },
      clock,
    );
    const seen = await callOften(client, getAll, 300);
    expect(seen).toContain('open_circuit');
    // 9 of 10 at most: some calls always pass.
    expect(raw.requests.length).toBeGreaterThan(12);
    expect(raw.requests.length).toBeLessThan(120);
    expect(client.breakerState()).toBe('half_open');
    isWell = true;
    await clock.advance(1_000);
    expect(await callOften(client, getAll, 50)).toEqual(Array(50).fill('ok'));
    expect(client.breakerState()).toBe('closed');
  });

  it('can be forced by an operator, all of them or that of one operation, for a time', async () => {
    const clock = new ManualClock();
    const [raw, client] = await serve((socket) => socket.write(json(200, [])), { breaker }, clock);
    await callOften(client, getOne, 1);
    await callOften(client, getAll, 1);
    expect(client.forceCircuits('getOrder', 'open', 60_000)).toBe(1);
    expect(await callOften(client, getOne, 2)).toEqual(['open_circuit', 'open_circuit']);
    expect(await callOften(client, getAll, 1)).toEqual(['ok']);
    expect(client.circuits()).toEqual([
      { operation: 'getOrder', state: 'open', rejected: 2, forced: { state: 'open', forMs: 60_000 } },
      { operation: 'listOrders', state: 'closed', rejected: 0 },
    ]);
    expect(client.forceCircuits(undefined, 'open', 10_000)).toBe(2);
    expect(raw.requests).toHaveLength(3);
    await clock.advance(10_000);
    expect(await callOften(client, getOne, 1)).toEqual(['ok']);
    expect(client.forceCircuits('nothing', 'open', 1)).toBe(0);
    expect(client.forceCircuits(undefined, 'automatic', 1)).toBe(2);
  });

  it('of an operation follow its own policy, also where those of the upstream are joined or absent', async () => {
    const operations = { getOrder: { breaker: { minimumCalls: 2 } }, never: { breaker: 'off' as const } };
    const [, client] = await serve(failingOne, { breaker: { ...breaker, per: 'upstream' }, operations });
    expect(await callOften(client, getOne, 3)).toEqual(['error', 'error', 'open_circuit']);
    expect(await callOften(client, getAll, 2)).toEqual(['ok', 'ok']);
    const never = operation({ id: 'never', path: '/orders/1' });
    expect(await callOften(client, never, 10)).toEqual(Array(10).fill('error'));
    // Nothing is joined with what has its own.
    expect(client.circuits().map(({ operation: id, state }) => [id, state])).toEqual([
      [undefined, 'closed'],
      ['getOrder', 'open'],
    ]);
    expect(client.breakerState()).toBe('closed');
    const [, alone] = await serve(failingOne, { operations: { getOrder: { breaker: { minimumCalls: 2 } } } });
    expect(await callOften(alone, getOne, 3)).toEqual(['error', 'error', 'open_circuit']);
    expect(await callOften(alone, operation({ id: 'other', path: '/orders/1' }), 9)).toEqual(Array(9).fill('error'));
    const [, none] = await serve(failingOne, { operations: { getOrder: { breaker: 'off' } } });
    expect(none.circuits()).toEqual([]);
  });

  it('refuse options out of range at the start, not at the first call', async () => {
    const make = () =>
      createUpstream('orders', { urls: ['http://127.0.0.1:1'], breaker: { failureRatio: 2 } }, { clock: systemClock });
    expect(make).toThrow('failureRatio must be above 0 and at most 1');
  });
});

function chunked(text: string): Buffer {
  const head = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n';
  return Buffer.from(`${head}${text.length.toString(16)}\r\n${text}\r\n0\r\n\r\n`);
}
