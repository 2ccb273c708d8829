import { HttpService } from '@nestjs/axios';
import { systemClock, type Clock, type OperationInfo } from '@frontage/core';
import { ManualClock } from '@frontage/testing/manual-clock';
import { rawReplies } from '@frontage/testing/raw-replies';
import { RawServer, type RawReply } from '@frontage/testing/raw-server';
import axios from 'axios';
import { describe, expect, it, onTestFinished } from 'vitest';
import { CredentialsError, type CredentialSource } from '../credentials/credential-source.js';
import { contextOf, operation, scopeOf } from '../fixtures/operations.js';
import type { UpstreamOptions } from '../policy/upstream.options.js';
import { createUpstream } from '../upstream.js';

const ok = rawReplies.json({ ok: true });
const getOrders = operation();
const addOrder = operation({ id: 'addOrder', method: 'POST' });

type Value = string | undefined | Error | Promise<string>;

/** A source that gives these values, one per call; an error is thrown, a promise waited for. */
function sourceOf(values: readonly (Value | (() => Value))[], more: Partial<CredentialSource> = {}) {
  let calls = 0;
  const source: CredentialSource = {
    header: 'authorization',
    isPerCaller: false,
    valueFor() {
      const given = values[Math.min(calls++, values.length - 1)];
      const value = typeof given === 'function' ? given() : given;
      if (value instanceof Error) throw value;
      return value;
    },
    ...more,
  };
  return { source, calls: () => calls };
}

async function serve(
  sources: readonly CredentialSource[],
  reply: RawReply = ok,
  options: Partial<UpstreamOptions> = {},
  clock: Clock = systemClock,
) {
  const server = await RawServer.start(reply);
  const deps = { clock, httpService: new HttpService(axios.create()) };
  const client = createUpstream('orders', { urls: [server.url], timeoutMs: 5_000, sources, ...options }, deps);
  onTestFinished(async () => {
    await client.close();
    await server.stop();
  });
  const call = (info: OperationInfo = getOrders, scope = scopeOf()) => client.executor(info)({}, scope);
  const sent = () => server.requests.map(({ headers }) => headers['authorization']);
  return { server, client, call, sent };
}

describe('the credentials of a call', () => {
  it.each(['direct', 'undici', 'axios'] as const)('are sent over %s, at hand or waited for', async (transport) => {
    const { source } = sourceOf(['Bearer one', Promise.resolve('Bearer two')]);
    const other = sourceOf(['x'], { header: 'txn-token' }).source;
    const { server, call, sent } = await serve([source, other], ok, { transport });
    await call();
    await call();
    expect(sent()).toEqual(['Bearer one', 'Bearer two']);
    expect(server.requests.map(({ headers }) => headers['txn-token'])).toEqual(['x', 'x']);
  });

  it('are none where a source has none for the request', async () => {
    const { call, sent } = await serve([sourceOf([undefined]).source]);
    expect((await call()).ok).toBe(true);
    expect(sent()).toEqual([undefined]);
  });

  it.each([
    ['thrown', () => new CredentialsError('no token', { retryAfterMs: 1_500 })],
    ['later', () => Promise.reject<string>(new CredentialsError('no token', { retryAfterMs: 1_500 }))],
  ])(
    'that cannot be had (%s) fail the call before it is sent, and neither retry nor circuit sees it',
    async (_, value) => {
      const { source, calls } = sourceOf([value]);
      const { server, client, call } = await serve([source], ok, {
        retry: { attempts: 3, budgetRatio: 1 },
        breaker: { minimumCalls: 2 },
      });
      for (let time = 0; time < 5; time++)
        expect(await call()).toEqual({
          ok: false,
          code: 'GW_UPSTREAM_CREDENTIALS',
          status: 'credentials',
          detail: 'credentials: no token',
          unsent: true,
          retryAfterMs: 1_500,
        });
      expect([server.requests.length, calls(), client.breakerState()]).toEqual([0, 5, 'closed']);
    },
  );

  it('that the authorization server refuses to the caller fail the call as forbidden', async () => {
    const { call } = await serve([sourceOf([new CredentialsError('refused', { isRefusal: true })]).source]);
    expect(await call()).toMatchObject({ code: 'GW_UPSTREAM_REFUSED', status: 'forbidden', unsent: true });
  });

  it('that fail by a bug are a bug', async () => {
    const { call } = await serve([sourceOf([new Error('a bug')]).source]);
    await expect(call()).rejects.toThrow('a bug');
    const other = await serve([sourceOf([() => Promise.reject<string>(new Error('a later bug'))]).source]);
    await expect(other.call()).rejects.toThrow('a later bug');
  });

  it.each([
    ['a read', getOrders],
    ['a write', addOrder],
  ])('that never come cost %s no more than its time', async (_, info) => {
    const clock = new ManualClock();
    const { server, call } = await serve([sourceOf([new Promise<string>(() => {})]).source], ok, {}, clock);
    const context = contextOf();
    const outcome = await clock.until(call(info, scopeOf(context, 800)));
    expect(outcome).toMatchObject({ ok: false, status: 'timeout', unsent: true });
    expect([clock.now(), server.requests.length]).toEqual([800, 0]);
  });

  it('are not waited for when the client has left', async () => {
    const { server, call } = await serve([sourceOf([new Promise<string>(() => {})]).source]);
    const context = contextOf();
    const outcome = call(getOrders, scopeOf(context));
    context.cancellation.cancel('client_gone');
    expect(await outcome).toMatchObject({ ok: false, status: 'skipped', unsent: true });
    expect(server.requests).toEqual([]);
  });

  it('are those of the call on its second attempt besides the first one', async () => {
    const { source, calls } = sourceOf(['Bearer one', 'Bearer two']);
    const { server, call, sent } = await serve([source], rawReplies.silence(), {
      hedge: { afterMs: 20, budgetRatio: 1 },
      retry: { attempts: 1, budgetRatio: 1 },
    });
    server.reply = (socket, request) => (request.index === 0 ? undefined : ok(socket, request));
    expect((await call()).ok).toBe(true);
    expect([sent(), calls()]).toEqual([['Bearer one', 'Bearer one'], 1]);
  });

  const refusingOne: RawReply = (socket, request) =>
    request.headers['authorization'] === 'Bearer one'
      ? rawReplies.json({}, {}, 401)(socket, request)
      : ok(socket, request);

  it.each([
    ['a read', getOrders],
    ['a write', addOrder],
  ])('that the upstream refuses with 401 are renewed once, for %s', async (_, info) => {
    const { source } = sourceOf(['Bearer one', 'Bearer two'], { refused: (_context, value) => value === 'Bearer one' });
    const { call, sent } = await serve([source], refusingOne);
    expect((await call(info)).ok).toBe(true);
    expect(sent()).toEqual(['Bearer one', 'Bearer two']);
  });

  it('that stay refused are not renewed again, and those without another value not at all', async () => {
    const always = sourceOf(['Bearer one'], { refused: () => true });
    const first = await serve([always.source], rawReplies.json({}, {}, 401));
    expect(await first.call()).toMatchObject({ code: 'GW_UPSTREAM_REFUSED', upstreamStatus: 401 });
    expect(first.sent()).toHaveLength(2);
    const never = await serve(
      [sourceOf(['Bearer one'], { refused: () => false }).source],
      rawReplies.json({}, {}, 401),
    );
    expect(await never.call()).toMatchObject({ code: 'GW_UPSTREAM_REFUSED', upstreamStatus: 401 });
    expect(never.sent()).toHaveLength(1);
  });

  it('are those of the call on a redirect within the origin, and stay here on one to another', async () => {
    const other = await RawServer.start(ok);
    onTestFinished(() => other.stop());
    const { source } = sourceOf(['s3cret'], { header: 'x-partner' });
    const { server, call } = await serve([source], ok, { followRedirects: 1 });
    server.reply = (socket, request) =>
      (request.target === '/orders' ? rawReplies.redirect(307, '/moved') : ok)(socket, request);
    await call();
    expect(server.requests.map(({ headers }) => headers['x-partner'])).toEqual(['s3cret', 's3cret']);
    server.reply = rawReplies.redirect(307, `${other.url}/orders`);
    const both = createUpstream(
      'orders',
      { urls: [server.url, other.url], timeoutMs: 5_000, sources: [source], followRedirects: 1 },
      { clock: systemClock },
    );
    onTestFinished(() => both.close());
    const before = server.requests.length;
    // The balancer chooses at random where each of them begins.
    while (server.requests.length === before) await both.executor(getOrders)({}, scopeOf());
    const redirected = other.requests.filter(({ headers }) => headers['x-partner'] === undefined);
    expect(redirected).toHaveLength(1);
  });
});

describe('two ways to set one header', () => {
  const { source } = sourceOf(['x']);
  const make = (options: Partial<UpstreamOptions>, info = getOrders) =>
    createUpstream('orders', { urls: ['http://127.0.0.1:1'], ...options }, { clock: systemClock }).executor(info);
  const secured = operation({
    contract: {
      ...getOrders.contract,
      securitySchemes: { token: { kind: 'bearer' }, key: { kind: 'header', name: 'X-Key' } },
    },
    security: [['token', 'key']],
  });

  it.each<[string, Partial<UpstreamOptions>]>([
    ['two sources', { sources: [source, source] }],
    ['a source and the token of the caller', { sources: [source], forwardAuthorization: true }],
    ['a source and a forwarded header', { sources: [{ ...source, header: 'x-a' }], forwardHeaders: ['X-A'] }],
    ['a source and a fixed secret', { sources: [source], credentials: { header: 'Authorization', value: 'x' } }],
  ])('are refused: %s', (_, options) => {
    expect(() => make(options)).toThrow(/both set "/);
  });

  it.each<[string, Partial<UpstreamOptions>]>([
    ['a fixed secret', { credentials: { header: 'authorization', value: 'x' } }],
    ['a source', { sources: [source] }],
    ['the token of the caller', { forwardAuthorization: true }],
  ])('are refused: the security of the contract and %s', (_, options) => {
    const security = { token: { value: 's3cret' }, key: { value: 's3cret' } };
    expect(() => make({ security, ...options }, secured)).toThrow(/security and another key .* set "authorization"/);
    expect(() => make({ security, ...options }, secured)).not.toThrow(/s3cret/);
  });

  it('are not there where the source serves the scheme of the contract', () => {
    expect(() => make({ security: { key: { value: 'k' } }, sources: [source] }, secured)).not.toThrow();
  });

  it('leave no argument for the header of a source', async () => {
    const info = operation({ parameters: [{ name: 'X-Partner', in: 'header' }] });
    const { server, client } = await serve([{ ...sourceOf(['ours']).source, header: 'x-partner' }]);
    await client.executor(info)({ header: { 'X-Partner': 'theirs' } }, scopeOf());
    expect(server.requests[0]?.headers['x-partner']).toBe('ours');
  });

  it('and a public cache of responses that depend on the caller are refused', () => {
    const cache = { listOrders: { ttlMs: 1_000, scope: 'public' as const } };
    expect(() => make({ sources: [{ ...source, isPerCaller: true }], cache })).toThrow(
      /is public, but the upstream sees/,
    );
  });
});
