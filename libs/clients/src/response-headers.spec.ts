import { HttpService } from '@nestjs/axios';
import { OperationCache } from '@frontage/caching';
import { systemClock, type Operation } from '@frontage/core';
import { RawServer, type RawReply } from '@frontage/testing/raw-server';
import axios from 'axios';
import { afterEach, describe, expect, it } from 'vitest';
import { operation } from './fixtures/operations.js';
import { json } from './fixtures/responses.js';
import { createClient, createUpstream, type UpstreamOptions } from './index.js';

const started: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const each of started.splice(0).toReversed()) await each.stop();
});

interface Declared {
  'X-Total-Count': number;
  ETag?: string;
}
type ListOrders = Operation<
  { header?: Record<string, string> },
  unknown[],
  Record<never, never>,
  'GET',
  boolean,
  Declared
>;
const headers = [{ name: 'X-Total-Count', required: true, type: 'integer' }, { name: 'ETag' }] as const;
const parameters = ['User-Agent', 'X-Request-ID', 'Accept', 'Host', 'Content-Length', 'Traceparent'].map((name) => ({
  name,
  in: 'header' as const,
}));
const listOrders: ListOrders = operation({ headers, parameters }) as ListOrders;

async function serve(reply: RawReply, options: Partial<UpstreamOptions> = {}) {
  const raw = await RawServer.start(reply);
  const deps = { clock: systemClock, cache: new OperationCache({}), httpService: new HttpService(axios.create()) };
  const upstream = createUpstream('orders', { urls: [raw.url], ...options }, deps);
  started.push(raw, { stop: () => upstream.close() });
  return { raw, client: createClient({ listOrders }, upstream) };
}

const sent = json(200, [1], { 'x-TOTAL-count': '7', etag: '"a"', 'set-cookie': 'a=b', 'x-other': 'secret' });

describe.each(['undici', 'axios', 'direct'] as const)('declared headers over %s', (transport) => {
  it('come with the value, and no others', async () => {
    const { client } = await serve((socket) => socket.write(sent), { transport });
    expect(await client.listOrders.response()).toEqual({ value: [1], headers: { 'X-Total-Count': 7, ETag: '"a"' } });
    expect(await client.listOrders()).toEqual([1]);
  });

  it('stay with the value in the cache', async () => {
    const { raw, client } = await serve((socket) => socket.write(sent), {
      transport,
      cache: { listOrders: { ttlMs: 60_000, scope: 'public' } },
    });
    const all = [await client.listOrders.response(), await client.listOrders.response()];
    for (const one of all) expect(one.headers).toEqual({ 'X-Total-Count': 7, ETag: '"a"' });
    expect(raw.requests).toHaveLength(1);
  });

  it('of a request replace ours where the operation declares them, and never those of the connection', async () => {
    const { raw, client } = await serve((socket) => socket.write(sent), { transport });
    const given = {
      'User-Agent': 'shop/1',
      'X-Request-ID': 'own',
      Accept: 'application/vnd.shop+json',
      Host: 'evil',
      'Content-Length': '9',
      Traceparent: 'x',
    };
    await client.listOrders({ header: given });
    await client.listOrders({ header: {} });
    const [own, ours] = raw.requests.map((request) => request.headers);
    expect(own).toMatchObject({ 'user-agent': 'shop/1', 'x-request-id': 'own', accept: 'application/vnd.shop+json' });
    expect([own?.['host'], own?.['content-length'], own?.['traceparent']]).toEqual([
      new URL(raw.url).host,
      undefined,
      expect.stringMatching(/^00-/),
    ]);
    expect(ours).toMatchObject({ 'user-agent': 'frontage', accept: 'application/json' });
    expect(ours?.['x-request-id']).not.toBe('own');
  });

  it('of a request are what an upstream that must echo the request id echoes', async () => {
    const { client } = await serve(
      (socket, request) => socket.write(json(200, [1], { 'x-request-id': request.headers['x-request-id'] ?? '' })),
      { transport, echo: 'x-request-id' },
    );
    expect(await client.listOrders({ header: { 'X-Request-ID': 'own' } })).toEqual([1]);
    expect(await client.listOrders()).toEqual([1]);
  });
});
