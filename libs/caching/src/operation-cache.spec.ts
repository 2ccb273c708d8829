import { Cancellation, channels, type CacheUsed, type Clock, type Outcome, type Timer } from '@frontage/core';
import { createCache } from 'cache-manager';
import fc from 'fast-check';
import { Keyv } from 'keyv';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OperationCache, type CachedOperation, type Load, type Waiter } from './index.js';

let now = 0;
let timers: { at: number; callback: () => void }[] = [];
const clock: Clock = {
  now: () => now,
  wallTime: () => 1_700_000_000_000 + now,
  setTimer: (callback, delayMs): Timer => {
    const timer = { at: now + delayMs, callback };
    timers.push(timer);
    return timer;
  },
  clearTimer: (timer) => void (timers = timers.filter((each) => each !== timer)),
};
function advance(ms: number): void {
  now += ms;
  const due = timers.filter((timer) => timer.at <= now);
  timers = timers.filter((timer) => timer.at > now);
  for (const timer of due) timer.callback();
}

const heard: CacheUsed['result'][] = [];
const listen = (message: unknown): void => {
  if (typeof message === 'object' && message !== null && 'result' in message) heard.push((message as CacheUsed).result);
};
beforeEach(() => {
  now = 0;
  timers = [];
  heard.length = 0;
  channels.cacheUsed.subscribe(listen);
});
afterEach(() => {
  channels.cacheUsed.unsubscribe(listen);
});

const ada = { subject: 'ada', scopes: ['a', 'b'], roles: [] };
const bob = { subject: 'bob', scopes: ['a', 'b'], roles: [] };
const waiter = (deadlineAt = 1_000_000): Waiter => ({ cancellation: new Cancellation(), deadlineAt });
const answer = (value: unknown): Outcome<unknown> => ({ ok: true, value });
const failure: Outcome<unknown> = { ok: false, status: 'error', code: 'GW_UPSTREAM_FAILED' };
const timeout: Outcome<unknown> = { ok: false, status: 'timeout', code: 'GW_UPSTREAM_TIMEOUT' };

function operation(cache = new OperationCache({}, clock), isPublic = false): CachedOperation {
  return cache.operation({ upstream: 'catalogue', operation: 'getProduct', ttlMs: 1_000, isPublic });
}

/** A load that ends when told to. */
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
  it('loads once, then answers from memory until the time is up', async () => {
    const cached = operation();
    const key = cached.key({ path: { id: 1 } }, ada);
    expect(cached.peek(key)).toBeUndefined();
    let loads = 0;
    const load = async () => answer(++loads);
    expect(await cached.getOrLoad(key, waiter(), load)).toEqual(answer(1));
    now += 999;
    expect(cached.peek(key)).toEqual(answer(1));
    now += 1;
    expect(cached.peek(key)).toBeUndefined();
    expect(await cached.getOrLoad(key, waiter(), load)).toEqual(answer(2));
    expect(heard).toEqual(['miss', 'hit', 'miss']);
  });

  it('hands out what is stored, without a copy and without touching it', async () => {
    const cached = operation();
    const stored = Object.freeze({ name: 'lamp', tags: Object.freeze(['new']) });
    await cached.getOrLoad('k', waiter(), async () => answer(stored));
    const hit = cached.peek('k');
    expect(hit?.value).toBe(stored);
  });

  it('F20: makes one load of 1,000 misses', async () => {
    const cached = operation();
    const { load, loads, end } = slowLoad();
    const all = Array.from({ length: 1_000 }, () => cached.getOrLoad('k', waiter(), load));
    expect(loads()).toBe(1);
    end(answer('once'));
    expect(new Set(await Promise.all(all))).toEqual(new Set([answer('once')]));
    expect(heard.filter((result) => result === 'coalesced')).toHaveLength(999);
  });

  it('F20: gives a failure to all who wait, and keeps it for nobody', async () => {
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

  it('starts anew for whoever comes after the last has left', async () => {
    const cached = operation();
    const { load, loads, end } = slowLoad();
    const first = waiter();
    void cached.getOrLoad('k', first, load);
    first.cancellation.cancel('client_gone');
    const second = cached.getOrLoad('k', waiter(), load);
    expect(loads()).toBe(2);
    end(answer('second'));
    expect(await second).toEqual(answer('second'));
  });

  it('lets each waiter go at its own deadline', async () => {
    const cached = operation();
    const { load, end } = slowLoad();
    const patient = cached.getOrLoad('k', waiter(5_000), load);
    const hasty = cached.getOrLoad('k', waiter(100), load);
    advance(100);
    expect(await hasty).toMatchObject({ ok: false, status: 'timeout', code: 'GW_DEADLINE_EXCEEDED' });
    end(answer('late'));
    expect(await patient).toEqual(answer('late'));
    expect(timers).toEqual([]);
  });

  it('loads again for a waiter with more time than the one that started the load', async () => {
    const cached = operation();
    const { load, loads, end } = slowLoad();
    const hasty = cached.getOrLoad('k', waiter(100), load);
    const patient = cached.getOrLoad('k', waiter(5_000), load);
    advance(100);
    end(timeout);
    expect(await hasty).toEqual(timeout);
    await settle();
    expect(loads()).toBe(2);
    end(answer('at last'));
    expect(await patient).toEqual(answer('at last'));
  });

  it('does not load again after a timeout of the call itself: that would be a retry', async () => {
    const cached = operation();
    const { load, loads, end } = slowLoad();
    const all = [cached.getOrLoad('k', waiter(1_000), load), cached.getOrLoad('k', waiter(1_001), load)];
    advance(400);
    end(timeout);
    expect(await Promise.all(all)).toEqual([timeout, timeout]);
    expect(loads()).toBe(1);
  });

  it('passes a bug on to all who wait, and recovers', async () => {
    const cached = operation();
    const bug = new Error('bug');
    const all = await Promise.allSettled([
      cached.getOrLoad('k', waiter(), () => Promise.reject(bug)),
      cached.getOrLoad('k', waiter(), () => Promise.reject(bug)),
    ]);
    expect(all.map((each) => each.status)).toEqual(['rejected', 'rejected']);
    expect(await cached.getOrLoad('k', waiter(), async () => answer(1))).toEqual(answer(1));
  });

  it('stays within its entries and its bytes, and keeps what was used last', async () => {
    const cache = new OperationCache({ maxEntries: 3, maxBytes: 10_000 }, clock);
    const cached = operation(cache);
    const store = (key: string, value: unknown) => cached.getOrLoad(key, waiter(), async () => answer(value));
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

  it('measures a value nested 100,000 deep without falling over', async () => {
    const deep: unknown = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000));
    const cache = new OperationCache({}, clock);
    await operation(cache).getOrLoad('k', waiter(), async () => answer(deep));
    expect(cache.bytes).toBeGreaterThan(100_000 * 16);
  });

  it('refuses a time to live of 0 in words', () => {
    expect(() => new OperationCache().operation({ upstream: 'a', operation: 'b', ttlMs: 0 })).toThrow(
      'ttlMs must be above 0, not 0',
    );
  });
});

describe('the key of an answer (R2)', () => {
  const cached = operation();
  const args = { path: { id: 1 }, query: { a: 1, b: [1, 2] } };

  it.each([
    ['another subject', bob],
    ['another tenant', { ...ada, tenant: 'acme' }],
    ['another app', { ...ada, app: 'tv' }],
    ['fewer scopes', { ...ada, scopes: ['a'] }],
    ['another role', { ...ada, roles: ['admin'] }],
    ['nobody', undefined],
  ])('is another for %s', (_who, asker) => {
    expect(cached.key(args, asker)).not.toBe(cached.key(args, ada));
  });

  it('is the same for everybody where the operation is public', () => {
    const open = operation(undefined, true);
    expect(open.key(args, ada)).toBe(open.key(args, bob));
    expect(open.key(args, ada)).toBe(open.key(args, undefined));
  });

  it('holds neither the subject nor an argument in clear', () => {
    expect(cached.key({ path: { id: 'secret-id' } }, { subject: 'ada@example.test' })).not.toMatch(/ada|secret/);
  });

  it('does not depend on the order of members or scopes, and does on everything else', () => {
    expect(cached.key({ query: { b: [1, 2], a: 1 }, path: { id: 1 } }, { ...ada, scopes: ['b', 'a'] })).toBe(
      cached.key(args, ada),
    );
    expect(cached.key({ ...args, query: { a: 1, b: [2, 1] } }, ada)).not.toBe(cached.key(args, ada));
    expect(cached.key({ path: { id: '1' } }, ada)).not.toBe(cached.key({ path: { id: 1 } }, ada));
    expect(cached.key(args, ada, ['de'])).not.toBe(cached.key(args, ada, ['en']));
    expect(cached.key(args, ada, ['de', undefined])).not.toBe(cached.key(args, ada, [undefined, 'de']));
  });

  it('meets no other key, whatever subjects and tenants are called', () => {
    const asker = fc.record({ subject: fc.string(), tenant: fc.option(fc.string(), { nil: undefined }) });
    fc.assert(
      fc.property(asker, asker, ({ subject, tenant }, other) => {
        const same = subject === other.subject && tenant === other.tenant;
        const one = tenant === undefined ? { subject } : { subject, tenant };
        const two =
          other.tenant === undefined ? { subject: other.subject } : { subject: other.subject, tenant: other.tenant };
        expect(cached.key({}, one) === cached.key({}, two)).toBe(same);
      }),
    );
  });

  it('never lets one user see what was loaded for another', async () => {
    for (const asker of [ada, bob]) {
      const outcome = await cached.getOrLoad(cached.key(args, asker), waiter(), async () => answer(asker.subject));
      expect(outcome).toEqual(answer(asker.subject));
    }
    expect(cached.peek(cached.key(args, ada))).toEqual(answer('ada'));
  });
});

describe('a shared cache of your own', () => {
  it('answers what another process loaded, for as long as it was meant to be used', async () => {
    const sharedCache = createCache({ stores: [new Keyv({ store: new Map() })] });
    const here = operation(new OperationCache({ sharedCache }, clock));
    const there = operation(new OperationCache({ sharedCache }, clock));
    await here.getOrLoad('k', waiter(), async () => answer({ name: 'lamp' }));
    await settle();
    now += 900;
    const never: Load = () => Promise.reject(new Error('must not load'));
    expect(await there.getOrLoad('k', waiter(), never)).toEqual(answer({ name: 'lamp' }));
    now += 100;
    expect(there.peek('k')).toBeUndefined();
    expect(await there.getOrLoad('k', waiter(), async () => answer('new'))).toEqual(answer('new'));
  });

  it('F21: is left alone when it does not answer, and everything goes on as without it', async () => {
    const complaints: unknown[] = [];
    const hear = (message: unknown) => void complaints.push(message);
    channels.complaint.subscribe(hear);
    let asked = 0;
    let hangs = true;
    const store = {
      get: () => {
        asked++;
        return hangs ? new Promise<undefined>(() => {}) : Promise.resolve(undefined);
      },
      set: () => Promise.resolve(true),
      delete: () => Promise.resolve(true),
      clear: () => Promise.resolve(),
    };
    const sharedCache = createCache({ stores: [new Keyv({ store })] });
    const cached = operation(new OperationCache({ sharedCache }, clock));
    for (let i = 0; i < 3; i++) {
      const loading = cached.getOrLoad(`k${i}`, waiter(), async () => answer(i));
      await settle();
      advance(50);
      expect(await loading).toEqual(answer(i));
    }
    expect(heard).toEqual(['error', 'error', 'error']);
    expect(asked).toBe(3);
    expect(await cached.getOrLoad('k3', waiter(), async () => answer(3))).toEqual(answer(3));
    expect(asked).toBe(3);
    hangs = false;
    advance(5_000);
    expect(await cached.getOrLoad('k4', waiter(), async () => answer(4))).toEqual(answer(4));
    expect(asked).toBe(4);
    expect(complaints).toMatchObject([
      { from: 'caching', message: 'the shared cache store does not answer: caching goes on in memory alone' },
      { from: 'caching', message: 'the shared cache store answers again' },
    ]);
    channels.complaint.unsubscribe(hear);
  });

  it('F21: counts a store that throws as one that does not answer', async () => {
    let asked = 0;
    const store = {
      get: () => {
        asked++;
        return Promise.reject(new Error('broken'));
      },
      set: () => Promise.reject(new Error('broken')),
      delete: () => Promise.resolve(true),
      clear: () => Promise.resolve(),
    };
    const sharedCache = createCache({ stores: [new Keyv({ store, throwOnErrors: true })] });
    const cached = operation(new OperationCache({ sharedCache }, clock));
    for (let i = 0; i < 10; i++) {
      expect(await cached.getOrLoad(`k${i}`, waiter(), async () => answer(i))).toEqual(answer(i));
      await settle();
    }
    expect(asked).toBeLessThanOrEqual(3);
    expect(heard).toContain('error');
  });

  it('is not taken beside a redis address', () => {
    const sharedCache = createCache();
    expect(() => new OperationCache({ sharedCache, redisUrl: 'redis://localhost' })).toThrow(
      'give a redisUrl or a sharedCache, not both',
    );
  });
});

/** Lets everything run that waits for no timer. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
