import { OperationCache, type OperationCacheOptions } from '@frontage/caching';
import { RequestContext } from '@frontage/context';
import { channels, keptTimesOf, SchemaTable, type CacheUsed, type OperationInfo, type Outcome } from '@frontage/core';
import { ManualClock } from '@frontage/testing/manual-clock';
import { rawReplies } from '@frontage/testing/raw-replies';
import { RawServer, type RawReply } from '@frontage/testing/raw-server';
import fc from 'fast-check';
import { expect, it, onTestFinished } from 'vitest';
import { createUpstream, type CachePolicy } from '../index.js';

const contract = { upstream: 'stock', title: 'Stock', version: '1', schemas: new SchemaTable([]) };
const listStock: OperationInfo = {
  contract,
  id: 'listStock',
  method: 'GET',
  path: '/stock',
  parameters: [
    { name: 'sku', in: 'query', required: true },
    { name: 'store', in: 'query' },
  ],
  responses: [{ status: '200', media: 'application/json' }, { status: '404' }],
};
const rows = { at: ['query', 'sku'], by: 'sku', items: 'items' };
const minute = 60_000;

const skusOf = (target: string): readonly string[] => new URL(target, 'http://stock').searchParams.getAll('sku');

/** Knows all articles but those `x` and `y`, and tells the last one first. Each row says by which request it came. */
const known: RawReply = (socket, request) => {
  const skus = skusOf(request.target).filter((sku) => !'xy'.includes(sku));
  rawReplies.json({ items: skus.toReversed().map((sku) => ({ sku, of: request.index })) })(socket, request);
};

interface Asking {
  readonly subject?: string;
  readonly store?: string;
}

async function serve(rule: Partial<CachePolicy> = {}, options: OperationCacheOptions = {}) {
  const service = await RawServer.start(known);
  const clock = new ManualClock();
  const cache = new OperationCache({ random: () => 0.999_999, ...options }, clock);
  const policy = { urls: [service.url], timeoutMs: 10_000, cache: { listStock: { ttlMs: minute, ...rule } } };
  const upstream = createUpstream('stock', policy, { clock, cache });
  const stop = async (): Promise<void> => {
    await upstream.close();
    await service.stop();
  };
  const execute = upstream.executor(listStock, { rows });
  const ask = (skus: string, { subject = 'ada', store }: Asking = {}) => {
    const context = new RequestContext('r', clock.now(), 'GET', '192.0.2.1', {});
    context.caller = { subject, scopes: [], roles: [] };
    const { cancellation } = context;
    const args = { query: { sku: skus.split(''), ...(store !== undefined && { store }) } };
    const outcome = execute(args, { context, part: 'stock', deadlineAt: clock.now() + 1_000, cancellation });
    return { outcome, context };
  };
  const asked = (): readonly string[] => service.requests.map(({ target }) => skusOf(target).join(''));
  return {
    cache,
    ask,
    service,
    clock,
    asked,
    stop,
    read: async (...of: Parameters<typeof ask>) => read(await ask(...of).outcome),
  };
}

async function stock(...settings: Parameters<typeof serve>) {
  const served = await serve(...settings);
  onTestFinished(served.stop);
  return served;
}

/** `a0 b1`: the row of `a` came by the first request, that of `b` by the second. */
function read(outcome: Outcome<unknown>): string {
  if (!outcome.ok) return outcome.status;
  const { items } = outcome.value as { readonly items: readonly { readonly sku: string; readonly of: number }[] };
  return items.map(({ sku, of }) => `${sku}${of}`).join(' ');
}

function hearUses(): CacheUsed['result'][] {
  const heard: CacheUsed['result'][] = [];
  const listen = (message: unknown): void => void heard.push((message as CacheUsed).result);
  channels.cacheUsed.subscribe(listen);
  onTestFinished(() => {
    channels.cacheUsed.unsubscribe(listen);
  });
  return heard;
}

it('asks for the rows alone that are not kept, gives them in the order of the keys, and counts each', async () => {
  const { read: ask, asked } = await stock();
  const heard = hearUses();
  expect([await ask('ab'), await ask('cba'), await ask('bac'), await ask('aab')]).toEqual([
    'a0 b0',
    'c1 b0 a0',
    'b0 a0 c1',
    'a0 b0',
  ]);
  expect(asked()).toEqual(['ab', 'c']);
  expect(heard.toSorted()).toEqual([...Array<string>(7).fill('hit'), ...Array<string>(3).fill('miss')]);
});

it('keeps each row for its own time', async () => {
  const { read: ask, asked, clock } = await stock();
  await ask('a');
  await clock.advance(minute / 2);
  await ask('ab');
  await clock.advance(minute / 2);
  expect(await ask('ab')).toBe('a2 b1');
  expect(asked()).toEqual(['a', 'b', 'a']);
});

it('R2: a row is of its caller and of the other arguments of the call', async () => {
  const { read: ask, asked } = await stock();
  const got = [
    await ask('a'),
    await ask('a', { subject: 'bob' }),
    await ask('a', { store: 'north' }),
    await ask('a', { store: 'north' }),
  ];
  expect([got, asked()]).toEqual([
    ['a0', 'a1', 'a2', 'a2'],
    ['a', 'a', 'a'],
  ]);
});

it('F21: a key without a row is kept where policy has a time for it, and asked for each time otherwise', async () => {
  const without = await stock();
  expect([await without.read('ax'), await without.read('ax')]).toEqual(['a0', 'a0']);
  expect(without.asked()).toEqual(['ax', 'x']);
  const { read: ask, asked, clock } = await stock({ negativeMs: 1_000 });
  expect([await ask('ax'), await ask('xa')]).toEqual(['a0', 'a0']);
  await clock.advance(1_000);
  await ask('xa');
  expect(asked()).toEqual(['ax', 'x']);
});

it('R4: a call that fails gives its failure, is kept for no key, and leaves what is kept as it is', async () => {
  const { read: ask, asked, service } = await stock({ negativeMs: minute });
  await ask('a');
  for (const [status, outcome] of [
    [404, 'not_found'],
    [500, 'error'],
  ] as const) {
    service.reply = rawReplies.json({}, {}, status);
    expect(await ask('ab')).toBe(outcome);
  }
  service.reply = known;
  expect(await ask('ab')).toBe('a0 b3');
  expect(asked()).toEqual(['a', 'b', 'b', 'b']);
});

it('hands on a response without a list of rows as it came, and keeps nothing of it', async () => {
  const { ask, service, read: again } = await stock();
  service.reply = rawReplies.json({ rows: [] });
  expect(await ask('a').outcome).toEqual({ ok: true, value: { rows: [] } });
  service.reply = known;
  expect(await again('a')).toBe('a1');
});

it('F20: readers that want some of the same rows at once ask for each row once', async () => {
  const { ask, asked, service } = await stock();
  const held: (() => void)[] = [];
  service.reply = (socket, request) => void held.push(() => known(socket, request));
  const both = [ask('ab').outcome, ask('bc').outcome];
  await expect.poll(() => held.length).toBe(2);
  for (const answer of held) answer();
  expect((await Promise.all(both)).map(read)).toEqual(['a0 b0', 'b0 c1']);
  expect(asked()).toEqual(['ab', 'c']);
});

it('stops a call once nobody waits for any of its rows', async () => {
  const { ask, service, read: again } = await stock();
  const held: (() => void)[] = [];
  service.reply = (socket, request) => void held.push(() => known(socket, request));
  const first = ask('ab');
  const second = ask('b');
  await expect.poll(() => held.length).toBe(1);
  first.context.cancellation.cancel('client_gone');
  expect(read(await first.outcome)).toBe('skipped');
  held[0]?.();
  expect(read(await second.outcome)).toBe('b0');
  const third = ask('c');
  await expect.poll(() => held.length).toBe(2);
  third.context.cancellation.cancel('client_gone');
  await third.outcome;
  service.reply = known;
  expect(await again('c')).toBe('c2');
});

it('F21: old rows are given at once within staleWhileRevalidate, and one call loads them anew', async () => {
  const { read: ask, asked, clock } = await stock({ staleWhileRevalidateMs: minute });
  await ask('ab');
  await clock.advance(minute);
  expect(await ask('ab')).toBe('a0 b0');
  await expect.poll(() => ask('ab')).toBe('a1 b1');
  expect(asked()).toEqual(['ab', 'ab']);
});

it('F21: old rows are given within staleIfError while the service fails', async () => {
  const { read: ask, clock, service } = await stock({ staleIfErrorMs: minute });
  await ask('ab');
  await clock.advance(minute);
  service.reply = rawReplies.json({}, {}, 503);
  expect([await ask('ba'), await ask('bc')]).toEqual(['b0 a0', 'error']);
});

it('a tag of one row ends that row alone', async () => {
  const { read: ask, asked, cache } = await stock({ tags: ['article:{sku}'] }, { tags: ['article:{sku}'] });
  await ask('abc');
  const tagsOf = cache.invalidatedTags(['article:b'], listStock);
  await cache.invalidate(tagsOf({}, undefined) ?? []);
  expect(await ask('abc')).toBe('a0 b1 c0');
  expect(asked()).toEqual(['abc', 'b']);
});

it('the whole is as old as its oldest row, and has no time where a key has none', async () => {
  const { ask, clock, cache } = await stock({ scope: 'public', negativeMs: 1_000, tags: ['all'] }, { tags: ['all'] });
  await ask('a').outcome;
  await clock.advance(10_000);
  const whole = await ask('ab').outcome;
  const times = whole.ok ? keptTimesOf(whole) : undefined;
  expect(times).toMatchObject({ storedAt: 0, freshUntil: minute, isPublic: true });
  expect(times?.isCurrent?.()).toBe(true);
  await cache.invalidate(cache.invalidatedTags(['all'], listStock)({}, undefined) ?? []);
  expect(times?.isCurrent?.()).toBe(false);
  const partly = await ask('ax').outcome;
  expect(partly.ok && keptTimesOf(partly)).toBeUndefined();
});

it('a reader that cannot use a row has the rows of its part forgotten', async () => {
  const { ask, read: again } = await stock();
  const { outcome, context } = ask('ab');
  await outcome;
  context.kept?.drop('stock');
  expect(await again('ab')).toBe('a1 b1');
});

const oneOf = fc.constantFrom('a', 'b', 'c', 'd', 'x', 'y');
const someSkus = fc.array(oneOf, { minLength: 1, maxLength: 8 }).map((skus) => skus.join(''));
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ together: fc.array(someSkus, { minLength: 1, maxLength: 3 }) }) },
  { weight: 1, arbitrary: fc.record({ waitMs: fc.constantFrom(300, 700, 1_000) }) },
);

it('F20, F21: any batches give what an uncached service gives, and no key is asked for twice within its time', async () => {
  const [ttlMs, negativeMs] = [1_000, 500];
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
      const { ask, service, clock, stop } = await serve({ ttlMs, negativeMs });
      const askedAt = new Map<string, number>();
      let seen = 0;
      for (const one of steps) {
        if ('waitMs' in one) {
          await clock.advance(one.waitMs);
          continue;
        }
        const outcomes = await Promise.all(one.together.map((skus) => ask(skus).outcome));
        for (const [at, outcome] of outcomes.entries()) {
          const expected = [...new Set(one.together[at])].filter((sku) => !'xy'.includes(sku));
          expect(read(outcome).replaceAll(/\d/g, '')).toBe(expected.join(' '));
        }
        for (const { target } of service.requests.slice(seen))
          for (const sku of skusOf(target)) {
            const before = askedAt.get(sku) ?? -Infinity;
            expect(clock.now() - before).toBeGreaterThanOrEqual('xy'.includes(sku) ? negativeMs : ttlMs);
            askedAt.set(sku, clock.now());
          }
        seen = service.requests.length;
      }
      await stop();
    }),
    { numRuns: 60 },
  );
});
