import { createCache } from 'cache-manager';
import { ManualClock } from '@frontage/testing/manual-clock';
import { describe, expect, it } from 'vitest';
import { ada, bob, hearLookups, settle, waiter } from './fixtures/loads.js';
import { asking, rules, SlowUpstream } from './fixtures/followed.js';
import { OperationCache, type Asking, type FollowedOperation } from './index.js';

const heard = hearLookups();

function world(changes: Parameters<typeof rules>[0] = {}) {
  const clock = new ManualClock();
  const cache = new OperationCache({}, clock);
  const followed = cache.followed(rules(changes));
  const upstream = new SlowUpstream(clock);
  const ask = (who: Asking = asking(), asker?: typeof ada, reader = waiter()) =>
    read(followed, upstream, who, asker, reader);
  return { clock, cache, followed, upstream, ask };
}

function read(followed: FollowedOperation, upstream: SlowUpstream, who: Asking, asker = ada, reader = waiter()) {
  const key = followed.key({ path: { id: 1 } }, asker, who.forwarded);
  return Promise.resolve(followed.peek(key, who) ?? followed.getOrLoad(key, who, reader, upstream.load));
}

const valueOf = async (outcome: Promise<{ ok: boolean; value?: unknown }>): Promise<unknown> => (await outcome).value;

describe('concurrent requests for a followed operation', () => {
  it('F20: share one load whose response may be given to all of them', async () => {
    const { ask, upstream } = world();
    const reads = Array.from({ length: 1_000 }, () => ask());
    await settle();
    expect(upstream.pending.length).toBe(1);
    upstream.pending[0]?.respond({ 'cache-control': 'max-age=60' }, 'all');
    expect(new Set(await Promise.all(reads.map((one) => valueOf(one))))).toEqual(new Set(['all']));
    expect(heard.toSorted()).toEqual([...Array.from({ length: 999 }, () => 'coalesced'), 'miss']);
  });

  it('R2: do not get a response that is for one of them, and load it each for itself', async () => {
    const { ask, upstream } = world();
    const reads = [ask(), ask(), ask()];
    await settle();
    upstream.pending[0]?.respond({ 'cache-control': 'max-age=60, private' }, 'one');
    await settle();
    expect(upstream.pending.length).toBe(2);
    for (const [index, one] of upstream.pending.slice().entries()) one.respond({ 'cache-control': 'no-store' }, index);
    expect(await Promise.all(reads.map((one) => valueOf(one)))).toEqual(['one', 0, 1]);
  });

  it('do not wait for each other for a minute after a response that could not be shared', async () => {
    const { ask, upstream, clock } = world();
    const first = ask();
    await settle();
    upstream.pending[0]?.respond({ 'cache-control': 'no-store' });
    await first;
    const reads = [ask(), ask()];
    await settle();
    expect(upstream.pending.length).toBe(2);
    for (const one of upstream.pending.slice()) one.respond({ 'cache-control': 'no-store' });
    await Promise.all(reads);
    await clock.advance(61_000);
    void ask();
    void ask();
    await settle();
    expect(upstream.pending.length).toBe(1);
  });

  it('F20: share a failure of the upstream, and no refusal', async () => {
    const { ask, upstream } = world();
    const failed = [ask(), ask()];
    await settle();
    upstream.pending[0]?.fail(503);
    expect((await Promise.all(failed)).map(({ ok }) => ok)).toEqual([false, false]);
    const refused = [ask(), ask()];
    await settle();
    upstream.pending[0]?.fail(403);
    await settle();
    expect(upstream.pending.length).toBe(1);
    upstream.pending[0]?.respond({}, 'mine');
    expect((await Promise.all(refused)).map(({ ok }) => ok)).toEqual([false, true]);
  });

  it('with other headers load for themselves, also in a private cache', async () => {
    const { ask, upstream } = world({ scope: 'caller' });
    void ask(asking({ a: '1' }), ada);
    void ask(asking({ a: '2' }), ada);
    void ask(asking({ a: '1' }), bob);
    await settle();
    expect(upstream.pending.length).toBe(3);
  });

  it('leave alone, and end the load when the last one has left', async () => {
    const { ask, upstream } = world();
    const [one, other] = [waiter(), waiter()];
    const reads = [ask(asking(), undefined, one), ask(asking(), undefined, other)];
    await settle();
    one.cancellation.cancel('client_gone');
    expect((await reads[0])?.ok).toBe(false);
    expect(upstream.pending[0]?.cancellation.cancelled).toBe(false);
    other.cancellation.cancel('client_gone');
    expect(upstream.pending.length).toBe(0);
  });
});

describe('the key of a followed operation (R3)', () => {
  it('holds all headers that a client can set where several share a response, and those in Vary where one has it alone', async () => {
    for (const [scope, isKept] of [
      ['public', false],
      ['tenant', false],
      ['caller', true],
    ] as const) {
      const { ask, upstream } = world({ scope });
      const first = ask(asking({ a: '1', b: '1' }), ada);
      await settle();
      upstream.pending[0]?.respond({ 'cache-control': 'max-age=60', vary: 'a' }, 'first');
      await first;
      const second = ask(asking({ a: '1', b: '2' }), ada);
      await settle();
      expect(upstream.pending.length, scope).toBe(isKept ? 0 : 1);
      upstream.pending[0]?.respond({}, 'first');
      expect(await valueOf(second)).toBe('first');
    }
  });

  it('R2: is of one caller for the scope of a caller', async () => {
    const { ask, upstream } = world({ scope: 'caller' });
    void ask(asking(), ada);
    await settle();
    upstream.pending[0]?.respond({ 'cache-control': 'max-age=60, public' }, 'of ada');
    await settle();
    void ask(asking(), bob);
    await settle();
    expect(upstream.pending.length).toBe(1);
  });

  it('varies by nothing that differs in each request', async () => {
    const { ask, upstream } = world({ scope: 'caller' });
    const first = ask();
    await settle();
    upstream.pending[0]?.respond({ 'cache-control': 'max-age=60', vary: 'X-Request-Id' });
    await first;
    void ask();
    await settle();
    expect(upstream.pending.length).toBe(1);
  });
});

describe('a stale response of a followed operation', () => {
  const stale = { 'cache-control': 'max-age=1, stale-while-revalidate=10, stale-if-error=60', etag: '"a"' };

  it('F21: is given while one load in the background validates it', async () => {
    const { ask, upstream, clock } = world();
    const first = ask();
    await settle();
    upstream.pending[0]?.respond(stale, 'first');
    await first;
    await clock.advance(2_000);
    expect(await Promise.all([valueOf(ask()), valueOf(ask())])).toEqual(['first', 'first']);
    expect(upstream.pending.map(({ validators }) => validators)).toEqual([['if-none-match', '"a"']]);
    upstream.pending[0]?.respond({ ...stale }, undefined, 304);
    await settle();
    expect(await valueOf(ask())).toBe('first');
    expect(heard).toEqual(['miss', 'refresh', 'stale', 'stale', 'revalidated', 'hit']);
  });

  it('F21: stands in for a failure as long as it may, and for no refusal', async () => {
    const { ask, upstream, clock } = world();
    const first = ask();
    await settle();
    upstream.pending[0]?.respond(stale, 'first');
    await first;
    await clock.advance(12_000);
    const during = [ask(), ask()];
    await settle();
    upstream.pending[0]?.fail(503);
    expect(await Promise.all(during.map((one) => valueOf(one)))).toEqual(['first', 'first']);
    const refused = ask();
    await settle();
    upstream.pending[0]?.respond({}, undefined, 404);
    expect((await refused).ok).toBe(false);
    const after = ask();
    await settle();
    upstream.pending[0]?.fail();
    expect((await after).ok).toBe(false);
  });

  it('is loaded whole if the upstream says that another one holds', async () => {
    const { ask, upstream, clock } = world();
    const first = ask();
    await settle();
    upstream.pending[0]?.respond({ 'cache-control': 'max-age=1', etag: '"a"' }, 'first');
    await first;
    await clock.advance(2_000);
    const second = ask();
    await settle();
    upstream.pending[0]?.respond({ etag: '"b"' }, undefined, 304);
    await settle();
    expect(upstream.pending.map(({ validators }) => validators)).toEqual([[]]);
    upstream.pending[0]?.respond({}, 'second');
    expect(await valueOf(second)).toBe('second');
  });
});

describe('a change of what stands at an address', () => {
  it('ends the use of a response, for all callers, and of one that was asked for before it', async () => {
    const { ask, upstream, cache, clock } = world({ scope: 'caller' });
    const first = ask(asking(), ada);
    await settle();
    upstream.pending[0]?.respond({ 'cache-control': 'max-age=60' }, 'before');
    await first;
    await clock.advance(1);
    const during = ask(asking(), bob);
    await settle();
    cache.changed('shop', ['/items/1']);
    upstream.pending[0]?.respond({ 'cache-control': 'max-age=60' }, 'before');
    expect(await valueOf(during)).toBe('before');
    await clock.advance(1);
    void ask(asking(), ada);
    void ask(asking(), bob);
    await settle();
    expect(upstream.pending.length).toBe(2);
    cache.changed('shop', ['/items/2']);
    for (const one of upstream.pending.slice()) one.respond({ 'cache-control': 'max-age=60' }, 'after');
    expect(await valueOf(ask(asking(), ada))).toBe('after');
  });
});

describe('a followed operation with a shared store', () => {
  it('gives what another process loaded, with its age, and asks by its validators', async () => {
    const clock = new ManualClock();
    const store = createCache();
    const made = () => new OperationCache({ sharedCache: store, app: 'shop' }, clock);
    const upstream = new SlowUpstream(clock);
    const [one, other] = [made().followed(rules()), made().followed(rules())];
    const fields = { 'cache-control': 'max-age=60', etag: '"a"', vary: 'a' };
    const who = asking({ a: '1' });
    const first = read(one, upstream, who);
    await expect.poll(() => upstream.pending.length).toBe(1);
    upstream.pending[0]?.respond(fields, { name: 'first' });
    await first;
    await clock.advance(50_000);
    expect(await valueOf(read(other, upstream, who))).toEqual({ name: 'first' });
    void read(other, upstream, asking({ a: '2' }));
    await expect.poll(() => upstream.pending.length).toBe(1);
    await clock.advance(10_000);
    const third = made().followed(rules());
    void read(third, upstream, who);
    await expect.poll(() => upstream.pending.at(-1)?.validators).toEqual(['if-none-match', '"a"']);
  });

  it('R2: puts nothing there that is not to be stored', async () => {
    const clock = new ManualClock();
    const store = createCache();
    const cache = new OperationCache({ sharedCache: store, app: 'shop' }, clock);
    const upstream = new SlowUpstream(clock);
    const followed = cache.followed(rules());
    for (const control of ['no-store', 'private, max-age=60', 'max-age=60, private="', 'max-age=0']) {
      const done = read(followed, upstream, asking());
      await expect.poll(() => upstream.pending.length).toBe(1);
      upstream.pending[0]?.respond({ 'cache-control': control }, 'secret');
      await done;
    }
    const other = new OperationCache({ sharedCache: store, app: 'shop' }, clock).followed(rules());
    void read(other, upstream, asking());
    await expect.poll(() => upstream.pending.length).toBe(1);
    expect(cache.size).toBe(0);
  });
});

it('a response that its reader refused is forgotten, with the headers that it was asked for with', async () => {
  const { ask, followed, upstream } = world({ scope: 'caller' });
  for (const value of ['1', '2']) {
    const done = ask(asking({ a: value }), ada);
    await settle();
    upstream.pending[0]?.respond({ 'cache-control': 'max-age=60', vary: 'a' }, value);
    await done;
  }
  followed.drop(followed.key({ path: { id: 1 } }, ada, []), asking({ a: '1' }));
  expect(await valueOf(ask(asking({ a: '2' }), ada))).toBe('2');
  void ask(asking({ a: '1' }), ada);
  await settle();
  expect(upstream.pending.length).toBe(1);
});
