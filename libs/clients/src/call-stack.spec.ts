import { HttpService } from '@nestjs/axios';
import axios from 'axios';
import { afterEach, describe, expect, it } from 'vitest';
import { OperationCache } from '@frontage/caching';
import { callEnd } from '@frontage/context';
import { channels, systemClock, type OperationInfo } from '@frontage/core';
import { ManualClock } from '@frontage/testing/manual-clock';
import { RawServer, type RawReply } from '@frontage/testing/raw-server';
import { contextOf, operation, scopeOf } from './fixtures/operations.js';
import { http, json } from './fixtures/responses.js';
import { createUpstream, type Upstream, type UpstreamOptions } from './index.js';

const started: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of started.splice(0).toReversed()) await each.stop();
});

async function serve(
  answer: RawReply,
  options: Partial<UpstreamOptions> = {},
  clock = new ManualClock(),
): Promise<[RawServer, Upstream, ManualClock]> {
  const raw = await RawServer.start(answer);
  const client = createUpstream(
    'orders',
    { urls: [raw.url], ...options },
    { clock, cache: new OperationCache({}, clock), httpService: new HttpService(axios.create()) },
  );
  started.push(raw, { stop: () => client.close() });
  return [raw, client, clock];
}

/** Resolves when the upstream has seen that many requests. */
const arrived = (raw: RawServer, count: number): Promise<void> =>
  expect
    .poll(() => raw.requests.length)
    .toBe(count)
    .then(() => undefined);

const status =
  (code: number, headers: Readonly<Record<string, string>> = {}): RawReply =>
  (socket) =>
    socket.write(http(code, headers));
const write: OperationInfo = operation({ id: 'placeOrder', method: 'POST' });
const keyed: OperationInfo = operation({
  id: 'placeOrder',
  method: 'POST',
  parameters: [{ name: 'Idempotency-Key', in: 'header' }],
});

describe('a retry (F13)', () => {
  const policy: Partial<UpstreamOptions> = { retry: { attempts: 3, budgetRatio: 1 }, timeoutMs: 1_000 };

  /** Turns the clock until the call has ended. */
  async function ended<T>(call: Promise<T>, clock: ManualClock): Promise<T> {
    const underWay = new Set([call]);
    void call.finally(() => underWay.delete(call));
    while (underWay.size > 0) await clock.advance(1);
    return call;
  }

  it('follows a failure that may pass, and each attempt is recorded', async () => {
    const [raw, client, clock] = await serve(
      (socket, { index }) => socket.write(index < 2 ? http(503, {}) : json(200, index)),
      policy,
    );
    // The first call saves up the budget of the second retry.
    const context = contextOf();
    const outcome = await ended(client.executor(operation())({}, scopeOf(context)), clock);
    expect(context.calls.map(({ attempt, status: code, outcome: how }) => [attempt, code, how])).toEqual([
      [1, 503, 'error'],
      [2, 503, 'error'],
      [3, 200, 'ok'],
    ]);
    expect(new Set(raw.requests.map(({ headers }) => headers['traceparent'])).size).toBe(3);
    expect(outcome).toEqual({ ok: true, value: 2 });
  });

  it.each([400, 401, 404, 408, 409, 429, 501])('does not follow status %i', async (code) => {
    const [raw, client, clock] = await serve(status(code), policy);
    await ended(client.executor(operation())({}, scopeOf()), clock);
    expect(raw.requests).toHaveLength(1);
  });

  it.each([
    ['a write', write, {}, 1],
    ['a write that could carry a key and does not', keyed, {}, 1],
    ['a write with a key', keyed, { header: { 'Idempotency-Key': 'k' } }, 2],
    ['a delete', operation({ method: 'DELETE' }), {}, 2],
    ['a patch', operation({ method: 'PATCH' }), {}, 1],
  ])('of %s', async (_name, info, args, attempts) => {
    const [raw, client, clock] = await serve(status(502), { retry: { attempts: 2, budgetRatio: 1 } });
    await ended(client.executor(info)(args, scopeOf()), clock);
    expect(raw.requests).toHaveLength(attempts);
  });

  it('waits as long as Retry-After says, but never past the deadline (F12)', async () => {
    const [raw, client, clock] = await serve(status(503, { 'retry-after': '2' }), { ...policy, timeoutMs: 5_000 });
    const patient = ended(client.executor(operation())({}, scopeOf()), clock);
    await patient;
    // At 0, 2 and 4 seconds.
    expect(raw.requests).toHaveLength(3);
    expect(clock.now()).toBeGreaterThanOrEqual(4_000);
    const before = clock.now();
    const hasty = await client.executor(operation(), { timeoutMs: 1_500 })({}, scopeOf());
    expect(hasty).toMatchObject({ status: 'error', upstreamStatus: 503, retryAfterMs: 2_000 });
    expect(clock.now()).toBe(before);
  });

  it('stops when no caller waits any longer, and leaves neither timer nor listener', async () => {
    const [raw, client, clock] = await serve(status(503), policy);
    const context = contextOf();
    const call = client.executor(operation())({}, scopeOf(context));
    await expect.poll(() => context.calls[0]?.status).toBe(503);
    context.cancellation.cancel('client_gone');
    expect(await call).toMatchObject({ status: 'skipped' });
    expect([raw.requests.length, clock.timerCount, context.cancellation.listenerCount]).toEqual([1, 0, 0]);
  });

  it('adds at most its budget to the load of an upstream that fails', async () => {
    const [raw, client, clock] = await serve(status(500), { retry: { attempts: 3, budgetRatio: 0.1 } });
    const execute = client.executor(operation());
    for (let call = 0; call < 200; call++) await ended(execute({}, scopeOf()), clock);
    expect(raw.requests.length).toBeGreaterThan(200);
    expect(raw.requests.length).toBeLessThanOrEqual(222);
  });
});

describe('a circuit breaker (F14)', () => {
  const policy: Partial<UpstreamOptions> = { breaker: { minimumCalls: 4, openForMs: 5_000, halfOpenPermits: 1 } };

  it('opens after failures, fails at once without connecting, and closes after a good probe', async () => {
    let isWell = false;
    const [raw, client, clock] = await serve((socket) => socket.write(isWell ? json(200, 1) : http(500, {})), policy);
    const execute = client.executor(operation());
    for (let call = 0; call < 4; call++) await execute({}, scopeOf());
    expect(client.health()).toEqual({ upstream: 'orders', breaker: 'open' });
    expect(await execute({}, scopeOf())).toMatchObject({ status: 'open_circuit', code: 'GW_UPSTREAM_OPEN_CIRCUIT' });
    expect(raw.requests).toHaveLength(4);
    isWell = true;
    await clock.advance(5_000);
    expect(await execute({}, scopeOf())).toEqual({ ok: true, value: 1 });
    expect(client.breakerState()).toBe('closed');
  });

  it.each([400, 404, 429])('counts status %i as health', async (code) => {
    const [, client] = await serve(status(code), policy);
    const execute = client.executor(operation());
    for (let call = 0; call < 10; call++) await execute({}, scopeOf());
    expect(client.breakerState()).toBe('closed');
  });

  it('counts neither cancelled calls nor those that had hardly any time', async () => {
    const [raw, client, clock] = await serve(() => undefined, { ...policy, timeoutMs: 1_000 });
    const execute = client.executor(operation());
    for (let call = 0; call < 5; call++) {
      const context = contextOf();
      const left = execute({}, scopeOf(context));
      const hurried = execute({}, scopeOf(contextOf(), clock.now() + 10));
      await arrived(raw, call * 2 + 2);
      context.cancellation.cancel('client_gone');
      await clock.advance(10);
      expect(await left).toMatchObject({ status: 'skipped' });
      expect(await hurried).toMatchObject({ status: 'timeout', code: 'GW_DEADLINE_EXCEEDED' });
    }
    expect(client.breakerState()).toBe('closed');
  });

  it('counts timeouts', async () => {
    const [raw, client, clock] = await serve(() => undefined, policy);
    const execute = client.executor(operation(), { timeoutMs: 100 });
    for (let call = 1; call <= 4; call++) {
      const outcome = execute({}, scopeOf());
      await arrived(raw, call);
      await clock.advance(100);
      expect(await outcome).toMatchObject({ status: 'timeout' });
    }
    expect(client.breakerState()).toBe('open');
  });
});

describe('the deadline (F4, F17)', () => {
  it('sends nothing where no time is left, and says what is left otherwise', async () => {
    const [raw, client, clock] = await serve((socket) => socket.write(json(200, 1)), { timeoutMs: 400 });
    const execute = client.executor(operation());
    expect(await execute({}, scopeOf(contextOf(), clock.now()))).toMatchObject({
      status: 'timeout',
      code: 'GW_DEADLINE_EXCEEDED',
    });
    expect(raw.requests).toHaveLength(0);
    await execute({}, scopeOf(contextOf(), clock.now() + 250));
    await execute({}, scopeOf());
    expect(raw.requests.map(({ headers }) => headers['x-envoy-expected-rq-timeout-ms'])).toEqual(['250', '400']);
    expect(clock.timerCount).toBe(0);
  });

  it('is the shorter of timeout and plan, for many calls at once', async () => {
    const [raw, client, clock] = await serve(() => undefined, {
      timeoutMs: 400,
      operations: { quick: { timeoutMs: 100 } },
    });
    const endedAt = (call: Promise<unknown>): Promise<number> => call.then(() => clock.now());
    const plain = client.executor(operation());
    const calls = [
      endedAt(plain({}, scopeOf())),
      endedAt(plain({}, scopeOf(contextOf(), 300))),
      endedAt(client.executor(operation({ id: 'quick' }))({}, scopeOf())),
      endedAt(client.executor(operation(), { timeoutMs: 200 })({}, scopeOf())),
    ];
    await arrived(raw, 4);
    await clock.advance(1_000);
    expect(await Promise.all(calls)).toEqual([400, 300, 100, 200]);
    expect(clock.timerCount).toBe(0);
  });

  it('returns in time for a running write, and lets it run to its own timeout', async () => {
    let reply = (): void => undefined;
    const [raw, client, clock] = await serve((socket) => (reply = () => void socket.write(json(200, 1))), {
      timeoutMs: 1_000,
    });
    const context = contextOf();
    const call = client.executor(write)({}, scopeOf(context, 300));
    await arrived(raw, 1);
    await clock.advance(300);
    expect(await call).toMatchObject({ status: 'timeout', code: 'GW_DEADLINE_EXCEEDED' });
    expect(raw.openConnections).toBe(1);
    reply();
    await expect.poll(() => context.calls[0]?.status).toBe(200);
    await expect.poll(() => clock.timerCount).toBe(0);
    expect(context.calls[0]).toMatchObject({ outcome: 'ok' });
    expect(context.cancellation.listenerCount).toBe(0);
  });

  it('does not send a write that was cancelled before', async () => {
    const [raw, client] = await serve(() => undefined);
    const context = contextOf();
    context.cancellation.cancel('sibling_failed');
    expect(await client.executor(write)({}, scopeOf(context))).toMatchObject({ status: 'skipped' });
    expect(raw.requests).toHaveLength(0);
  });
});

describe('a bulkhead (F16)', () => {
  it('takes so many, lets so many wait, and sheds the rest', async () => {
    const replies: (() => void)[] = [];
    const [raw, client, clock] = await serve((socket) => replies.push(() => void socket.write(json(200, 1))), {
      concurrency: 2,
      queue: 1,
    });
    const execute = client.executor(operation());
    const calls = Array.from({ length: 3 }, () => execute({}, scopeOf()));
    await arrived(raw, 2);
    expect(await execute({}, scopeOf())).toMatchObject({ status: 'shed', code: 'GW_OVERLOADED' });
    expect(client.health()).toMatchObject({ calls: { active: 2, queued: 1 } });
    replies[0]?.();
    await arrived(raw, 3);
    replies[1]?.();
    replies[2]?.();
    expect(await Promise.all(calls)).toEqual(Array.from({ length: 3 }, () => ({ ok: true, value: 1 })));
    expect(client.health()).toMatchObject({ calls: { active: 0, queued: 0 } });
    expect(clock.timerCount).toBe(0);
  });

  it('lets a call leave the queue when it is cancelled or its time is up', async () => {
    const [raw, client, clock] = await serve(() => undefined, { concurrency: 1, queue: 5, timeoutMs: 1_000 });
    const execute = client.executor(operation());
    const first = execute({}, scopeOf());
    await arrived(raw, 1);
    const context = contextOf();
    const cancelled = execute({}, scopeOf(context));
    const late = execute({}, scopeOf(contextOf(), 100));
    context.cancellation.cancel('client_gone');
    expect(await cancelled).toMatchObject({ status: 'skipped' });
    await clock.advance(100);
    expect(await late).toMatchObject({ status: 'timeout' });
    expect(client.health()).toMatchObject({ calls: { active: 1, queued: 0 } });
    await clock.advance(900);
    expect(await first).toMatchObject({ status: 'timeout' });
    expect(raw.requests).toHaveLength(1);
  });
});

describe('several addresses', () => {
  it('are taken in turn, with the prefix of each', async () => {
    const [raw] = await serve((socket) => socket.write(json(200, 1)));
    const urls = [`${raw.url}/a/`, `${raw.url}/b`];
    const both = createUpstream('orders', { urls, balance: { by: 'round-robin' } }, { clock: systemClock });
    started.push({ stop: () => both.close() });
    const execute = both.executor(operation());
    for (let call = 0; call < 4; call++) await execute({}, scopeOf());
    expect(raw.requests.map(({ target }) => target).toSorted()).toEqual([
      '/a/orders',
      '/a/orders',
      '/b/orders',
      '/b/orders',
    ]);
  });

  it('help each other out where one is dead and the call may be repeated (F22)', async () => {
    const [raw] = await serve((socket) => socket.write(json(200, 1)));
    const [dead] = await serve(() => undefined);
    const both = createUpstream(
      'orders',
      { urls: [dead.url, raw.url], retry: { attempts: 2, budgetRatio: 1 } },
      { clock: systemClock },
    );
    started.push({ stop: () => both.close() });
    await dead.stop();
    started.splice(2, 1);
    const execute = both.executor(operation());
    for (let call = 0; call < 4; call++) expect(await execute({}, scopeOf())).toEqual({ ok: true, value: 1 });
  });
});

describe('a cached operation (F20)', () => {
  const policy: Partial<UpstreamOptions> = {
    cache: { listOrders: { ttlMs: 1_000 } },
    forwardHeaders: ['accept-language'],
  };
  const asked = (subject: string, language = 'en') => {
    const context = contextOf({ 'accept-language': language });
    context.caller = { subject, scopes: [], roles: [] };
    return scopeOf(context);
  };

  it('is asked once by many at once, and not again while it is fresh', async () => {
    const [raw, client, clock] = await serve((socket, { index }) => socket.write(json(200, index)), policy);
    const execute = client.executor(operation());
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => execute({}, asked('ada'))));
    expect(new Set(outcomes.map((outcome) => outcome.ok && outcome.value))).toEqual(new Set([0]));
    await clock.advance(999);
    expect(await execute({}, asked('ada'))).toMatchObject({ value: 0 });
    await clock.advance(1);
    expect(await execute({}, asked('ada'))).toMatchObject({ value: 1 });
    expect(raw.requests).toHaveLength(2);
  });

  it('is never shared between callers, nor between forwarded headers', async () => {
    const [raw, client] = await serve((socket, { index }) => socket.write(json(200, index)), policy);
    const execute = client.executor(operation());
    for (const scope of [asked('ada'), asked('bob'), asked('ada', 'de'), asked('ada')]) await execute({}, scope);
    expect(raw.requests).toHaveLength(3);
  });

  it('lets one of its askers leave without the others', async () => {
    let reply = (): void => undefined;
    const [raw, client] = await serve((socket) => (reply = () => void socket.write(json(200, 1))), policy);
    const execute = client.executor(operation());
    const leaving = asked('ada');
    const calls = [execute({}, leaving), execute({}, asked('ada'))];
    await arrived(raw, 1);
    leaving.context.cancellation.cancel('client_gone');
    expect(await calls[0]).toMatchObject({ status: 'skipped' });
    reply();
    expect(await calls[1]).toEqual({ ok: true, value: 1 });
  });
});

describe('secrets and headers (A11)', () => {
  it('send our credentials always, and the token of the user only where policy says so', async () => {
    const [raw, client] = await serve((socket) => socket.write(json(200, 1)), {
      credentials: { header: 'X-Api-Key', value: 'k' },
    });
    const context = contextOf({ authorization: 'Bearer user' });
    context.bearerToken = 'user';
    await client.executor(operation())({}, scopeOf(context));
    expect(raw.requests[0]?.headers).toMatchObject({ 'x-api-key': 'k' });
    expect(raw.requests[0]?.headers).not.toHaveProperty('authorization');
    const trusting = createUpstream('orders', { urls: [raw.url], forwardAuthorization: true }, { clock: systemClock });
    started.push({ stop: () => trusting.close() });
    await trusting.executor(operation())({}, scopeOf(context));
    expect(raw.requests[1]?.headers['authorization']).toBe('Bearer user');
  });

  it('prefer an argument to a forwarded header, and drop what no header can carry', async () => {
    const info = operation({ parameters: [{ name: 'Accept-Language', in: 'header' }] });
    const [raw, client] = await serve((socket) => socket.write(json(200, 1)), {
      forwardHeaders: ['accept-language', 'x-tenant'],
    });
    const execute = client.executor(info);
    await execute(
      { header: { 'Accept-Language': 'fr' } },
      scopeOf(contextOf({ 'accept-language': 'de', 'x-tenant': 'a\u00e9' })),
    );
    await execute({}, scopeOf(contextOf({ 'accept-language': 'de' })));
    expect(raw.requests.map(({ headers }) => [headers['accept-language'], headers['x-tenant']])).toEqual([
      ['fr', undefined],
      ['de', undefined],
    ]);
  });

  it('fail the call, before anything is sent, where an argument cannot be carried', async () => {
    const info = operation({ parameters: [{ name: 'X-Shop', in: 'header' }] });
    const [raw, client] = await serve(() => undefined);
    const outcome = await client.executor(info)({ header: { 'X-Shop': 'a\r\nx: y' } }, scopeOf());
    expect(outcome).toMatchObject({
      ok: false,
      code: 'GW_INVALID_INPUT',
      detail: 'header parameter "X-Shop" holds U+000D, which a header cannot carry',
    });
    expect(raw.requests).toHaveLength(0);
  });
});

it('a call after the end fails, and ending twice is ending once', async () => {
  const [raw, client] = await serve((socket) => socket.write(json(200, 1)));
  await client.close();
  expect(await client.executor(operation())({}, scopeOf())).toMatchObject({ ok: false, status: 'error' });
  expect(raw.requests).toHaveLength(0);
  await client.close();
});

it('every attempt is published while the channel has subscribers', async () => {
  const [, client] = await serve((socket) => socket.write(json(200, 1)));
  const seen: unknown[] = [];
  const listen = (message: unknown): void => void seen.push(message);
  channels.callEnded.subscribe(listen);
  const context = contextOf();
  await client.executor(operation())({}, scopeOf(context));
  channels.callEnded.unsubscribe(listen);
  expect(seen).toEqual([{ context, record: context.calls[0] }]);
  expect(context.calls[0]).toMatchObject({
    upstream: 'orders',
    operation: 'listOrders',
    part: 'orders',
    status: 200,
    outcome: 'ok',
  });
});

describe('policy that makes no sense stops the boot', () => {
  const made = (options: Partial<UpstreamOptions>) => () =>
    createUpstream('orders', { urls: ['http://h'], ...options }, { clock: systemClock });
  it.each<[Partial<UpstreamOptions>, string]>([
    [{ urls: [] }, 'orders: urls must hold at least one address'],
    [{ urls: ['ftp://h'] }, 'takes an absolute address with http or https'],
    [{ urls: ['http://u:p@h'] }, 'with credentials'],
    [{ timeoutMs: 0 }, 'orders: timeoutMs must be a whole number from 1'],
    [{ retry: { attempts: 9 } }, 'orders: retry.attempts must be a whole number from 1 to 3, not 9'],
    [{ forwardHeaders: ['Cookie'] }, 'forwardHeaders holds "cookie"'],
    [{ forwardAuthorization: true, credentials: { header: 'Authorization', value: 'x' } }, 'both set "authorization"'],
    [{ credentials: { header: 'x-key', value: 'secret\n' } }, 'cannot be carried by a header'],
    [{ forwardAuthorization: true, cache: { a: { ttlMs: 1, scope: 'public' } } }, 'cache.a is public'],
    [{ transport: 'axios' }, 'needs the HttpService'],
  ])('%o', (options, message) => {
    expect(made(options)).toThrow(message);
  });
});

describe('an operation that is served elsewhere', () => {
  it('goes to its own address, under the policy of its upstream', async () => {
    const elsewhere = await RawServer.start(status(204));
    started.push(elsewhere);
    const [raw, client] = await serve(status(204), {
      operations: { upload: { urls: [`${elsewhere.url}/files`] } },
      credentials: { header: 'x-api-key', value: 'secret' },
    });
    const upload = operation({ id: 'upload', path: '/upload', responses: [{ status: '204' }] });
    expect(await client.executor(upload)({}, scopeOf())).toMatchObject({ ok: true });
    expect(elsewhere.requests).toMatchObject([{ target: '/files/upload', headers: { 'x-api-key': 'secret' } }]);
    expect(raw.requests).toHaveLength(0);
  });
});

describe('a failure says that nothing was sent', () => {
  const outcomeOf = async (client: Upstream, args = {}): Promise<unknown> =>
    client.executor(operation({ method: 'PUT', parameters: [{ name: 'q', in: 'query' }] }))(args, scopeOf());

  it.each(['undici', 'axios'] as const)('on a port without a listener, over %s', async (transport) => {
    const [raw, client] = await serve(status(204), { transport });
    await raw.stop();
    started.shift();
    expect(await outcomeOf(client)).toMatchObject({ status: 'error', unsent: true });
  });

  it('where the arguments cannot be written', async () => {
    const [, client] = await serve(status(204));
    expect(await outcomeOf(client, { query: { q: Number.NaN } })).toMatchObject({ unsent: true });
  });

  it.each(['undici', 'axios'] as const)('and not where it may have arrived, over %s', async (transport) => {
    const [raw, client] = await serve((socket) => socket.resetAndDestroy(), { transport });
    const outcome = await outcomeOf(client);
    expect(outcome).toMatchObject({ status: 'error' });
    expect(outcome).not.toHaveProperty('unsent');
    expect(raw.requests.length).toBeGreaterThan(0);
  });

  it('and not where an earlier attempt may have arrived', async () => {
    const [raw, client, clock] = await serve((socket) => socket.resetAndDestroy(), {
      retry: { attempts: 2, budgetRatio: 1 },
    });
    const call = outcomeOf(client);
    await arrived(raw, 1);
    await raw.stop();
    started.shift();
    const underWay = new Set([call]);
    void call.finally(() => underWay.delete(call));
    while (underWay.size > 0) await clock.advance(1);
    expect(await call).not.toHaveProperty('unsent');
  });
});

describe('the record of a call', () => {
  it('is pending until the call has ended, also where its request ends first, and then tells how it went', async () => {
    let reply = (): void => undefined;
    const [raw, client, clock] = await serve((socket) => (reply = () => void socket.write(json(200, 1))));
    const context = contextOf();
    const call = client.executor(write)({}, scopeOf(context));
    await arrived(raw, 1);
    await clock.advance(40);
    const [record] = context.calls;
    if (record === undefined) throw new Error('the call has no record');
    expect(record).toMatchObject({ outcome: 'pending', status: 0 });
    expect(callEnd(record, clock.now()) - record.startedAt).toBe(40);
    reply();
    await call;
    expect(record).toMatchObject({ outcome: 'ok', status: 200 });
    expect(callEnd(record, clock.now() + 1_000)).toBe(record.endedAt);
  });
});

describe('a rule for missing things', () => {
  it('is refused for an operation whose contract declares no 404', () => {
    const cache = { listOrders: { ttlMs: 1_000, negativeMs: 1_000 } };
    const client = createUpstream('orders', { urls: ['http://h'], cache }, { clock: systemClock });
    started.push({ stop: () => client.close() });
    expect(() => client.executor(operation())).toThrow(
      'orders.listOrders: negative keeps a declared 404, and the contract declares none',
    );
  });
});
