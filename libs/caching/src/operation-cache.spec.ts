import { Cancellation, type Outcome } from '@frontage/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { ada, success, hearLookups, settle, waiter } from './fixtures/loads.js';
import { ManualClock } from '@frontage/testing/manual-clock';
import { OperationCache, type CachedOperation, type Load } from './index.js';

let clock = new ManualClock();
beforeEach(() => {
  clock = new ManualClock();
});
const heard = hearLookups();

const failure: Outcome<unknown> = { ok: false, status: 'error', code: 'GW_UPSTREAM_FAILED' };
const timeout: Outcome<unknown> = { ok: false, status: 'timeout', code: 'GW_UPSTREAM_TIMEOUT' };

function operation(cache = new OperationCache({}, clock)): CachedOperation {
  return cache.operation({ upstream: 'catalogue', operation: 'getProduct', ttlMs: 1_000 });
}

/** A load that the test ends. */
function slowLoad(): {
  load: Load;
  loads: () => number;
  end: (outcome: Outcome<unknown>) => void;
  flight: () => Cancellation;
} {
  const ends: ((outcome: Outcome<unknown>) => void)[] = [];
  let cancellation = new Cancellation();
  return {
    load: (flight) => {
      cancellation = flight;
      return new Promise((resolve) => ends.push(resolve));
    },
    loads: () => ends.length,
    end: (outcome) => ends.at(-1)?.(outcome),
    flight: () => cancellation,
  };
}

describe('a cached operation', () => {
  it('loads once, then gives the response from memory until its time is over', async () => {
    const cached = operation();
    const key = cached.key({ path: { id: 1 } }, ada);
    expect(cached.peek(key)).toBeUndefined();
    let loads = 0;
    const load = async () => success(++loads);
    expect(await cached.getOrLoad(key, waiter(), load)).toEqual(success(1));
    await clock.advance(999);
    expect(cached.peek(key)).toEqual(success(1));
    await clock.advance(1);
    expect(cached.peek(key)).toBeUndefined();
    expect(await cached.getOrLoad(key, waiter(), load)).toEqual(success(2));
    expect(heard).toEqual(['miss', 'hit', 'miss']);
  });

  it('gives the stored value without a copy', async () => {
    const cached = operation();
    const stored = Object.freeze({ name: 'lamp', tags: Object.freeze(['new']) });
    await cached.getOrLoad('k', waiter(), async () => success(stored));
    const hit = cached.peek('k');
    expect(hit?.ok === true && hit.value).toBe(stored);
  });

  it('F20: makes one load of 1,000 misses', async () => {
    const cached = operation();
    const { load, loads, end } = slowLoad();
    const all = Array.from({ length: 1_000 }, () => cached.getOrLoad('k', waiter(), load));
    expect(loads()).toBe(1);
    end(success('once'));
    expect(new Set(await Promise.all(all))).toEqual(new Set([success('once')]));
    expect(heard.filter((result) => result === 'coalesced')).toHaveLength(999);
  });

  it('F20: gives a failure to all waiters, and does not keep it', async () => {
    const cached = operation();
    const { load, loads, end } = slowLoad();
    const all = [cached.getOrLoad('k', waiter(), load), cached.getOrLoad('k', waiter(), load)];
    end(failure);
    expect(await Promise.all(all)).toEqual([failure, failure]);
    expect(cached.peek('k')).toBeUndefined();
    void cached.getOrLoad('k', waiter(), load);
    expect(loads()).toBe(2);
  });

  it('lets a waiter leave alone, the first one too, and stops the load when the last has left', async () => {
    const cached = operation();
    const { load, flight } = slowLoad();
    const [first, second] = [waiter(), waiter()];
    const outcomes = [cached.getOrLoad('k', first, load), cached.getOrLoad('k', second, load)];
    first.cancellation.cancel('client_gone');
    expect(await outcomes[0]).toMatchObject({ ok: false, status: 'skipped' });
    expect(flight().cancelled).toBe(false);
    second.cancellation.cancel('sibling_failed');
    expect(await outcomes[1]).toMatchObject({ ok: false, status: 'skipped' });
    expect(flight().reason).toBe('sibling_failed');
    expect(second.cancellation.listenerCount).toBe(0);
  });

  it('starts a new load for a request after the last waiter has left', async () => {
    const cached = operation();
    const { load, loads, end } = slowLoad();
    const first = waiter();
    void cached.getOrLoad('k', first, load);
    first.cancellation.cancel('client_gone');
    const second = cached.getOrLoad('k', waiter(), load);
    expect(loads()).toBe(2);
    end(success('second'));
    expect(await second).toEqual(success('second'));
  });

  it('ends the wait of each waiter at its own deadline', async () => {
    const cached = operation();
    const { load, end } = slowLoad();
    const patient = cached.getOrLoad('k', waiter(5_000), load);
    const hasty = cached.getOrLoad('k', waiter(100), load);
    await clock.advance(100);
    expect(await hasty).toMatchObject({ ok: false, status: 'timeout', code: 'GW_DEADLINE_EXCEEDED' });
    end(success('late'));
    expect(await patient).toEqual(success('late'));
    expect(clock.timerCount).toBe(0);
  });

  it('loads again for a waiter with more time than the one that started the load', async () => {
    const cached = operation();
    const { load, loads, end } = slowLoad();
    const hasty = cached.getOrLoad('k', waiter(100), load);
    const patient = cached.getOrLoad('k', waiter(5_000), load);
    await clock.advance(100);
    end(timeout);
    expect(await hasty).toEqual(timeout);
    await settle();
    expect(loads()).toBe(2);
    end(success('at last'));
    expect(await patient).toEqual(success('at last'));
  });

  it('does not load again after a timeout of the call itself, because that would be a retry', async () => {
    const cached = operation();
    const { load, loads, end } = slowLoad();
    const all = [cached.getOrLoad('k', waiter(1_000), load), cached.getOrLoad('k', waiter(1_001), load)];
    await clock.advance(400);
    end(timeout);
    expect(await Promise.all(all)).toEqual([timeout, timeout]);
    expect(loads()).toBe(1);
  });

  it('passes a throw of the load on to all waiters, and loads again for the next request', async () => {
    const cached = operation();
    const bug = new Error('bug');
    const all = await Promise.allSettled([
      cached.getOrLoad('k', waiter(), () => Promise.reject(bug)),
      cached.getOrLoad('k', waiter(), () => Promise.reject(bug)),
    ]);
    expect(all.map((each) => each.status)).toEqual(['rejected', 'rejected']);
    expect(await cached.getOrLoad('k', waiter(), async () => success(1))).toEqual(success(1));
  });

  it('stays within its bounds of entries and bytes, and keeps the most recently used responses', async () => {
    const cache = new OperationCache({ maxEntries: 3, maxBytes: 10_000 }, clock);
    const cached = operation(cache);
    const store = (key: string, value: unknown) => cached.getOrLoad(key, waiter(), async () => success(value));
    for (const key of ['a', 'b', 'c']) await store(key, key);
    cached.peek('a');
    await store('d', 'd');
    expect(['a', 'b', 'c', 'd'].filter((key) => cached.peek(key) !== undefined)).toEqual(['a', 'c', 'd']);
    await store('big', 'x'.repeat(4_500));
    expect(cache.bytes).toBeLessThanOrEqual(10_000);
    await store('too big', 'x'.repeat(20_000));
    expect(cached.peek('too big')).toBeUndefined();
    expect(cached.peek('big')).toBeDefined();
    for (let i = 0; i < 1_000; i++) await store(`k${i}`, { i });
    expect(cache.size).toBe(3);
  });

  it('estimates the size of a value that is nested 100,000 deep', async () => {
    const deep: unknown = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000));
    const cache = new OperationCache({}, clock);
    await operation(cache).getOrLoad('k', waiter(), async () => success(deep));
    expect(cache.bytes).toBeGreaterThan(100_000 * 16);
  });

  it('refuses a time to live of 0 with a message', () => {
    expect(() => new OperationCache().operation({ upstream: 'a', operation: 'b', ttlMs: 0 })).toThrow(
      'ttlMs must be above 0, not 0',
    );
  });
});
