import { Cancellation, systemClock, type Outcome } from '@frontage/core';
import { RedisStore } from '@frontage/store';
import { redisIsInstalled, RedisServer } from '@frontage/testing/redis';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { everything, keyMark, operationMark, tagMark, type Invalidated } from '../invalidation/marks.js';
import { OperationCache, type Load } from '../index.js';

const clock = systemClock;
const tags = [tagMark('item:7')];
const waiter = (ms = 10_000) => ({ cancellation: new Cancellation(), deadlineAt: clock.now() + ms });
const loadOf =
  (value: unknown): Load =>
  async () => ({ ok: true, value });

/** A load that ends by hand. */
function slowLoad() {
  const { promise, resolve } = Promise.withResolvers<Outcome<unknown>>();
  let loads = 0;
  const load: Load = () => {
    loads++;
    return promise;
  };
  return { load, loads: () => loads, end: (value: unknown) => resolve({ ok: true, value }) };
}

describe.skipIf(!redisIsInstalled())('processes that share a Redis', () => {
  let redis: RedisServer;
  let admin: Redis;
  const stops: (() => unknown)[] = [];

  async function startProcess() {
    const store = new RedisStore({ app: 'spec', url: redis.url, timeoutMs: 500 });
    await store.start();
    const cache = new OperationCache({ redis: store }, clock);
    stops.push(async () => {
      await cache.stop();
      store.stop();
    });
    await expect.poll(() => cache.isInStep).toBe(true);
    const cached = cache.operation({ upstream: 'shop', operation: 'getItem', ttlMs: 60_000 });
    const read = async (value: unknown, key = 'shop/getItem/public/7') => {
      const outcome = cached.peek(key) ?? (await cached.getOrLoad(key, waiter(), loadOf(value), tags));
      return outcome.ok ? outcome.value : outcome.status;
    };
    return { store, cache, cached, read };
  }

  const untilWritten = (key = 'shop/getItem/public/7') =>
    expect.poll(async () => (await admin.exists(`spec:cache:v3:${key}`)) === 1, { interval: 2 }).toBe(true);

  beforeAll(async () => {
    redis = await RedisServer.start();
  });
  beforeEach(async () => {
    admin = new Redis(redis.url);
    await admin.flushall();
  });
  afterEach(async () => {
    for (const stop of stops.splice(0)) await stop();
    admin.disconnect();
  });
  afterAll(() => redis.stop());

  it.each([
    ['a tag', tags],
    ['a key', [keyMark('shop/getItem/public/7')]],
    ['an operation', [operationMark('shop.getItem')]],
    ['everything', everything],
  ] as [string, Invalidated][])('all forget what is invalidated by %s, within a second', async (_, invalidated) => {
    const [one, other] = [await startProcess(), await startProcess()];
    expect(await one.read('old')).toBe('old');
    await untilWritten();
    expect(await other.read('unused')).toBe('old');
    await one.cache.invalidate(invalidated);
    const toldAt = performance.now();
    // The shared tier has nothing from this moment on.
    const late = await startProcess();
    expect(await late.read('new')).toBe('new');
    await expect.poll(() => other.read('new'), { interval: 2 }).toBe('new');
    expect(performance.now() - toldAt).toBeLessThan(1_000);
    expect(await one.read('new')).toBe('new');
  });

  it.each([
    ['a tag', tags],
    ['a key', [keyMark('shop/getItem/public/7')]],
    ['an operation', [operationMark('shop.getItem')]],
  ] as [string, Invalidated][])(
    'read nothing of a load that began before an invalidation by %s elsewhere',
    async (_, invalidated) => {
      const [one, other] = [await startProcess(), await startProcess()];
      const { load, loads, end } = slowLoad();
      const reader = one.cached.getOrLoad('shop/getItem/public/7', waiter(), load, tags);
      await expect.poll(loads).toBe(1);
      // As if its message did not reach the other one in time: the store alone decides.
      await other.cache.invalidate(invalidated);
      end('old');
      expect(await reader).toEqual({ ok: true, value: 'old' });
      const late = await startProcess();
      expect(await late.read('new')).toBe('new');
      await expect.poll(() => one.read('new'), { interval: 2 }).toBe('new');
    },
  );

  it('share the groups of a response with its record, and forget it by them', async () => {
    const groupsOfKeys = { red: '"red", "round"', blue: '"blue"' };
    const startGrouped = async () => {
      const { cache } = await startProcess();
      const cached = cache.operation({ upstream: 'shop', operation: 'getGrouped', ttlMs: 60_000, groups: true });
      const read = async (name: keyof typeof groupsOfKeys, value: unknown) => {
        const key = `shop/getGrouped/public/${name}`;
        const load: Load = async (_, noteGroups) => {
          noteGroups([groupsOfKeys[name]]);
          return { ok: true, value };
        };
        const outcome = cached.peek(key) ?? (await cached.getOrLoad(key, waiter(), load));
        return outcome.ok ? outcome.value : outcome.status;
      };
      return { cache, read };
    };
    const [one, other] = [await startGrouped(), await startGrouped()];
    for (const name of ['red', 'blue'] as const) {
      expect(await one.read(name, 'old')).toBe('old');
      await untilWritten(`shop/getGrouped/public/${name}`);
      expect(await other.read(name, 'unused')).toBe('old');
    }
    await one.cache.invalidateGroups('carts', '"red"');
    await one.cache.invalidateGroups('shop', '"round"');
    const late = await startGrouped();
    expect(await late.read('red', 'new')).toBe('new');
    for (const { read } of [one, other]) {
      await expect.poll(() => read('red', 'newer'), { interval: 2 }).toBe('new');
      expect(await read('blue', 'unused')).toBe('old');
    }
    // Records of any group are not read again: nobody knows their groups before.
    expect(await late.read('blue', 'new')).toBe('new');
  });

  it('read no record whose token the store has lost', async () => {
    const one = await startProcess();
    expect(await one.read('old')).toBe('old');
    await untilWritten();
    await admin.del(`spec:cache-marks:v1:${tags[0]}`);
    const late = await startProcess();
    expect(await late.read('new')).toBe('new');
  });

  it('drop all that they have where entries of the stream may be missing', async () => {
    const [one, other] = [await startProcess(), await startProcess()];
    await one.cache.invalidate([tagMark('another')]);
    expect([await one.read('old'), other.cache.size]).toEqual(['old', 0]);
    await untilWritten();
    expect(await other.read('unused')).toBe('old');
    await admin.del('spec:invalidations:v1:stream');
    await expect.poll(() => [one.cache.size, other.cache.size], { timeout: 2_000 }).toEqual([0, 0]);
    const late = await startProcess();
    await expect.poll(() => late.read('new')).toBe('new');
  });

  it('hear what was said while their connection was lost', async () => {
    const [one, other] = [await startProcess(), await startProcess()];
    expect(await one.read('old')).toBe('old');
    await untilWritten();
    expect(await other.read('unused')).toBe('old');
    await admin.client('KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    await admin.xadd('spec:invalidations:v1:stream', '*', 'tag', 'item:7');
    await expect.poll(() => [one.cache.size, other.cache.size], { timeout: 3_000 }).toEqual([0, 0]);
  });

  it('hear what other systems said while none of them ran', async () => {
    const one = await startProcess();
    expect(await one.read('old')).toBe('old');
    await untilWritten();
    for (const stop of stops.splice(0)) await stop();
    await admin.xadd('spec:invalidations:v1:stream', '*', 'note', 'of the shop', 'tag', 'item:1', 'tag', 'item:7');
    const late = await startProcess();
    expect(await late.read('new')).toBe('new');
    await untilWritten();
    // An entry is applied once: the record of now stays.
    await expect.poll(() => admin.get('spec:invalidations:v1:cursor')).not.toBeNull();
    expect(await (await startProcess()).read('newer')).toBe('new');
  });

  it('take what no system should write for nothing', async () => {
    const one = await startProcess();
    expect(await one.read('old')).toBe('old');
    const stream = 'spec:invalidations:v1:stream';
    await admin.xadd(stream, '*', 'by', 'frontage', 'mark', 'nonsense', 'mark', 'tag', '__proto__', 'x');
    await admin.xadd(stream, '*', 'constructor', 'x', 'group', 'no group', 'tag', '', 'key', '');
    const last = await admin.xadd(stream, '*', 'tag', 'item:8');
    await expect.poll(() => admin.get('spec:invalidations:v1:cursor')).toBe(last);
    expect(await one.read('new')).toBe('old');
  });

  it('F21: a process whose Redis hangs forgets by itself, does not read it before, and tells it once it is back', async () => {
    const [one, other] = [await startProcess(), await startProcess()];
    expect(await one.read('old')).toBe('old');
    await untilWritten();
    expect(await other.read('unused')).toBe('old');
    redis.freeze();
    try {
      await one.cache.invalidate(tags);
      expect(one.cache.isInStep).toBe(false);
      expect(await one.read('new')).toBe('new');
    } finally {
      redis.thaw();
    }
    await expect.poll(() => other.read('new'), { timeout: 5_000 }).toBe('new');
    await expect.poll(() => one.cache.isInStep).toBe(true);
    expect(await (await startProcess()).read('newest')).not.toBe('old');
  });

  it('F21: a Redis that was killed and has come back empty leaves nobody with what it cannot vouch for', async () => {
    const [one, other] = [await startProcess(), await startProcess()];
    await one.cache.invalidate([tagMark('another')]);
    await one.read('old');
    await other.read('old');
    admin.disconnect();
    await redis.stop();
    await one.cache.invalidate(tags);
    expect(await one.read('new')).toBe('new');
    expect(await other.read('new')).toBe('old');
    redis = await RedisServer.start(redis.port);
    await expect.poll(() => other.read('new'), { timeout: 5_000 }).toBe('new');
    await expect.poll(() => one.cache.isInStep, { timeout: 5_000 }).toBe(true);
  });

  describe('F20: that want the same response', () => {
    it('make one call for all of them', async () => {
      const processes = [await startProcess(), await startProcess(), await startProcess()];
      const { load, loads, end } = slowLoad();
      const readers = processes.flatMap(({ cached }) =>
        Array.from({ length: 100 }, () => cached.getOrLoad('shop/getItem/public/cold', waiter(), load, tags)),
      );
      await expect.poll(loads).toBe(1);
      end('once');
      expect(new Set((await Promise.all(readers)).map((outcome) => outcome.ok && outcome.value))).toEqual(
        new Set(['once']),
      );
      expect(loads()).toBe(1);
      await expect.poll(() => admin.keys('spec:cache-locks:*')).toEqual([]);
    });

    it('wait for one that has died for half of their time, and then call by themselves', async () => {
      const { cached } = await startProcess();
      const lock = 'spec:cache-locks:v1:shop/getItem/public/dead';
      await admin.set(lock, 'of a dead process', 'PX', 60_000);
      const startedAt = performance.now();
      expect(await cached.getOrLoad('shop/getItem/public/dead', waiter(1_000), loadOf('mine'), tags)).toEqual({
        ok: true,
        value: 'mine',
      });
      expect(performance.now() - startedAt).toBeGreaterThan(490);
      expect(performance.now() - startedAt).toBeLessThan(950);
      // It is not its own.
      expect(await admin.get(lock)).toBe('of a dead process');
    });

    it('go on at once after one whose call failed, and after a lock that was lost', async () => {
      const [one, other] = [await startProcess(), await startProcess()];
      const failing: Load = async () => ({ ok: false, status: 'error', code: 'GW_UPSTREAM_FAILED' });
      const key = 'shop/getItem/public/failing';
      expect(await one.cached.getOrLoad(key, waiter(), failing, tags)).toMatchObject({ ok: false });
      const startedAt = performance.now();
      expect(await other.read('good', key)).toBe('good');
      expect(performance.now() - startedAt).toBeLessThan(2_000);
      const { load, loads, end } = slowLoad();
      const slow = one.cached.getOrLoad('shop/getItem/public/lost', waiter(), load, tags);
      await expect.poll(loads).toBe(1);
      await admin.del('spec:cache-locks:v1:shop/getItem/public/lost');
      expect(await other.read('other', 'shop/getItem/public/lost')).toBe('other');
      end('slow');
      expect(await slow).toEqual({ ok: true, value: 'slow' });
    });

    it('give a request that leaves its end at once', async () => {
      const { cached } = await startProcess();
      await admin.set('spec:cache-locks:v1:k', 'of another', 'PX', 60_000);
      const leaving = waiter();
      let loads = 0;
      const left = cached.getOrLoad(
        'k',
        leaving,
        async () => {
          loads++;
          return { ok: true, value: 1 };
        },
        tags,
      );
      leaving.cancellation.cancel('client_gone');
      expect(await left).toMatchObject({ ok: false, status: 'skipped' });
      expect(loads).toBeLessThanOrEqual(1);
    });
  });
});
