import { createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { OperationInfo } from '@frontage/core';
import { ManualClock } from '@frontage/testing/manual-clock';
import { RawServer, type RawReply } from '@frontage/testing/raw-server';
import { operation, scopeOf } from './fixtures/operations.js';
import { http, json } from './fixtures/responses.js';
import { createUpstream, type Upstream, type UpstreamOptions } from './index.js';

const started: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of started.splice(0).toReversed()) await each.stop();
});

async function serve(reply: RawReply, options: Partial<UpstreamOptions>): Promise<[RawServer, Upstream, ManualClock]> {
  const raw = await RawServer.start(reply);
  const clock = new ManualClock();
  const client = createUpstream('orders', { urls: [raw.url], timeoutMs: 10_000, ...options }, { clock });
  started.push(raw, { stop: () => client.close() });
  return [raw, client, clock];
}

/** Turns the clock until the call has ended. */
async function ended<T>(call: Promise<T>, clock: ManualClock): Promise<T> {
  const underWay = new Set([call]);
  void call.finally(() => underWay.delete(call));
  while (underWay.size > 0) await clock.advance(1);
  return call;
}

/** The requests of one call that gets only this response. */
async function attemptsOf(
  reply: RawReply,
  options: Partial<UpstreamOptions>,
  info: OperationInfo = operation(),
  args = {},
): Promise<number> {
  const [raw, client, clock] = await serve(reply, options);
  await ended(client.executor(info)(args, scopeOf()), clock);
  return raw.requests.length;
}

const status =
  (code: number, headers: Readonly<Record<string, string>> = {}): RawReply =>
  (socket) =>
    socket.write(http(code, headers));
const reset: RawReply = (socket: Socket) => socket.resetAndDestroy();
const keyed: OperationInfo = operation({
  id: 'placeOrder',
  method: 'POST',
  parameters: [{ name: 'Idempotency-Key', in: 'header' }],
});

describe('a policy of retries (F13)', () => {
  const on = (...retryOn: (string | number)[]): Partial<UpstreamOptions> => ({ retry: { budgetRatio: 1, retryOn } });

  it.each<[readonly (string | number)[], number, number]>([
    [['5xx'], 500, 2],
    [['5xx'], 599, 2],
    [['5xx'], 501, 1],
    [['5xx', 501], 501, 2],
    [['503'], 503, 2],
    [['503'], 500, 1],
    [[429], 429, 2],
    [['4xx'], 404, 2],
    [[408], 408, 2],
    [['connect', 'reset'], 503, 1],
  ])('on %j, status %i: %i attempts', async (retryOn, code, attempts) => {
    expect(await attemptsOf(status(code), on(...retryOn))).toBe(attempts);
  });

  it.each<[readonly string[], number]>([
    [['reset'], 2],
    [['connect'], 1],
    [['5xx'], 1],
  ])('on %j, a connection that ends before the response: %i attempts', async (retryOn, attempts) => {
    expect(await attemptsOf(reset, on(...retryOn))).toBe(attempts);
  });

  it.each<[readonly string[], number]>([
    [['connect'], 2],
    [['reset', '5xx'], 1],
  ])('on %j, a port without a listener: %i attempts', async (retryOn, attempts) => {
    const [raw, client, clock] = await serve(status(200), on(...retryOn));
    await raw.stop();
    started.shift();
    const scope = scopeOf();
    await ended(client.executor(operation())({}, scope), clock);
    expect(scope.context.calls).toHaveLength(attempts);
  });

  it('of an operation stands before that of its upstream', async () => {
    const options: Partial<UpstreamOptions> = {
      retry: { attempts: 2, budgetRatio: 1 },
      operations: {
        never: { retry: 'off' },
        onlyBusy: { retry: { retryOn: [429] } },
        often: { retry: { attempts: 3 } },
      },
    };
    const attempts = async (id: string, code: number): Promise<number> =>
      attemptsOf(status(code), options, operation({ id }));
    expect(await attempts('other', 503)).toBe(2);
    expect(await attempts('never', 503)).toBe(1);
    expect(await attempts('onlyBusy', 503)).toBe(1);
    expect(await attempts('onlyBusy', 429)).toBe(2);
    expect(await attempts('often', 503)).toBe(3);
    expect(await attemptsOf(status(503), { operations: { one: { retry: {} } } }, operation({ id: 'one' }))).toBe(2);
    expect(await attemptsOf(status(503), { operations: { one: { retry: {} } } }, operation({ id: 'two' }))).toBe(1);
  });

  it.each<[string, OperationInfo, object, RawReply, number]>([
    ['a write whose connection was reset after it was sent', operation({ method: 'POST' }), {}, reset, 1],
    ['a write after 502 of a gateway', operation({ method: 'POST' }), {}, status(502), 1],
    ['a patch after a reset', operation({ method: 'PATCH' }), {}, reset, 1],
    ['a write without the key that it could have', keyed, {}, reset, 1],
    ['a write with its key after a reset', keyed, { header: { 'Idempotency-Key': 'k' } }, reset, 2],
  ])('%s', async (_name, info, args, reply, attempts) => {
    expect(await attemptsOf(reply, { retry: { budgetRatio: 1 } }, info, args)).toBe(attempts);
  });

  it('honours the Retry-After of a status that policy names, inside the deadline (F12)', async () => {
    const [raw, client, clock] = await serve(status(429, { 'retry-after': '2' }), on(429));
    await ended(client.executor(operation())({}, scopeOf()), clock);
    expect(raw.requests).toHaveLength(2);
    expect(clock.now()).toBeGreaterThanOrEqual(2_000);
    const before = clock.now();
    const hasty = await client.executor(operation(), { timeoutMs: 1_999 })({}, scopeOf());
    expect(hasty).toMatchObject({ ok: false, upstreamStatus: 429, retryAfterMs: 2_000 });
    expect(clock.now()).toBe(before);
  });

  it('lets a fifth of the calls under way be retries, and three in any case', async () => {
    const held: Socket[] = [];
    let first = 30;
    const [raw, client, clock] = await serve(
      (socket, { index }) => {
        if (index < 30) socket.write(json(200, 1));
        else if (index < first + 10) socket.write(http(503, {}));
        else held.push(socket);
      },
      { retry: { attempts: 2, budgetRatio: 1 } },
    );
    const execute = client.executor(operation());
    // Saves up twenty tokens.
    for (let call = 0; call < 30; call++) await execute({}, scopeOf());
    // Twice, because retries that have ended make room for others.
    for (const round of [1, 2]) {
      first = raw.requests.length;
      const calls = Array.from({ length: 10 }, () => execute({}, scopeOf()));
      // Seven of them end with their failure at once.
      const failed: unknown[] = [];
      for (const call of calls) void call.then((outcome) => outcome.ok || failed.push(outcome));
      await expect.poll(() => failed.length, { interval: 2 }).toBe(7);
      await clock.advance(100);
      await expect.poll(() => held.length, { interval: 2 }).toBe(3);
      for (const socket of held.splice(0)) socket.write(json(200, 1));
      const outcomes = await Promise.all(calls);
      expect(outcomes.filter(({ ok }) => ok)).toHaveLength(3);
      expect([round, raw.requests.length - first]).toEqual([round, 13]);
    }
  });

  it('is not needed for a kept connection that was closed as we took it (F22)', async () => {
    // Answers one request per connection, and ends it when the next one arrives.
    const seen: number[] = [];
    const server = createServer((socket) => {
      const number = seen.push(0) - 1;
      socket.on('error', () => undefined);
      socket.on('data', () => {
        seen[number] = (seen[number] ?? 0) + 1;
        if (seen[number] === 1) socket.write(json(200, number));
        else socket.resetAndDestroy();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    started.push({ stop: () => new Promise((resolve) => void server.close(() => resolve())) });
    const urls = [`http://127.0.0.1:${(server.address() as AddressInfo).port}`];
    const client = createUpstream('orders', { urls, breaker: { minimumCalls: 1 } }, { clock: new ManualClock() });
    started.push({ stop: () => client.close() });
    for (let call = 0; call < 3; call++) {
      expect(await client.executor(operation())({}, scopeOf())).toMatchObject({ ok: true });
      for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => void setImmediate(resolve));
    }
    // It says nothing about the health of the upstream.
    expect(client.breakerState()).toBe('closed');
    expect(await client.executor(operation({ method: 'POST' }))({}, scopeOf())).toMatchObject({ ok: false });
  });
});
