import type { Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { channels, type OperationInfo, type Outcome } from '@frontage/core';
import { ManualClock } from '@frontage/testing/manual-clock';
import { RawServer, type RawReply, type RawRequest } from '@frontage/testing/raw-server';
import { contextOf, operation, scopeOf } from './fixtures/operations.js';
import { http, json } from './fixtures/responses.js';
import { createUpstream, type Upstream, type UpstreamOptions } from './index.js';

const started: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of started.splice(0).toReversed()) await each.stop();
});

/** Requests that wait for their response, in the order of their arrival. */
interface Held {
  readonly socket: Socket;
  readonly request: RawRequest;
}

async function serve(
  options: Partial<UpstreamOptions>,
  reply?: RawReply,
): Promise<{ raw: RawServer; client: Upstream; clock: ManualClock; held: Held[] }> {
  const held: Held[] = [];
  const raw = await RawServer.start(reply ?? ((socket, request) => held.push({ socket, request })));
  const clock = new ManualClock();
  const client = createUpstream('orders', { urls: [raw.url], timeoutMs: 1_000, ...options }, { clock });
  started.push(raw, { stop: () => client.close() });
  return { raw, client, clock, held };
}

/** A budget that permits a hedge of each call. */
const policy: Partial<UpstreamOptions> = { hedge: { afterMs: 50, budgetRatio: 1 } };

const arrived = (held: readonly Held[], count: number): Promise<void> =>
  expect
    .poll(() => held.length, { interval: 2 })
    .toBe(count)
    .then(() => undefined);

/** Turns that a request which is not sent would have needed to arrive. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => void setImmediate(resolve));
}

describe('a hedge (F15)', () => {
  it('is sent after its time, its good response is taken, and the first attempt is aborted', async () => {
    const { raw, client, clock, held } = await serve(policy);
    const context = contextOf();
    const call = client.executor(operation())({}, scopeOf(context));
    await arrived(held, 1);
    await clock.advance(49);
    await settled();
    expect(held).toHaveLength(1);
    await clock.advance(1);
    await arrived(held, 2);
    held[1]?.socket.write(json(200, 'second'));
    expect(await call).toEqual({ ok: true, value: 'second' });
    expect(held.map(({ request }) => request.connection)).toEqual([0, 1]);
    // The connection of the attempt that lost is closed, the other one is kept.
    await expect.poll(() => raw.openConnections, { interval: 2 }).toBe(1);
    expect(context.calls.map(({ attempt, outcome }) => [attempt, outcome])).toEqual([
      [1, 'cancelled'],
      [2, 'ok'],
    ]);
    expect([clock.timerCount, context.cancellation.listenerCount]).toEqual([0, 0]);
  });

  it('is aborted where the first response arrives before its own', async () => {
    const { raw, client, clock, held } = await serve(policy);
    const context = contextOf();
    const call = client.executor(operation())({}, scopeOf(context));
    await arrived(held, 1);
    await clock.advance(50);
    await arrived(held, 2);
    held[0]?.socket.write(json(200, 'first'));
    expect(await call).toEqual({ ok: true, value: 'first' });
    await expect.poll(() => raw.openConnections, { interval: 2 }).toBe(1);
    expect(context.calls.map(({ outcome }) => outcome)).toEqual(['ok', 'cancelled']);
    // The connection of the winner carries the next call.
    const next = client.executor(operation())({}, scopeOf());
    await arrived(held, 3);
    held[2]?.socket.write(json(200, 'next'));
    await next;
    expect(held[2]?.request.connection).toBe(0);
  });

  it.each([
    ['the first', 0, 1],
    ['the second', 1, 0],
  ])('an error of %s attempt waits for the response of the other one', async (_name, failing, good) => {
    const { client, clock, held } = await serve(policy);
    const call = client.executor(operation())({}, scopeOf());
    await arrived(held, 1);
    await clock.advance(50);
    await arrived(held, 2);
    held[failing]?.socket.write(http(500, {}));
    await settled();
    held[good]?.socket.write(json(200, 'good'));
    expect(await call).toEqual({ ok: true, value: 'good' });
  });

  it('fails with the first failure where both attempts fail, and a retry counts both', async () => {
    const { client, clock, held } = await serve({ ...policy, retry: { attempts: 2, budgetRatio: 1 } });
    const call = client.executor(operation())({}, scopeOf());
    await arrived(held, 1);
    await clock.advance(50);
    await arrived(held, 2);
    held[1]?.socket.write(http(502, {}));
    await settled();
    held[0]?.socket.write(http(500, {}));
    expect(await call).toMatchObject({ ok: false, status: 'error', upstreamStatus: 500 });
    await settled();
    expect(held).toHaveLength(2);
  });

  it('takes an error that says what is wrong with the request at once', async () => {
    const { client, clock, held } = await serve(policy);
    const call = client.executor(operation())({}, scopeOf());
    await arrived(held, 1);
    await clock.advance(50);
    await arrived(held, 2);
    held[1]?.socket.write(http(404, {}));
    expect(await call).toMatchObject({ ok: false, upstreamStatus: 404 });
  });

  it('is stopped with its call, by the deadline and by a client that leaves', async () => {
    for (const stop of ['deadline', 'client']) {
      const { raw, client, clock, held } = await serve(policy);
      const context = contextOf();
      const call = client.executor(operation())({}, scopeOf(context));
      await arrived(held, 1);
      await clock.advance(50);
      await arrived(held, 2);
      if (stop === 'deadline') await clock.advance(950);
      else context.cancellation.cancel('client_gone');
      expect(await call).toMatchObject({ ok: false, status: stop === 'deadline' ? 'timeout' : 'skipped' });
      await expect.poll(() => raw.openConnections, { interval: 2 }).toBe(0);
      expect([clock.timerCount, context.cancellation.listenerCount]).toEqual([0, 0]);
    }
  });

  it.each(['the deadline', 'a client that leaves'])(
    'ends at %s where the first attempt has failed and the second one hangs',
    async (end) => {
      const { raw, client, clock, held } = await serve(policy);
      const context = contextOf();
      const call = client.executor(operation())({}, scopeOf(context));
      await arrived(held, 1);
      await clock.advance(50);
      await arrived(held, 2);
      held[0]?.socket.write(http(500, {}));
      await expect.poll(() => context.calls[0]?.status, { interval: 2 }).toBe(500);
      if (end === 'the deadline') await clock.advance(950);
      else context.cancellation.cancel('client_gone');
      expect(await call).toMatchObject({ ok: false, upstreamStatus: 500 });
      expect(context.calls[1]?.outcome).toBe(end === 'the deadline' ? 'timeout' : 'cancelled');
      // The connection of the first attempt is kept, that of the second one is closed.
      await expect.poll(() => raw.openConnections, { interval: 2 }).toBe(1);
      expect([clock.timerCount, context.cancellation.listenerCount]).toEqual([0, 0]);
    },
  );

  /** The requests of one call that gets no response in 60 ms. */
  async function sentFor(
    info: OperationInfo,
    world: { client: Upstream; clock: ManualClock; held: Held[] },
    args = {},
  ): Promise<number> {
    const before = world.held.length;
    const call = world.client.executor(info)(args, scopeOf());
    await arrived(world.held, before + 1);
    await world.clock.advance(60);
    await settled();
    // Nor does one wait for its permit.
    expect(world.client.health().calls?.queued ?? 0).toBe(0);
    const sent = world.held.length - before;
    for (const { socket } of world.held.slice(before)) socket.write(json(200, 1));
    await call;
    return sent;
  }

  it.each([
    ['a read', operation(), {}, 2],
    ['a search by POST that only reads', operation({ method: 'POST', safe: true }), {}, 2],
    ['a write', operation({ id: 'placeOrder', method: 'POST' }), {}, 1],
    [
      'a write with a key',
      operation({ method: 'POST', parameters: [{ name: 'Idempotency-Key', in: 'header' }] }),
      { header: { 'Idempotency-Key': 'k' } },
      1,
    ],
    ['a delete', operation({ method: 'DELETE' }), {}, 1],
  ])('of %s', async (_name, info, args, sent) => {
    expect(await sentFor(info, await serve(policy), args)).toBe(sent);
  });

  it('is not sent where policy has none, or switches it off for the operation', async () => {
    expect(await sentFor(operation(), await serve({}))).toBe(1);
    const world = await serve({ ...policy, operations: { listOrders: { hedge: 'off' } } });
    expect(await sentFor(operation(), world)).toBe(1);
    expect(await sentFor(operation({ id: 'other' }), world)).toBe(2);
  });

  it('is sent for the one operation that policy names', async () => {
    const world = await serve({ operations: { listOrders: { hedge: { afterMs: 50 } } } });
    expect(await sentFor(operation({ id: 'other' }), world)).toBe(1);
    expect(await sentFor(operation(), world)).toBe(2);
  });

  it.each([
    ['429', http(429, {}), 1_000],
    ['503', http(503, {}), 1_000],
    ['503 with Retry-After', http(503, { 'retry-after': '7' }), 7_000],
  ])('is not sent for a while after %s', async (_name, response, forMs) => {
    const world = await serve(policy);
    const refused = world.client.executor(operation())({}, scopeOf());
    await arrived(world.held, 1);
    world.held[0]?.socket.write(response);
    await refused;
    expect(await sentFor(operation(), world)).toBe(1);
    // Its hedge would be sent a millisecond before the end of that time.
    await world.clock.advance(forMs - 60 - 51);
    expect(await sentFor(operation(), world)).toBe(1);
    expect(await sentFor(operation(), world)).toBe(2);
  });

  it('is not sent while the circuit is not closed', async () => {
    const world = await serve({ ...policy, breaker: { minimumCalls: 1, openForMs: 1_000, halfOpenPermits: 2 } });
    const failing = world.client.executor(operation())({}, scopeOf());
    await arrived(world.held, 1);
    world.held[0]?.socket.write(http(500, {}));
    await failing;
    await world.clock.advance(1_000);
    expect(world.client.breakerState()).toBe('open');
    // The probe of a circuit that is half-open.
    expect(await sentFor(operation(), world)).toBe(1);
    expect(await sentFor(operation(), world)).toBe(1);
    expect(world.client.breakerState()).toBe('closed');
    expect(await sentFor(operation(), world)).toBe(2);
  });

  it('leaves no mark on the circuit, the addresses and the permits where it lost, nor where it won', async () => {
    const world = await serve({ ...policy, breaker: { minimumCalls: 1 }, concurrency: 5 });
    for (const winner of [0, 1, 1, 0]) {
      const before = world.held.length;
      const call = world.client.executor(operation())({}, scopeOf());
      await arrived(world.held, before + 1);
      await world.clock.advance(50);
      await arrived(world.held, before + 2);
      world.held[before + winner]?.socket.write(json(200, 1));
      expect(await call).toMatchObject({ ok: true });
    }
    expect(world.client.health()).toEqual({
      upstream: 'orders',
      breaker: 'closed',
      calls: { active: 0, queued: 0, limit: 5 },
    });
  });

  it('goes to another address than the first attempt, whatever was sent in between', async () => {
    const { raw: other } = await serve({});
    const { raw, clock, held } = await serve({});
    const urls = [raw.url, other.url];
    const balance = { by: 'round-robin' } as const;
    const client = createUpstream('orders', { urls, timeoutMs: 1_000, balance, ...policy }, { clock });
    started.push({ stop: () => client.close() });
    other.reply = (socket) => socket.write(json(200, 'other'));
    const call = client.executor(operation())({}, scopeOf());
    await arrived(held, 1);
    // The turn of the other address is taken.
    expect(await client.executor(operation())({}, scopeOf())).toMatchObject({ value: 'other' });
    await clock.advance(50);
    expect(await call).toMatchObject({ value: 'other' });
    expect([raw.requests.length, other.requests.length]).toEqual([1, 2]);
  });

  it('is not sent where it would have to wait for a permit', async () => {
    expect(await sentFor(operation(), await serve({ ...policy, concurrency: 1 }))).toBe(1);
    expect(await sentFor(operation(), await serve({ ...policy, concurrency: 2 }))).toBe(2);
  });

  it('is not sent without a token of the retries, and gives its own back', async () => {
    const world = await serve({ ...policy, retry: { attempts: 2, budgetRatio: 0.001 } });
    expect(await sentFor(operation(), world)).toBe(2);
    for (let refused = 0; refused < 5; refused++) expect(await sentFor(operation(), world)).toBe(1);
    await world.clock.advance(1_000);
    expect(await sentFor(operation(), world)).toBe(2);
  });

  it('waits for the latency that 95 of 100 calls do not exceed, and for fifty calls', async () => {
    const world = await serve({ hedge: { budgetRatio: 1 } });
    const { client, clock, held } = world;
    for (let count = 0; count < 50; count++) {
      const call = client.executor(operation())({}, scopeOf());
      await arrived(held, count + 1);
      await clock.advance(count < 45 ? 10 : 30);
      held[count]?.socket.write(json(200, 1));
      await call;
    }
    expect(held).toHaveLength(50);
    // The estimate is read again after a second.
    await clock.advance(1_000);
    const call = client.executor(operation())({}, scopeOf());
    await arrived(held, 51);
    await clock.advance(29);
    await settled();
    expect(held).toHaveLength(51);
    await clock.advance(4);
    await arrived(held, 52);
    held[51]?.socket.write(json(200, 'hedged'));
    expect(await call).toEqual({ ok: true, value: 'hedged' });
  });

  it('adds at most its share to the load of an upstream that never responds in time', async () => {
    const { raw, client, clock, held } = await serve({ hedge: { afterMs: 50 } });
    const execute = client.executor(operation());
    let calls = 0;
    for (let round = 0; round < 20; round++) {
      const before = held.length;
      const outcomes = Array.from({ length: 10 }, () => execute({}, scopeOf()));
      calls += 10;
      await arrived(held, before + 10);
      await clock.advance(60);
      await settled();
      for (const { socket } of held.slice(before)) socket.write(json(200, 1));
      await Promise.all(outcomes);
    }
    expect(raw.requests.length).toBeGreaterThan(calls);
    // One hedge is free at the start.
    expect(raw.requests.length).toBeLessThanOrEqual(calls * 1.05 + 1);
  });

  it('is told once per call, with what became of it', async () => {
    const seen: unknown[] = [];
    const listen = (message: unknown): void => void seen.push(message);
    channels.callHedged.subscribe(listen);
    const { client, clock, held } = await serve(policy);
    const hedged = async (winner: number): Promise<Outcome<unknown>> => {
      const before = held.length;
      const call = client.executor(operation())({}, scopeOf());
      await arrived(held, before + 1);
      await clock.advance(50);
      await arrived(held, before + 2);
      held[before + winner]?.socket.write(json(200, 1));
      return call;
    };
    await hedged(0);
    await hedged(1);
    channels.callHedged.unsubscribe(listen);
    expect(seen).toEqual([
      { upstream: 'orders', operation: 'listOrders', result: 'lost' },
      { upstream: 'orders', operation: 'listOrders', result: 'won' },
    ]);
  });
});
