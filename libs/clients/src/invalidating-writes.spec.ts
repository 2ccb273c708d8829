import { OperationCache } from '@frontage/caching';
import { RequestContext } from '@frontage/context';
import { SchemaTable, type OperationInfo } from '@frontage/core';
import { ManualClock } from '@frontage/testing/manual-clock';
import { rawReplies } from '@frontage/testing/raw-replies';
import { RawServer } from '@frontage/testing/raw-server';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createUpstream } from './index.js';

const contract = { upstream: 'shop', title: 'Shop', version: '1', schemas: new SchemaTable([]) };
const getItem: OperationInfo = {
  contract,
  id: 'getItem',
  method: 'GET',
  path: '/items/{id}',
  parameters: [{ name: 'id', in: 'path', required: true }],
  responses: [{ status: '200', media: 'application/json' }],
};
const putItem: OperationInfo = {
  ...getItem,
  id: 'putItem',
  method: 'PUT',
  body: { required: true, media: ['application/json'] },
};

const tags = ['item:{id}', 'of:{caller}'];

async function shop(options: { readonly tags?: readonly string[] } = { tags }) {
  const service = await RawServer.start((socket, request) => rawReplies.json(request.index)(socket, request));
  const clock = new ManualClock();
  const cache = new OperationCache(options, clock);
  const upstream = createUpstream(
    'shop',
    { urls: [service.url], timeoutMs: 2_000, cache: { getItem: { ttlMs: 60_000, tags } } },
    { clock, cache },
  );
  onTestFinished(async () => {
    await upstream.close();
    await service.stop();
  });
  const perform = (info: OperationInfo, invalidates?: readonly string[]) => {
    const execute = upstream.executor(info, { ...(invalidates && { invalidates }) });
    return async (id: string, subject = 'ada', body: unknown = {}) => {
      const context = new RequestContext('r', clock.now(), 'GET', '192.0.2.1', {});
      context.caller = { subject, scopes: [], roles: [] };
      const args = { path: { id }, ...(info === putItem && { body }) };
      const scope = { context, part: 'item', deadlineAt: clock.now() + 2_000, cancellation: context.cancellation };
      const outcome = await execute(args, scope);
      return outcome.ok ? outcome.value : outcome.status;
    };
  };
  return { service, clock, cache, upstream, perform, read: perform(getItem) };
}

describe('a write that invalidates', () => {
  it('takes away what its arguments name, and nothing else', async () => {
    const { read, perform } = await shop();
    expect([await read('1'), await read('2'), await read('1')]).toEqual([0, 1, 0]);
    expect(await perform(putItem, ['item:{id}'])('1')).toBe(2);
    expect([await read('1'), await read('2')]).toEqual([3, 1]);
  });

  it('takes away what is of its caller', async () => {
    const { read, perform } = await shop();
    expect([await read('1', 'ada'), await read('1', 'bob')]).toEqual([0, 1]);
    await perform(putItem, ['of:{caller}'])('7', 'ada');
    expect([await read('1', 'ada'), await read('1', 'bob')]).toEqual([3, 1]);
  });

  it('names members of its body, a list of any length too', async () => {
    const { read, perform } = await shop();
    for (let id = 0; id < 300; id++) await read(String(id));
    const ids = Array.from({ length: 299 }, (_, id) => id);
    await perform(putItem, ['item:{body.ids}'])('x', 'ada', { ids });
    expect([await read('0'), await read('298'), await read('299')]).toEqual([301, 302, 299]);
  });

  it('has been made where nobody knows, but not where it was never sent', async () => {
    const { service, read, perform } = await shop();
    const write = perform(putItem, ['item:{id}']);
    expect(await read('1')).toBe(0);
    const good = service.reply;
    service.reply = rawReplies.json({}, {}, 500);
    expect(await write('1')).toBe('error');
    service.reply = good;
    expect(await read('1')).toBe(2);
    await service.stop();
    expect(await write('1')).toBe('error');
    expect(await read('1')).toBe(2);
  });

  it('is refused at the start where its tag is that of no cached operation, or has no meaning for it', async () => {
    const { perform } = await shop();
    expect(() => perform(putItem, ['items:{id}'])).toThrow(
      "shop.putItem invalidates 'items:{id}', which is no tag of a cached operation: policy has item:{id}, of:{caller}",
    );
    expect(() => perform(putItem, ['item:{sku}'])).toThrow(
      "shop.putItem: the tag 'item:{sku}' names {sku}, which is no parameter: there are {caller}, {tenant}, {id}, {body.<member>}",
    );
  });

  it('needs no cache in an app that keeps nothing', async () => {
    const service = await RawServer.start(rawReplies.json(1));
    const upstream = createUpstream('shop', { urls: [service.url] }, { clock: new ManualClock() });
    expect(() => upstream.executor(putItem, { invalidates: ['anything'] })).not.toThrow();
    await upstream.close();
    await service.stop();
  });
});

it('a read with more than 100 tags goes past the cache, because nothing could invalidate it', async () => {
  const list: OperationInfo = { ...getItem, path: '/items', parameters: [{ name: 'id', in: 'query' }] };
  const { upstream, clock, service, cache } = await shop();
  const execute = upstream.executor(list);
  const read = async (count: number) => {
    const context = new RequestContext('r', clock.now(), 'GET', '192.0.2.1', {});
    const scope = { context, part: 'item', deadlineAt: clock.now() + 2_000, cancellation: context.cancellation };
    return execute({ query: { id: Array.from({ length: count }, (_, id) => id) } }, scope);
  };
  for (const _ of [1, 2]) await read(100);
  expect([service.requests.length, cache.size]).toEqual([2, 0]);
  for (const _ of [1, 2]) await read(99);
  expect([service.requests.length, cache.size]).toEqual([3, 1]);
});
