import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OperationCache } from '@frontage/caching';
import { createUpstream } from '@frontage/clients';
import { loadConfig } from '@frontage/config';
import { RequestContext, type InboundHeaders } from '@frontage/context';
import { SchemaTable, type OperationInfo } from '@frontage/core';
import { workspaceRoot } from '@frontage/testing';
import { ManualClock } from '@frontage/testing/manual-clock';
import { rawReplies } from '@frontage/testing/raw-replies';
import { RawServer } from '@frontage/testing/raw-server';
import { afterAll, expect, it, onTestFinished } from 'vitest';

const page = readFileSync(join(workspaceRoot, 'docs/caching.md'), 'utf8');
const policy = /```yaml\n([^]*?)```/.exec(page)?.[1] ?? '';
const folder = mkdtempSync(join(tmpdir(), 'caching-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const [second, minute, hour] = [1_000, 60_000, 3_600_000];

function upstreamsOfPage() {
  const file = join(folder, 'bff.yaml');
  writeFileSync(file, policy);
  return loadConfig(file, { env: {} }).upstreams;
}

function infoOf(upstream: string, id: string): OperationInfo {
  const contract = { upstream, title: upstream, version: '1', schemas: new SchemaTable([]) };
  return {
    contract,
    id,
    method: 'GET',
    path: `/${id}`,
    responses: [{ status: '200', media: 'application/json' }, { status: '404' }],
  };
}

/** The upstream of the page, at a service that tells which request it answers; each read is a request of its own, over by its result. */
async function reading(name: string, id: string) {
  const service = await RawServer.start((socket, request) => rawReplies.json(request.index)(socket, request));
  const clock = new ManualClock();
  const cache = new OperationCache({ random: () => 0.999_999 }, clock);
  const { cache: rules, forwardHeaders } = upstreamsOfPage()[name] ?? { cache: {}, forwardHeaders: [] };
  const options = { urls: [service.url], cache: rules, forwardHeaders };
  const upstream = createUpstream(name, options, { clock, cache });
  onTestFinished(async () => {
    await upstream.close();
    await service.stop();
  });
  const perform = upstream.executor(infoOf(name, id));
  const read = async (subject = 'ada', tenant?: string, headers: InboundHeaders = {}): Promise<unknown> => {
    const context = new RequestContext('r', clock.now(), 'GET', '192.0.2.1', headers);
    context.caller = { subject, scopes: [], roles: [], ...(tenant !== undefined && { tenant }) };
    const { cancellation } = context;
    const outcome = await perform({}, { context, part: 'data', deadlineAt: clock.now() + second, cancellation });
    cancellation.cancel('client_gone');
    return outcome.ok ? outcome.value : outcome.status;
  };
  return { read, clock, service };
}

it('the page about caching shows rules that are accepted', () => {
  const { catalogue, orders, prices, stock } = upstreamsOfPage();
  expect(catalogue?.cache).toEqual({
    getProduct: {
      ttlMs: minute,
      staleWhileRevalidateMs: 10 * minute,
      staleIfErrorMs: 24 * hour,
      scope: 'public',
      vary: { 'accept-language': ['en', 'de', 'fr'] },
    },
    listCategories: {
      ttlMs: hour,
      maxBytes: 1_048_576,
      staleIfErrorMs: 24 * hour,
      warm: 'wait',
      scope: 'public',
      vary: { 'accept-language': ['en', 'de', 'fr'] },
    },
  });
  expect(orders?.cache).toEqual({
    listOrders: { ttlMs: 10 * second, scope: 'caller' },
    listContracts: { ttlMs: 5 * minute, scope: 'tenant' },
    getOrder: { ttlMs: 10 * second, negativeMs: 30 * second, scope: 'caller' },
  });
  expect(prices?.cache).toEqual({ listPrices: { ttlMs: 30 * second, negativeMs: 10 * second, scope: 'public' } });
  expect(stock?.cache).toEqual({});
});

it('F21: staleWhileRevalidate gives an old response at once, and loads it anew after the request is over', async () => {
  const { read, clock, service } = await reading('catalogue', 'getProduct');
  expect(await read()).toBe(0);
  await clock.advance(10 * minute);
  expect(await read('bob')).toBe(0);
  await expect.poll(() => read()).toBe(1);
  expect(service.requests.length).toBe(2);
  await clock.advance(11 * minute);
  expect(await read()).toBe(2);
});

it('F21: staleIfError gives an old response while the service fails, and no longer than policy says', async () => {
  const { read, clock, service } = await reading('catalogue', 'listCategories');
  expect(await read()).toBe(0);
  service.reply = rawReplies.json({}, {}, 503);
  await clock.advance(24 * hour);
  expect(await read()).toBe(0);
  service.reply = rawReplies.json({}, {}, 404);
  expect(await read()).toBe('not_found');
  service.reply = rawReplies.json({}, {}, 503);
  await clock.advance(hour);
  expect(await read()).toBe('error');
});

it('R2: a response is of its caller where no scope is written, and ends with its ttl', async () => {
  const { read, clock } = await reading('orders', 'listOrders');
  expect([await read('ada'), await read('bob'), await read('ada')]).toEqual([0, 1, 0]);
  await clock.advance(10 * second);
  expect(await read('ada')).toBe(2);
});

it('R2: a response with the scope of a tenant is for its members alone, and one without a tenant for its caller', async () => {
  const { read } = await reading('orders', 'listContracts');
  expect([await read('ada', 'acme'), await read('bob', 'acme'), await read('ada', 'initech')]).toEqual([0, 0, 1]);
  expect([await read('ada'), await read('bob'), await read('ada')]).toEqual([2, 3, 2]);
});

it('F21: a declared 404 is known for its own time', async () => {
  const { read, clock, service } = await reading('orders', 'getOrder');
  service.reply = rawReplies.json({}, {}, 404);
  expect([await read(), await read()]).toEqual(['not_found', 'not_found']);
  expect(service.requests.length).toBe(1);
  service.reply = rawReplies.json('made');
  await clock.advance(30 * second);
  expect(await read()).toBe('made');
});

it('R3: a response varies by the fields of its rule alone', async () => {
  const { read, service } = await reading('catalogue', 'getProduct');
  const asked = [
    { 'accept-language': 'de-AT' },
    { 'accept-language': 'de', 'x-shop': 'evil' },
    {},
    { 'accept-language': 'sv' },
  ];
  const got = [];
  for (const headers of asked) got.push(await read('ada', undefined, headers));
  expect(got).toEqual([0, 0, 1, 1]);
  expect(service.requests.map(({ headers }) => [headers['accept-language'], headers['x-shop']])).toEqual([
    ['de', undefined],
    ['en', undefined],
  ]);
});

it('follow gives a response as long as it says itself, to all callers or to one', async () => {
  for (const [id, control, got] of [
    ['listArticles', 'max-age=60', [0, 0, 0]],
    ['listArticles', 'max-age=60, private', [0, 1, 2]],
    ['getArticle', 'max-age=60, private', [0, 1, 0]],
    ['getArticle', 'no-store', [0, 1, 2]],
  ] as const) {
    const { read, service } = await reading('news', id);
    service.reply = (socket, request) => rawReplies.json(request.index, { 'cache-control': control })(socket, request);
    expect([await read('ada'), await read('bob'), await read('ada')], `${id} ${control}`).toEqual(got);
  }
});

it('F21: rows of bulk calls are kept one by one, and a key without a row is known for its own time', async () => {
  const skusOf = (target: string) => new URL(target, 'http://prices').searchParams.getAll('sku');
  const service = await RawServer.start((socket, request) => {
    const skus = skusOf(request.target).filter((sku) => sku !== 'x');
    rawReplies.json(skus.map((sku) => ({ sku, of: request.index })))(socket, request);
  });
  const clock = new ManualClock();
  const cache = new OperationCache({}, clock);
  const { cache: rules } = upstreamsOfPage()['prices'] ?? expect.fail('the page has no prices');
  const upstream = createUpstream('prices', { urls: [service.url], cache: rules }, { clock, cache });
  onTestFinished(async () => {
    await upstream.close();
    await service.stop();
  });
  const info = {
    ...infoOf('prices', 'listPrices'),
    parameters: [{ name: 'sku', in: 'query', required: true }],
  } as const satisfies OperationInfo;
  const perform = upstream.executor(info, { rows: { at: ['query', 'sku'], by: 'sku' } });
  const read = async (...sku: readonly string[]): Promise<unknown> => {
    const context = new RequestContext('r', clock.now(), 'GET', '192.0.2.1', {});
    const { cancellation } = context;
    const scope = { context, part: 'prices', deadlineAt: clock.now() + second, cancellation };
    const outcome = await perform({ query: { sku } }, scope);
    return outcome.ok ? outcome.value : outcome.status;
  };
  await read('a', 'b');
  expect(await read('b', 'c', 'd')).toEqual([
    { sku: 'b', of: 0 },
    { sku: 'c', of: 1 },
    { sku: 'd', of: 1 },
  ]);
  await read('x');
  expect(await read('x', 'a')).toEqual([{ sku: 'a', of: 0 }]);
  await clock.advance(10 * second);
  await read('x', 'a');
  expect(service.requests.map(({ target }) => skusOf(target))).toEqual([['a', 'b'], ['c', 'd'], ['x'], ['x']]);
});

it('an operation without a rule is called for each request', async () => {
  const { read } = await reading('stock', 'listStock');
  expect([await read(), await read()]).toEqual([0, 1]);
});
