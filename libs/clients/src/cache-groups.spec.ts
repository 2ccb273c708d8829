import { OperationCache } from '@frontage/caching';
import { RequestContext } from '@frontage/context';
import { SchemaTable, type OperationInfo } from '@frontage/core';
import { ManualClock } from '@frontage/testing/manual-clock';
import { rawReplies } from '@frontage/testing/raw-replies';
import { RawServer } from '@frontage/testing/raw-server';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createUpstream, type UpstreamOptions } from './index.js';

const operationsOf = (upstream: string) => {
  const contract = { upstream, title: 'Shop', version: '1', schemas: new SchemaTable([]) };
  const getItem: OperationInfo = {
    contract,
    id: 'getItem',
    method: 'GET',
    path: '/items/{id}',
    parameters: [{ name: 'id', in: 'path', required: true }],
    responses: [
      { status: '200', media: 'application/json' },
      { status: '404', media: 'application/json' },
    ],
  };
  const getOther: OperationInfo = { ...getItem, id: 'getOther', path: '/others/{id}' };
  const putItem: OperationInfo = { ...getItem, id: 'putItem', method: 'PUT' };
  const postItem: OperationInfo = { ...getItem, id: 'postItem', method: 'POST' };
  return { getItem, getOther, putItem, postItem };
};

type Reply = readonly [headers: Readonly<Record<string, string>>, status?: number];
type Id = keyof ReturnType<typeof operationsOf>;

describe.each(['direct', 'undici'] as const)('groups of an upstream, by the transport %s', (transport) => {
  function cacheOf() {
    const clock = new ManualClock();
    return { clock, cache: new OperationCache({}, clock) };
  }

  /** Replies to each request with its index; the headers are those of its target. */
  async function shop(
    replies: Record<string, Reply>,
    { cache, clock }: ReturnType<typeof cacheOf> = cacheOf(),
    options: Partial<UpstreamOptions> = {},
    name = 'shop',
  ) {
    const service = await RawServer.start((socket, request) => {
      const [headers, status] = replies[`${request.method} ${request.target}`] ?? [{}];
      rawReplies.json(request.index, headers, status)(socket, request);
    });
    const upstream = createUpstream(
      name,
      {
        urls: [service.url],
        transport,
        timeoutMs: 2_000,
        cache: { getItem: { ttlMs: 60_000, negativeMs: 60_000 } },
        cacheGroups: true,
        ...options,
      },
      { clock, cache },
    );
    onTestFinished(async () => {
      await upstream.close();
      await service.stop();
    });
    const operations = operationsOf(name);
    let cancel = (): void => undefined;
    const call = async (operation: Id, id: string) => {
      const context = new RequestContext('r', clock.now(), 'GET', '192.0.2.1', {});
      const scope = { context, part: 'item', deadlineAt: clock.now() + 2_000, cancellation: context.cancellation };
      cancel = () => context.cancellation.cancel('client_gone');
      const outcome = await upstream.executor(operations[operation])({ path: { id } }, scope);
      return outcome.ok ? outcome.value : outcome.status;
    };
    return { service, cache, call, read: (id: string) => call('getItem', id), cancel: () => cancel() };
  }

  const grouped = {
    'GET /items/1': [{ 'cache-groups': '"red", "round"' }],
    'GET /items/2': [{ 'Cache-Groups': '"red";old' }],
    'GET /items/3': [{ 'cache-groups': '"blue"' }],
    'PUT /items/9': [{ 'cache-group-invalidation': '"red"' }],
  } satisfies Record<string, Reply>;

  it('take away all responses that a write names, and nothing else', async () => {
    const { read, call } = await shop(grouped);
    expect([await read('1'), await read('2'), await read('3'), await read('1')]).toEqual([0, 1, 2, 0]);
    expect(await call('putItem', '9')).toBe(3);
    expect([await read('1'), await read('2'), await read('3')]).toEqual([4, 5, 2]);
  });

  it('are those of a write that fails, too', async () => {
    const { read, call } = await shop({
      ...grouped,
      'PUT /items/9': [{ 'cache-group-invalidation': '"red"' }, 500],
    });
    expect([await read('1'), await read('3')]).toEqual([0, 1]);
    expect(await call('putItem', '9')).toBe('error');
    expect([await read('1'), await read('3')]).toEqual([3, 1]);
  });

  it('are not those of another upstream in the same cache', async () => {
    const parts = cacheOf();
    const one = await shop(grouped, parts);
    const other = await shop(grouped, parts, {}, 'carts');
    expect([await one.read('1'), await other.read('1')]).toEqual([0, 0]);
    await other.call('putItem', '9');
    expect([await one.read('1'), await other.read('1')]).toEqual([0, 2]);
  });

  it('are invalidated by no response to a safe method', async () => {
    const { read, call } = await shop({ ...grouped, 'GET /others/7': [{ 'cache-group-invalidation': '"red"' }] });
    expect(await read('1')).toBe(0);
    expect(await call('getOther', '7')).toBe(1);
    expect(await read('1')).toBe(0);
  });

  it('are invalidated by no response to the safe method that a redirect has led to', async () => {
    const { read, call } = await shop(
      {
        ...grouped,
        'POST /items/7': [{ location: '/others/7' }, 303],
        'GET /others/7': [{ 'cache-group-invalidation': '"red"' }],
      },
      cacheOf(),
      { followRedirects: 1 },
    );
    expect(await read('1')).toBe(0);
    expect(await call('postItem', '7')).toBe(2);
    expect(await read('1')).toBe(0);
  });

  it('mean nothing where policy does not ask for them', async () => {
    const { read, call, cache } = await shop(grouped, cacheOf(), { cacheGroups: false });
    expect([await read('1'), cache.marks]).toEqual([0, 0]);
    await call('putItem', '9');
    expect(await read('1')).toBe(0);
  });

  it('mean nothing where the field is no List of Strings', async () => {
    const { read, call, cache } = await shop({
      ...grouped,
      'GET /items/4': [{ 'cache-groups': '"red", round' }],
      'PUT /items/8': [{ 'cache-group-invalidation': 'red' }],
    });
    expect([await read('4'), cache.marks]).toEqual([0, 0]);
    expect(await read('1')).toBe(1);
    await call('putItem', '8');
    expect([await read('1'), await read('4')]).toEqual([1, 0]);
  });

  it('may stand in several fields, and are those of a kept 404 too', async () => {
    const { service, read, call } = await shop(grouped);
    service.reply = (socket, request) => {
      const fields =
        request.method === 'GET'
          ? 'Cache-Groups: "blue"\r\ncache-groups: "red"\r\n'
          : 'Cache-Group-Invalidation: "x"\r\nCache-Group-Invalidation: "red"\r\n';
      const status = request.method === 'GET' ? '404 Not Found' : '200 OK';
      socket.write(`HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: 2\r\n${fields}\r\n{}`);
    };
    expect([await read('1'), await read('1'), service.requests.length]).toEqual(['not_found', 'not_found', 1]);
    await call('putItem', '9');
    expect([await read('1'), service.requests.length]).toEqual(['not_found', 3]);
  });

  it('are never more than can be invalidated: such a response is not kept, and such a write takes away all', async () => {
    const many = Array.from({ length: 101 }, (_, at) => `"${at}"`).join(',');
    const { read, call, cache } = await shop({
      ...grouped,
      'GET /items/4': [{ 'cache-groups': many }],
      'PUT /items/8': [{ 'cache-group-invalidation': many }],
    });
    expect([await read('4'), await read('4'), cache.size]).toEqual([0, 1, 0]);
    expect([await read('1'), await read('3')]).toEqual([2, 3]);
    await call('putItem', '8');
    expect([await read('1'), await read('3')]).toEqual([5, 6]);
  });

  it('are not kept with a response that was under way when one of them became invalid', async () => {
    const { service, read, call } = await shop(grouped);
    const good = service.reply;
    const arrived = Promise.withResolvers<() => void>();
    service.reply = (socket, request) => arrived.resolve(() => good(socket, request));
    const slow = read('1');
    const reply = await arrived.promise;
    service.reply = good;
    await call('putItem', '9');
    reply();
    expect([await slow, await read('1'), await read('1')]).toEqual([0, 2, 2]);
  });

  it('of the attempt that gave the response are those of the response', async () => {
    const parts = cacheOf();
    const { service, read, call } = await shop(
      { ...grouped, 'PUT /items/8': [{ 'cache-group-invalidation': '"blue"' }] },
      parts,
      { retry: { attempts: 2, budgetRatio: 1 } },
    );
    const good = service.reply;
    service.reply = (socket, request) => {
      service.reply = good;
      rawReplies.json({}, { 'cache-groups': '"blue"' }, 503)(socket, request);
    };
    const reading = read('1');
    const nextAttempt = async () => {
      await parts.clock.advance(10);
      return service.requests.length;
    };
    await expect.poll(nextAttempt, { interval: 1 }).toBe(2);
    expect([await reading, await read('3')]).toEqual([1, 2]);
    await call('putItem', '9');
    expect([await read('1'), await read('3')]).toEqual([4, 2]);
    await call('putItem', '8');
    expect([await read('1'), await read('3')]).toEqual([4, 6]);
  });

  it('of a second attempt that overtakes the first are those of the response', async () => {
    const parts = cacheOf();
    const { service, read, call } = await shop(grouped, parts, { hedge: { afterMs: 50 } });
    const good = service.reply;
    // The first attempt gets no response.
    service.reply = () => {
      service.reply = good;
    };
    const reading = read('1');
    await expect.poll(() => service.requests.length).toBe(1);
    await parts.clock.advance(50);
    expect(await reading).toBe(1);
    await call('putItem', '9');
    expect(await read('1')).toBe(3);
  });

  it('are invalidated by a write that nobody waits for any longer', async () => {
    const { service, read, call, cancel } = await shop(grouped);
    expect(await read('1')).toBe(0);
    const good = service.reply;
    const arrived = Promise.withResolvers<() => void>();
    service.reply = (socket, request) => arrived.resolve(() => good(socket, request));
    const writing = call('putItem', '9');
    const reply = await arrived.promise;
    cancel();
    expect(await writing).not.toBe(1);
    service.reply = good;
    expect(await read('1')).toBe(0);
    reply();
    await expect.poll(() => read('1')).toBe(2);
  });

  it('are invalid in the store that processes share before anybody gets the outcome of the write', async () => {
    const told = Promise.withResolvers<void>();
    const clock = new ManualClock();
    class SlowlyTold extends OperationCache {
      override async invalidateGroups(upstream: string, field: string) {
        await super.invalidateGroups(upstream, field);
        await told.promise;
      }
    }
    const { service, call } = await shop(grouped, { clock, cache: new SlowlyTold({}, clock) });
    const order: string[] = [];
    const writing = call('putItem', '9').then(() => order.push('outcome'));
    await expect.poll(() => service.requests.length).toBe(1);
    // A later call has its outcome, so that the write would have its own.
    await call('getOther', '7');
    order.push('told');
    told.resolve();
    await writing;
    expect(order).toEqual(['told', 'outcome']);
  });
});
