import { describe, expect, it } from 'vitest';
import { PlanBench } from '../fixtures/plan-runs.js';
import { getUser, listBanners, listOrders, type Shopper } from '../fixtures/plan-shop.js';
import { describePlan } from '../describe/describe-plan.js';
import { include } from './include.js';
import { plan } from './plan.js';
import { given } from '../model/schema.js';
import { optional, required, step } from './verbs.js';

const input = { caller: given<Shopper>() };
const basket = plan('basket', { input, deadlineMs: 5 }, ({ caller }) => {
  const orders = required(listOrders, { query: { customerId: caller.subject } });
  const skus = step({ orders }, (seen) => seen.orders.items.map(({ sku }) => sku));
  return { orders, skus };
});
const ada: Shopper = { subject: 'ada', premium: true };

describe('a plan within a plan', () => {
  const home = plan('home', { input, deadlineMs: 100, reserveMs: 0 }, ({ caller }) => {
    const user = required(getUser, { path: { id: caller.subject } });
    const own = include(basket, { caller });
    const first = step({ orders: own.orders }, (seen) => seen.orders.next ?? 'none');
    const banners = optional(listBanners, { query: { slot: first } });
    return { user, ...own, banners };
  });

  it('brings its parts under their names, and the deadline is that of the outer one', async () => {
    const bench = new PlanBench();
    const orders = { value: { items: [{ sku: 'a' }], next: 'n' }, afterMs: 50 };
    const { result, afterMs } = await bench.finish(bench.start(home, { caller: ada }, { orders }));
    expect([afterMs, result]).toMatchObject([50, { kind: 'finished', report: undefined }]);
    expect(bench.calls.find(({ part }) => part === 'banners')?.args).toEqual({ query: { slot: 'n' } });
    expect(bench.calls.find(({ part }) => part === 'orders')?.scope.deadlineAt).toBe(100);
  });

  it('can be taken twice, under names of their own, and still runs alone', async () => {
    const two = plan(
      'two',
      { input: { ...input, friend: given<Shopper>() }, deadlineMs: 100 },
      ({ caller, friend }) => ({
        ...include(basket, { caller }),
        ...include(basket, { caller: friend }, { as: 'their' }),
      }),
    );
    expect(two.parts.map(({ name }) => name)).toEqual(['orders', 'skus', 'theirOrders', 'theirSkus']);
    const bench = new PlanBench();
    const replies = { orders: { value: { items: [] } }, theirOrders: { value: { items: [] } } };
    await bench.finish(bench.start(two, { caller: ada, friend: { ...ada, subject: 'eve' } }, replies));
    expect(bench.calls.map(({ part, args }) => [part, args.query])).toEqual([
      ['orders', { customerId: 'ada' }],
      ['theirOrders', { customerId: 'eve' }],
    ]);
    expect(describePlan(basket).parts['orders']).not.toHaveProperty('included');
  });

  it('is named in the description of what it brought', () => {
    const { parts } = describePlan(home);
    expect([parts['orders']?.included, parts['user']?.included]).toEqual(['basket', undefined]);
  });

  it('must be named in what the outer one returns', () => {
    expect(() =>
      plan('lost', { input, deadlineMs: 1 }, ({ caller }) => {
        const own = include(basket, { caller });
        return { orders: own.orders };
      }),
    ).toThrow(/a step that nothing reads at \S+include\.spec\.ts:\d+:\d+ has no name: return it/);
  });

  it('is a plan that plan(...) made', () => {
    const forged = { ...basket };
    expect(() => plan('x', { input, deadlineMs: 1 }, ({ caller }) => include(forged, { caller }))).toThrow(
      "plan 'basket' was not made by plan(...)",
    );
  });
});
