import { keptTimesOf, type Outcome } from '@frontage/core';
import { ManualClock } from '@frontage/testing/manual-clock';
import { createCache } from 'cache-manager';
import { Keyv } from 'keyv';
import { describe, expect, it } from 'vitest';
import { settle, success, waiter } from './fixtures/loads.js';
import { OperationCache, type CachedOperation, type CachedOperationOptions } from './index.js';
import { InvalidationLog } from './invalidation/invalidation-log.js';
import { everything, keyMark, operationMark, tagMark } from './invalidation/marks.js';

const [cart, product] = [tagMark('cart:ada'), tagMark('product:7')];

function operation(options: Partial<CachedOperationOptions> = {}) {
  const clock = new ManualClock();
  const cache = new OperationCache({ random: () => 0.999_999 }, clock);
  const cached = cache.operation({ upstream: 'shop', operation: 'getCart', ttlMs: 60_000, ...options });
  return { clock, cache, cached };
}

/** A load that ends by hand, and counts its calls. */
function loads() {
  const ends: ((outcome: Outcome<unknown>) => void)[] = [];
  const load = (): Promise<Outcome<unknown>> => new Promise((resolve) => ends.push(resolve));
  return { ends, load };
}

const read = (cached: CachedOperation, value: unknown, key = 'u/o/w/k') =>
  cached.peek(key) ?? cached.getOrLoad(key, waiter(), async () => success(value), [cart]);

describe('an invalidation', () => {
  it.each([
    ['by its tag', [cart]],
    ['by its key', [keyMark('shop/getCart/w/k')]],
    ['by its operation', [operationMark('shop.getCart')]],
    ['with everything', everything],
  ] as const)('takes a response away %s', async (_, invalidated) => {
    const { cache, cached } = operation();
    expect(await read(cached, 'old', 'shop/getCart/w/k')).toEqual(success('old'));
    await cache.invalidate(invalidated);
    expect(cache.size).toBe(0);
    expect(await read(cached, 'new', 'shop/getCart/w/k')).toEqual(success('new'));
  });

  it('is seen by those who keep a response that was made of it', async () => {
    const { cache, cached } = operation({ scope: 'public' });
    const outcome = await read(cached, 'old');
    const kept = outcome.ok ? keptTimesOf(outcome) : undefined;
    expect(kept).toMatchObject({ storedAt: 0, freshUntil: 60_000, isPublic: true });
    await cache.invalidate([product]);
    expect(kept?.isCurrent?.()).toBe(true);
    await cache.invalidate([cart]);
    expect(kept?.isCurrent?.()).toBe(false);
  });

  it('leaves what it does not name', async () => {
    const { cache, cached } = operation();
    await read(cached, 'old');
    await cache.invalidate([product, operationMark('shop.getCarts'), keyMark('u/o/w/l')]);
    expect(await read(cached, 'new')).toEqual(success('old'));
  });

  it('ends the stale windows too', async () => {
    const { clock, cache, cached } = operation({ staleWhileRevalidateMs: 60_000, staleIfErrorMs: 600_000 });
    await read(cached, 'old');
    await clock.advance(70_000);
    await cache.invalidate([cart]);
    const failed: Outcome<unknown> = { ok: false, status: 'error', code: 'GW_UPSTREAM_FAILED' };
    expect(await cached.getOrLoad('u/o/w/k', waiter(), async () => failed, [cart])).toEqual(failed);
  });

  it('does not keep the result of a load that began before it', async () => {
    const { cache, cached } = operation();
    const { ends, load } = loads();
    const reader = cached.getOrLoad('k', waiter(), load, [cart]);
    await cache.invalidate([cart]);
    ends[0]?.(success('old'));
    expect(await reader).toEqual(success('old'));
    expect([cached.peek('k'), cache.size]).toEqual([undefined, 0]);
  });

  it('gives later readers one load of their own, after the one that is under way', async () => {
    const { cache, cached } = operation();
    const { ends, load } = loads();
    const before = cached.getOrLoad('k', waiter(), load, [cart]);
    await cache.invalidate([cart]);
    const after = [1, 2, 3].map(() => cached.getOrLoad('k', waiter(), load, [cart]));
    await settle();
    expect(ends).toHaveLength(1);
    ends[0]?.(success('old'));
    expect(await before).toEqual(success('old'));
    await settle();
    expect(ends).toHaveLength(2);
    ends[1]?.(success('new'));
    expect(await Promise.all(after)).toEqual([success('new'), success('new'), success('new')]);
    expect(cached.peek('k')).toEqual(success('new'));
  });

  it('keeps no later reader longer than it can wait, and does not give it the old result', async () => {
    const { clock, cache, cached } = operation();
    const { ends, load } = loads();
    const before = cached.getOrLoad('k', waiter(), load, [cart]);
    await cache.invalidate([cart]);
    const late = cached.getOrLoad('k', waiter(clock.now() + 100), load, [cart]);
    const gone = waiter();
    const left = cached.getOrLoad('k', gone, load, [cart]);
    gone.cancellation.cancel('client_gone');
    expect(await left).toMatchObject({ ok: false, status: 'skipped' });
    await clock.advance(100);
    expect(await late).toMatchObject({ ok: false, code: 'GW_DEADLINE_EXCEEDED' });
    ends[0]?.(success('old'));
    await before;
    expect([ends.length, clock.timerCount]).toEqual([1, 0]);
  });

  it('discards a load in the background', async () => {
    const { clock, cache, cached } = operation({ staleWhileRevalidateMs: 60_000 });
    await read(cached, 'old');
    await clock.advance(70_000);
    const { ends, load } = loads();
    expect(await cached.getOrLoad('u/o/w/k', waiter(), load, [cart])).toEqual(success('old'));
    await cache.invalidate([cart]);
    ends[0]?.(success('old, too'));
    await settle();
    expect(await read(cached, 'new')).toEqual(success('new'));
  });
});

describe('the index of tags', () => {
  it('holds no tag of a response that was evicted, dropped, replaced or invalidated', async () => {
    const clock = new ManualClock();
    const cache = new OperationCache({ maxEntries: 3 }, clock);
    const cached = cache.operation({ upstream: 'shop', operation: 'getCart', ttlMs: 1_000 });
    const keep = (at: number, ...tags: readonly string[]) =>
      cached.getOrLoad(`k${at}`, waiter(clock.now() + 9_999), async () => success(at), tags.map(tagMark));
    for (let at = 0; at < 100; at++) await keep(at, `own ${at}`, 'common');
    expect(cache.marks).toBe(4);
    cached.drop('k99');
    expect(cache.marks).toBe(3);
    await cache.invalidate([tagMark('own 98')]);
    expect(cache.marks).toBe(2);
    await clock.advance(1_000);
    await keep(97, 'another');
    expect(cache.marks).toBe(1);
    await cache.invalidate(everything);
    expect([cache.marks, cache.size]).toEqual([0, 0]);
  });
});

describe('the log of invalidations', () => {
  it('is bounded, and then takes loads that began before what it forgot for invalid', () => {
    const log = new InvalidationLog(100);
    const start = log.position;
    expect(log.isCurrent(start, [cart])).toBe(true);
    for (let at = 0; at < 100; at++) log.note([tagMark(String(at))]);
    expect([log.isCurrent(start, [cart]), log.size]).toEqual([true, 100]);
    const middle = log.position;
    log.note([product]);
    expect([log.isCurrent(start, [cart]), log.size]).toEqual([false, 100]);
    expect([log.isCurrent(middle, [cart]), log.isCurrent(middle, [product])]).toEqual([true, false]);
    log.note(everything);
    expect([log.isCurrent(middle, [cart]), log.isCurrent(log.position, [cart]), log.size]).toEqual([false, true, 0]);
  });
});

describe('an invalidation with a shared store', () => {
  /** A store in which one process has kept a response, and what it can do wrong. */
  async function sharedStore() {
    const clock = new ManualClock();
    const held = new Map<string, unknown>();
    const faults = { deletes: true, late: undefined as Promise<void> | undefined };
    const store = {
      get: async (key: string) => {
        const found = held.get(key);
        await faults.late;
        return found;
      },
      set: async (key: string, value: unknown) => Boolean(held.set(key, value)),
      delete: async (key: string) => {
        if (!faults.deletes) throw new Error('no');
        return held.delete(key);
      },
      clear: async () => held.clear(),
    };
    const start = () => {
      const sharedCache = createCache({ stores: [new Keyv({ store, throwOnErrors: true })] });
      const cache = new OperationCache({ sharedCache, app: 'spec' }, clock);
      return { cache, cached: cache.operation({ upstream: 'shop', operation: 'getCart', ttlMs: 60_000 }) };
    };
    expect(await read(start().cached, 'old')).toEqual(success('old'));
    await settle();
    const other = start();
    expect(await read(other.cached, 'unused')).toEqual(success('old'));
    return { clock, faults, start };
  }

  it('does not keep what the store gave before it', async () => {
    const { faults, start } = await sharedStore();
    const { cache, cached } = start();
    const { promise, resolve } = Promise.withResolvers<undefined>();
    faults.late = promise;
    const reader = read(cached, 'new');
    await settle();
    faults.late = undefined;
    await cache.invalidate([cart]);
    resolve(undefined);
    expect(await reader).toEqual(success('old'));
    expect(await read(cached, 'new')).toEqual(success('new'));
  });

  it('lets nobody read the store before it knows, neither here nor in the processes that are told', async () => {
    const { clock, faults, start } = await sharedStore();
    const [one, other] = [start(), start()];
    let hear: (marks: readonly string[] | 'all', isPending: boolean) => void = () => undefined;
    one.cache.share({ tell: (marks, isPending) => hear(marks, isPending), listen: () => undefined });
    other.cache.share({ tell: () => undefined, listen: (listener) => (hear = listener) });
    faults.deletes = false;
    await one.cache.invalidate([cart]);
    expect([one.cache.isInStep, other.cache.isInStep]).toEqual([false, false]);
    for (const { cached } of [one, other]) expect(await read(cached, 'new')).toEqual(success('new'));
    faults.deletes = true;
    await clock.advance(250);
    await settle();
    expect([one.cache.isInStep, other.cache.isInStep]).toEqual([true, true]);
    expect(await read(start().cached, 'newest')).toEqual(success('newest'));
  });

  it('waits for a store that is down with 10,000 marks at most, and then with everything', async () => {
    const { clock, faults, start } = await sharedStore();
    const { cache } = start();
    faults.deletes = false;
    for (let at = 0; at < 10_001; at++) await cache.invalidate([tagMark(String(at))]);
    faults.deletes = true;
    await clock.advance(6_000);
    await expect.poll(() => cache.isInStep).toBe(true);
    expect(await read(start().cached, 'new')).toEqual(success('new'));
  });
});
