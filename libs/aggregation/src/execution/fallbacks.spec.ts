import { RequestContext } from '@frontage/context';
import { beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '@frontage/testing/manual-clock';
import { failed, late, PlanBench, type Reply } from '../fixtures/plan-runs.js';
import { getUser, listBanners, listOrders, type Shopper } from '../fixtures/plan-shop.js';
import { plan } from '../plan/plan.js';
import { given } from '../model/schema.js';
import { lastGood } from '../plan/fallbacks.js';
import { each, optional, step } from '../plan/verbs.js';
import { LastGoodMemory } from '../run/last-good.js';

let bench: PlanBench;
beforeEach(() => (bench = new PlanBench()));
const input = { caller: given<Shopper>() };
const options = { input, deadlineMs: 100, reserveMs: 0 };
const ada: Shopper = { subject: 'ada', premium: true };
const eve: Shopper = { subject: 'eve', premium: true };
const user = (name: string) => ({ id: name, name });
const broken: Reply = { failure: failed };

describe('the last good response', () => {
  const remembered = plan('remembered', options, ({ caller }) => ({
    user: optional(getUser, { path: { id: caller.subject } }, { fallback: lastGood({ maxAgeMs: 1000 }) }),
  }));
  const run = async (caller: Shopper, reply: Reply) => {
    bench.next();
    return (await bench.finish(bench.start(remembered, { caller }, { user: reply }))).result;
  };

  it('replaces a call that fails, and has its age in the report', async () => {
    await run(ada, { value: user('ada') });
    await bench.clock.advance(300);
    expect(await run(ada, broken)).toEqual({
      kind: 'finished',
      values: [{ ok: true, value: user('ada') }],
      report: { user: { status: 'error', source: 'last_good', ageMs: 300 } },
    });
  });

  it('is gone once it is too old, and the latest counts', async () => {
    await run(ada, { value: user('ada') });
    await bench.clock.advance(900);
    await run(ada, { value: user('Ada') });
    await bench.clock.advance(900);
    expect(await run(ada, broken)).toMatchObject({ values: [{ value: user('Ada') }] });
    await bench.clock.advance(101);
    expect(await run(ada, broken)).toMatchObject({
      values: [{ ok: false, status: 'error' }],
      report: { user: { source: 'none' } },
    });
  });

  it('is that of the same arguments and the same caller alone', async () => {
    await run(ada, { value: user('ada') });
    expect(await run(eve, broken)).toMatchObject({ values: [{ ok: false }] });
    bench.next();
    bench.context.caller = { subject: 'eve', scopes: [], roles: [] };
    const { result } = await bench.finish(bench.start(remembered, { caller: ada }, { user: broken }));
    expect(result).toMatchObject({ values: [{ ok: false }] });
  });

  it('is used where the deadline passes first, too', async () => {
    await run(ada, { value: user('ada') });
    expect(await run(ada, { afterMs: 500 })).toMatchObject({
      values: [{ ok: true, value: user('ada') }],
      report: { user: { status: 'timeout', source: 'last_good', ageMs: 100 } },
    });
  });

  describe('of another process', () => {
    /** A store that has nothing in this process, and something in another one, which it gives after a while. */
    class Elsewhere extends LastGoodMemory {
      asked = 0;
      afterMs = 5;
      found: { readonly value: unknown; readonly ageMs: number } | undefined;

      find(): Promise<typeof this.found> {
        this.asked++;
        return new Promise((resolve) => void bench.clock.setTimer(() => resolve(this.found), this.afterMs));
      }
    }
    let elsewhere: Elsewhere;
    beforeEach(() => (bench.lastGood = elsewhere = new Elsewhere(bench.clock)));
    const chain = plan('chain', options, ({ caller }) => ({
      user: optional(
        getUser,
        { path: { id: caller.subject } },
        {
          fallback: lastGood({
            maxAgeMs: 1000,
            otherwise: optional(getUser, { path: { id: 'guest' } }, { fallback: { id: 'none', name: 'none' } }),
          }),
        },
      ),
    }));
    const runChain = async (replies: Readonly<Record<string, Reply>>) => {
      bench.next();
      return (await bench.finish(bench.start(chain, { caller: ada }, replies))).result;
    };

    it('is asked for where this one has none, and stands with its age in the report', async () => {
      elsewhere.found = { value: user('ada'), ageMs: 700 };
      expect(await run(ada, broken)).toEqual({
        kind: 'finished',
        values: [{ ok: true, value: user('ada') }],
        report: { user: { status: 'error', source: 'last_good', ageMs: 700 } },
      });
      await run(ada, { value: user('Ada') });
      expect(await run(ada, broken)).toMatchObject({ values: [{ value: user('Ada') }] });
      expect(elsewhere.asked).toBe(1);
    });

    it.each([
      ['none', undefined],
      ['one that is too old', { value: user('old'), ageMs: 1_001 }],
    ])('leads on along the chain where there is %s: another operation, a value, in this order', async (_, found) => {
      elsewhere.found = found;
      expect(await runChain({ user: broken, 'user.fallback': { value: user('guest') } })).toMatchObject({
        values: [user('guest')],
        report: { user: { status: 'error', source: 'operation' } },
      });
      expect(await runChain({ user: broken, 'user.fallback': broken })).toMatchObject({
        values: [user('none')],
        report: { user: { status: 'error', source: 'fallback' } },
      });
    });

    it('is not asked for once the deadline has passed, and not waited for beyond it', async () => {
      elsewhere.found = { value: user('ada'), ageMs: 1 };
      expect(await run(ada, { afterMs: 500 })).toMatchObject({ values: [{ ok: false, status: 'timeout' }] });
      expect(elsewhere.asked).toBe(0);
      elsewhere.afterMs = 500;
      bench.next();
      const slow = bench.start(remembered, { caller: ada }, { user: { afterMs: 20, failure: failed } });
      const { result, afterMs } = await bench.finish(slow);
      expect([result, afterMs]).toMatchObject([{ values: [{ ok: false }] }, 100]);
      expect(elsewhere.asked).toBe(1);
    });
  });

  it('is kept for so many calls, those that were kept longest ago leaving first', () => {
    const clock = new ManualClock();
    const memory = new LastGoodMemory(clock, 2);
    for (const key of ['a', 'b', 'a', 'c']) memory.keep(key, key);
    expect([memory.size, memory.read('a')?.value, memory.read('b'), memory.read('c')?.value]).toEqual([
      2,
      'a',
      undefined,
      'c',
    ]);
  });

  it('is followed by its own fallback where there is none', async () => {
    const chained = plan('chained', options, ({ caller }) => ({
      user: optional(
        getUser,
        { path: { id: caller.subject } },
        { fallback: lastGood({ maxAgeMs: 1000, otherwise: user('nobody') }) },
      ),
    }));
    const { result } = await bench.finish(bench.start(chained, { caller: ada }, { user: broken }));
    expect(result).toMatchObject({
      values: [user('nobody')],
      report: { user: { status: 'error', source: 'fallback' } },
    });
  });
});

describe('another operation', () => {
  const doubled = plan('doubled', options, ({ caller }) => ({
    user: optional(
      getUser,
      { path: { id: caller.subject } },
      { timeoutMs: 20, fallback: optional(getUser, { path: { id: 'copy' } }, { fallback: user('nobody') }) },
    ),
  }));
  const run = async (replies: Readonly<Record<string, Reply>>) =>
    bench.finish(bench.start(doubled, { caller: ada }, replies));

  it('is not called while the first one succeeds', async () => {
    expect((await run({ user: { value: user('ada') } })).result).toMatchObject({
      values: [user('ada')],
      report: undefined,
    });
    expect(bench.calls.map(({ part }) => part)).toEqual(['user']);
  });

  it('replaces a call that fails, and the report names the failure of the first one', async () => {
    const replies = { user: { failure: late, afterMs: 20 }, 'user.fallback': { value: user('copy'), afterMs: 30 } };
    const { result, afterMs } = await run(replies);
    expect([afterMs, result]).toEqual([
      50,
      { kind: 'finished', values: [user('copy')], report: { user: { status: 'timeout', source: 'operation' } } },
    ]);
    expect(bench.calls.map(({ part, at }) => [part, at])).toEqual([
      ['user', 0],
      ['user.fallback', 20],
    ]);
  });

  it('has a fallback of its own', async () => {
    expect((await run({ user: broken, 'user.fallback': broken })).result).toMatchObject({
      values: [user('nobody')],
      report: { user: { status: 'error', source: 'fallback' } },
    });
  });

  it('is not started once the deadline has passed', async () => {
    const { result, afterMs } = await run({ user: { afterMs: 500 } });
    expect([afterMs, result, bench.calls.length]).toMatchObject([
      100,
      { report: { user: { status: 'timeout', source: 'fallback' } } },
      1,
    ]);
  });

  it('replaces a skipped call, because it may refer to other parts', async () => {
    const skipped = plan('skipped', options, ({ caller }) => {
      const first = optional(getUser, { path: { id: caller.subject } });
      const orders = optional(
        listOrders,
        { query: { customerId: first.id } },
        { fallback: optional(listOrders, { query: { customerId: caller.subject } }) },
      );
      return { first, orders };
    });
    const replies = { first: broken, 'orders.fallback': { value: { items: [] } } };
    expect((await bench.finish(bench.start(skipped, { caller: ada }, replies))).result).toMatchObject({
      values: [{ ok: false }, { ok: true, value: { items: [] } }],
      report: { orders: { status: 'skipped', source: 'operation' } },
    });
  });

  it('replaces one item of an each, and is made once for items with the same arguments', async () => {
    const items = plan('items', { input: { body: given<{ ids: string[] }>() }, deadlineMs: 100 }, ({ body }) => ({
      users: each(
        body.ids,
        (id) =>
          optional(
            getUser,
            { path: { id } },
            { fallback: optional(listBanners, { query: { slot: id } }, { fallback: [] }) },
          ),
        { maxCount: 9 },
      ),
    }));
    const users: Reply = {
      make: ({ path }) => (path?.['id'] === 'b' ? failed : { ok: true, value: path?.['id'] }),
    };
    const replies = { users, 'users.fallback': { value: ['stand-in'] } };
    const { result } = await bench.finish(bench.start(items, { body: { ids: ['a', 'b', 'b'] } }, replies));
    expect(result).toMatchObject({
      values: [['a', ['stand-in'], ['stand-in']]],
      report: { users: { items: { '1': 'error', '2': 'error' } } },
    });
    expect(bench.calls).toHaveLength(3);
  });

  it('comes after the last good response where both are fallbacks', async () => {
    const both = plan('both', options, ({ caller }) => ({
      user: optional(
        getUser,
        { path: { id: caller.subject } },
        { fallback: lastGood({ maxAgeMs: 1000, otherwise: optional(getUser, { path: { id: 'copy' } }) }) },
      ),
    }));
    const replies = { user: broken, 'user.fallback': { value: user('copy') } };
    const first = await bench.finish(bench.start(both, { caller: ada }, replies));
    expect(first.result).toMatchObject({ report: { user: { source: 'operation' } } });
    bench.next();
    await bench.finish(bench.start(both, { caller: ada }, { user: { value: user('ada') } }));
    bench.next();
    const then = await bench.finish(bench.start(both, { caller: ada }, replies));
    expect(then.result).toMatchObject({ report: { user: { source: 'last_good' } } });
  });
});

describe('the input of a step', () => {
  it('is the value of the fallback, for a part that has one', async () => {
    const seen = plan('seen', options, ({ caller }) => {
      const banners = optional(listBanners, {}, { fallback: optional(listBanners, { query: { slot: 'b' } }) });
      const count = step({ banners, caller }, (all) => (all.banners.ok ? all.banners.value.length : -1));
      return { banners, count };
    });
    bench.context = new RequestContext('r', 0, 'GET', '127.0.0.1', {});
    const replies = { banners: broken, 'banners.fallback': { value: [1, 2] } };
    expect((await bench.finish(bench.start(seen, { caller: ada }, replies))).result).toMatchObject({
      values: [{ ok: true }, 2],
    });
  });
});
