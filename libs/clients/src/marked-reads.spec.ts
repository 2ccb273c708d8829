import { Readable } from 'node:stream';
import { HttpService } from '@nestjs/axios';
import { OperationCache } from '@frontage/caching';
import { markSafe, type OperationInfo } from '@frontage/core';
import { ManualClock } from '@frontage/testing/manual-clock';
import { RawServer, type RawReply } from '@frontage/testing/raw-server';
import axios from 'axios';
import { afterEach, describe, expect, it } from 'vitest';
import { contextOf, operation, scopeOf } from './fixtures/operations.js';
import { http, json } from './fixtures/responses.js';
import { createClient, createUpstream, UpstreamError, type UpstreamOptions } from './index.js';

const started: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of started.splice(0).toReversed()) await each.stop();
});

async function serve(reply: RawReply, options: Partial<UpstreamOptions> = {}, clock = new ManualClock()) {
  const raw = await RawServer.start(reply);
  const upstream = createUpstream(
    'orders',
    { urls: [raw.url], ...options },
    { clock, cache: new OperationCache({}, clock), httpService: new HttpService(axios.create()) },
  );
  started.push(raw, { stop: () => upstream.close() });
  return { raw, upstream, clock };
}

/** Turns the clock, step by step, until the call has ended: the pause before a retry is short. */
async function ended<T>(call: Promise<T>, clock: ManualClock): Promise<T> {
  const underWay = new Set([call]);
  void call.finally(() => underWay.delete(call));
  while (underWay.size > 0) await clock.advance(1);
  return call;
}

const search: OperationInfo = operation({
  id: 'search',
  method: 'POST',
  path: '/search',
  body: { required: true, media: ['application/json', 'application/octet-stream'] },
});
const marked = markSafe(search);
const byPolicy: Partial<UpstreamOptions> = { operations: { search: { safe: true } } };
const ids = (...list: readonly number[]) => ({ body: { ids: list } });

describe('an operation that only reads, whatever its method', () => {
  it.each<[string, OperationInfo, Partial<UpstreamOptions>, number]>([
    ['a POST without a mark', search, {}, 1],
    ['a POST that its contract or its call marks', marked, {}, 2],
    ['a POST that policy marks', search, byPolicy, 2],
    ['a QUERY', { ...search, method: 'QUERY' }, {}, 2],
    ['a SEARCH', { ...search, method: 'SEARCH' }, {}, 2],
    ['a PATCH that is marked', markSafe({ ...search, method: 'PATCH' }), {}, 2],
  ])('%s is sent again after a failure that may pass, with the same body', async (_, info, options, attempts) => {
    const { raw, upstream, clock } = await serve((socket) => socket.write(http(503, {})), {
      ...options,
      retry: { attempts: 2, budgetRatio: 1 },
      timeoutMs: 60_000,
    });
    await ended(upstream.executor(info)(ids(1, 2), scopeOf()), clock);
    expect(raw.requests.map(({ body }) => body)).toEqual(Array.from({ length: attempts }, () => '{"ids":[1,2]}'));
  });

  it.each(['undici', 'direct', 'axios'] as const)(
    'is aborted at its deadline over %s, where a write runs on',
    async (transport) => {
      for (const [info, isAborted] of [
        [marked, true],
        [search, false],
      ] as const) {
        const { raw, upstream, clock } = await serve(() => undefined, { transport, timeoutMs: 5_000 });
        const call = upstream.executor(info)(ids(1), scopeOf(contextOf(), clock.now() + 50));
        await expect.poll(() => raw.requests.length).toBe(1);
        await clock.advance(60);
        expect(await call).toMatchObject({ ok: false, status: 'timeout' });
        if (isAborted) await raw.untilIdle();
        expect(raw.openConnections).toBe(isAborted ? 0 : 1);
        await clock.advance(5_000);
      }
    },
  );

  it('is cached with its body in the key, whatever the order of its members', async () => {
    const { raw, upstream } = await serve((socket, { index }) => socket.write(json(200, index)), {
      ...byPolicy,
      cache: { search: { ttlMs: 1_000 } },
    });
    const perform = upstream.executor(search);
    const value = async (body: unknown) => {
      const outcome = await perform({ body }, scopeOf());
      return outcome.ok ? outcome.value : outcome;
    };
    const values = [
      await value({ ids: [1, 2], open: true }),
      await value({ open: true, ids: [1, 2] }),
      await value({ ids: [2, 1], open: true }),
      await value({ ids: ['1', '2'], open: true }),
      await value({ ids: [1, 2], open: true, more: null }),
    ];
    expect(values).toEqual([0, 0, 1, 2, 3]);
    expect(raw.requests).toHaveLength(4);
  });

  it('travels once for many that ask the same at once', async () => {
    const { raw, upstream } = await serve((socket, { index }) => socket.write(json(200, index)), {
      cache: { search: { ttlMs: 1_000 } },
    });
    const perform = upstream.executor(marked);
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => perform(ids(7), scopeOf())));
    expect([raw.requests.length, new Set(outcomes.map((outcome) => outcome.ok && outcome.value))]).toEqual([
      1,
      new Set([0]),
    ]);
  });

  it('goes past the cache where its body is read while it is sent', async () => {
    const { raw, upstream } = await serve((socket, { index }) => socket.write(json(200, index)), {
      cache: { search: { ttlMs: 1_000 } },
    });
    const perform = upstream.executor(marked);
    for (const [value, text] of ['one', 'two'].entries()) {
      const contentType = 'application/octet-stream';
      const sent = text === 'one' ? Readable.from([Buffer.from(text)]) : new Blob([text]);
      expect(await perform({ body: sent, contentType }, scopeOf())).toEqual({ ok: true, value });
    }
    expect(raw.requests.map(({ body }) => body)).toEqual(['one', 'two']);
  });

  it('stays what it is behind a redirect: without its body it would be another question', async () => {
    const { raw, upstream } = await serve(
      (socket, { target }) =>
        socket.write(target === '/search' ? http(302, { location: '/moved' }) : json(200, 'found')),
      { followRedirects: 1 },
    );
    await upstream.executor(search)(ids(1), scopeOf());
    expect(await upstream.executor(marked)(ids(1), scopeOf())).toEqual({ ok: true, value: 'found' });
    expect(raw.requests.map(({ method, target, body }) => `${method} ${target} ${body}`)).toEqual([
      'POST /search {"ids":[1]}',
      'GET /moved ',
      'POST /search {"ids":[1]}',
      'POST /moved {"ids":[1]}',
    ]);
  });

  it.each<[string, OperationInfo, Partial<UpstreamOptions>, boolean]>([
    ['a POST', search, {}, true],
    ['a POST that is marked', marked, {}, false],
    ['a POST that policy marks', search, byPolicy, false],
  ])('%s is a change of the request or not, for typed clients', async (_, info, options, isChange) => {
    const { upstream } = await serve((socket) => socket.write(http(500, {})), options);
    const client = createClient({ search: info }, upstream);
    const context = contextOf();
    const failure: unknown = await (Reflect.get(client.for(context), 'search') as (args: unknown) => Promise<unknown>)(
      ids(1),
    ).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(UpstreamError);
    expect(failure instanceof UpstreamError && failure.writes).toEqual(
      isChange ? { done: [], undone: [], refused: ['search'], unknown: [], notSent: [] } : undefined,
    );
  });

  it('is no operation that removes something: the mark is refused', async () => {
    const removal = operation({ id: 'search', method: 'DELETE' });
    const { upstream } = await serve(() => undefined, byPolicy);
    expect(() => upstream.executor(removal)).toThrow('search cannot be safe: DELETE removes something by definition');
  });

  it('is needed for a cache, which says how to mark it', async () => {
    const { upstream } = await serve(() => undefined, { cache: { search: { ttlMs: 1 } } });
    expect(() => upstream.executor(search)).toThrow(
      'orders.search: cache takes reads, and this one is a POST; where it only reads, write operations.search.safe: true',
    );
  });
});
