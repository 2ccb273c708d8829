import { beforeEach, describe, expect, it } from 'vitest';
import { failed, PlanBench } from '../fixtures/plan-runs.js';
import { getParcel, getUser, listBanners, listOrders, type Shopper } from '../fixtures/plan-shop.js';
import { plan } from '../plan/plan.js';
import { given } from '../model/schema.js';
import { each, optional, required } from '../plan/verbs.js';

let bench: PlanBench;
beforeEach(() => (bench = new PlanBench()));
const input = { caller: given<Shopper>() };
const ada: Shopper = { subject: 'ada', premium: true };
const orders = (...parcels: unknown[]) => ({
  items: parcels.map((parcelId, n) => ({ id: `o${n}`, parcelId, sku: 's' })),
});
const echo = {
  make: ({ path }: { path?: Readonly<Record<string, unknown>> }) => ({ ok: true, value: path?.['id'] }) as const,
};
const failing = (...ids: string[]) => ({
  make: ({ path }: { path?: Readonly<Record<string, unknown>> }) =>
    ids.includes(String(path?.['id'])) ? failed : ({ ok: true, value: path?.['id'] } as const),
});

const strict = plan('strict', { input, deadlineMs: 500 }, ({ caller }) => {
  const page = required(listOrders, { query: { customerId: caller.subject } });
  const parcels = each(page.items, (order) => required(getParcel, { path: { id: order.parcelId } }), {
    maxCount: 3,
    concurrency: 2,
  });
  return { page, parcels };
});
const lenient = plan('lenient', { input, deadlineMs: 500 }, ({ caller }) => {
  const page = required(listOrders, { query: { customerId: caller.subject } });
  const parcels = each(page.items, (order) => optional(getParcel, { path: { id: order.parcelId } }), { maxCount: 3 });
  const filled = each(page.items, (order) => optional(getUser, { path: { id: order.id } }, { fallback: null }), {
    maxCount: 2,
  });
  return { page, parcels, filled };
});

describe('a call per item', () => {
  it('keeps the order of the items, so many at a time', async () => {
    const run = bench.start(
      strict,
      { caller: ada },
      { page: { value: orders('c', 'a', 'b') }, parcels: { ...echo, afterMs: 50 } },
    );
    const { result, afterMs } = await bench.finish(run);
    expect(result).toMatchObject({ kind: 'finished', values: [{}, ['c', 'a', 'b']], report: undefined });
    expect([afterMs, bench.calls.map(({ at }) => at)]).toEqual([100, [0, 0, 0, 50]]);
  });

  it('is made once for items that ask the same', async () => {
    const run = bench.start(strict, { caller: ada }, { page: { value: orders('a', 'b', 'a') }, parcels: echo });
    expect((await bench.finish(run)).result).toMatchObject({ values: [{}, ['a', 'b', 'a']] });
    expect(bench.calls.filter(({ part }) => part === 'parcels')).toHaveLength(2);
  });

  it('tells items apart by everything that the call reads of them, by type as well', async () => {
    const both = plan(
      'both',
      { input: { body: given<{ list: { id: string; slot: string }[]; mixed: string[] }>() }, deadlineMs: 500 },
      ({ body }) => ({
        byTwo: each(body.list, (item) => required(listOrders, { query: { customerId: item.id, state: 'open' } }), {
          maxCount: 9,
        }),
        byOne: each(body.mixed, (item) => required(listBanners, { query: { slot: item } }), { maxCount: 9 }),
      }),
    );
    const list = [
      { id: 'a', slot: 'x' },
      { id: 'a', slot: 'y' },
      { id: 'b', slot: 'x' },
    ];
    await bench.finish(bench.start(both, { body: { list, mixed: ['1', '["1"]', '1'] } }, {}));
    expect(bench.calls.map(({ args }) => args.query)).toEqual([
      { customerId: 'a', state: 'open' },
      { customerId: 'b', state: 'open' },
      { slot: '1' },
      { slot: '["1"]' },
    ]);
  });

  it('is not made where the condition of the whole rules it out, which is no error', async () => {
    const asked = plan('asked', { input, deadlineMs: 500 }, ({ caller }) => {
      const page = required(listOrders, { query: { customerId: caller.subject } });
      const call = { maxCount: 3, when: caller.premium } as const;
      return {
        page,
        parcels: each(page.items, (order) => required(getParcel, { path: { id: order.parcelId } }), call),
      };
    });
    for (const [premium, count] of [
      [true, 3],
      [false, 1],
    ] as const) {
      bench.next();
      const page = { value: orders('a', 'b') };
      const run = bench.start(asked, { caller: { ...ada, premium } }, { page, parcels: echo });
      expect((await bench.finish(run)).result).toMatchObject({
        report: undefined,
        values: [{}, premium ? ['a', 'b'] : []],
      });
      expect(bench.calls).toHaveLength(count);
    }
  });

  it('has no items where the list is null, undefined or empty', async () => {
    for (const items of [null, undefined, []]) {
      bench.next();
      const { result } = await bench.finish(bench.start(strict, { caller: ada }, { page: { value: { items } } }));
      expect(result).toMatchObject({ values: [{}, []], report: undefined });
    }
  });

  it('fails the page where a required one fails, and starts no further', async () => {
    const run = bench.start(
      strict,
      { caller: ada },
      { page: { value: orders('a', 'b', 'c') }, parcels: { ...failing('a'), afterMs: 10 } },
    );
    expect((await bench.finish(run)).result).toMatchObject({
      kind: 'refused',
      code: 'GW_UPSTREAM_FAILED',
      part: 'parcels',
    });
    expect(bench.calls).toHaveLength(3);
  });

  it('fails its item only where it is optional', async () => {
    const run = bench.start(
      lenient,
      { caller: ada },
      { page: { value: orders('a', 'b', 'b') }, parcels: failing('b'), filled: failing('o1') },
    );
    expect((await bench.finish(run)).result).toMatchObject({
      values: [
        {},
        [
          { ok: true, value: 'a' },
          { ok: false, status: 'error' },
          { ok: false, status: 'error' },
        ],
        ['o0', null, null],
      ],
      report: {
        parcels: { items: { '1': 'error', '2': 'error' } },
        filled: { items: { '1': 'error', '2': 'skipped' } },
      },
    });
  });

  it('names the items beyond maxCount as skipped: a Part each where optional, the end of the list where required', async () => {
    const page = { value: orders('a', 'b', 'c', 'd', 'e') };
    const open = await bench.finish(bench.start(lenient, { caller: ada }, { page, parcels: echo, filled: echo }));
    const skipped = { ok: false, status: 'skipped' };
    expect(open.result).toMatchObject({
      values: [{}, [{ ok: true }, { ok: true }, { ok: true }, skipped, skipped], ['o0', 'o1', null, null, null]],
      report: { parcels: { items: { '3': 'skipped', '4': 'skipped' } } },
    });
    bench.next();
    const closed = await bench.finish(bench.start(strict, { caller: ada }, { page, parcels: echo }));
    expect(closed.result).toMatchObject({
      kind: 'finished',
      values: [{}, ['a', 'b', 'c']],
      report: { parcels: { items: { '3': 'skipped', '4': 'skipped' } } },
    });
  });

  it('does not guess where the upstream sent something else than a list', async () => {
    const page = { value: { items: 'none' } };
    expect((await bench.finish(bench.start(strict, { caller: ada }, { page }))).result).toMatchObject({
      code: 'GW_UPSTREAM_BAD_PAYLOAD',
      part: 'parcels',
    });
    bench.next();
    expect((await bench.finish(bench.start(lenient, { caller: ada }, { page }))).result).toMatchObject({
      values: [{}, [], []],
      report: { parcels: { status: 'bad_payload', source: 'none' }, filled: { status: 'bad_payload', source: 'none' } },
    });
  });

  it('fails one item where the upstream left out what its call needs', async () => {
    const { result } = await bench.finish(
      bench.start(lenient, { caller: ada }, { page: { value: orders('a', undefined) }, parcels: echo, filled: echo }),
    );
    expect(result).toMatchObject({ report: { parcels: { items: { '1': 'bad_payload' } } } });
  });

  it('goes through thousands of items that end at once', async () => {
    const many = plan('many', { input, deadlineMs: 500 }, ({ caller }) => {
      const page = required(listOrders, { query: { customerId: caller.subject } });
      const parcels = each(
        page.items,
        (order) => optional(getParcel, { path: { id: order.parcelId } }, { when: caller.premium }),
        { maxCount: 50_000 },
      );
      return { page, parcels };
    });
    const page = { value: orders(...Array.from({ length: 20_000 }, (_, n) => `p${n}`)) };
    const { result } = await bench.finish(bench.start(many, { caller: { ...ada, premium: false } }, { page }));
    expect([result, bench.calls.length]).toMatchObject([{ kind: 'finished', report: undefined }, 1]);
  });
});

describe('a call per item of a part that may be missing', () => {
  const unsure = plan('unsure', { input, deadlineMs: 500 }, ({ caller }) => {
    const page = optional(listOrders, { query: { customerId: caller.subject } }, { when: caller.premium });
    const parcels = each(page.items, (order) => optional(getParcel, { path: { id: order.parcelId } }), { maxCount: 3 });
    return { page, parcels };
  });

  it('is a Part of a list', async () => {
    const { result } = await bench.finish(
      bench.start(unsure, { caller: ada }, { page: { value: orders('a') }, parcels: echo }),
    );
    expect(result).toMatchObject({
      values: [{ ok: true }, { ok: true, value: [{ ok: true, value: 'a' }] }],
      report: undefined,
    });
  });

  it('is skipped with it, and ruled out with it', async () => {
    const missing = await bench.finish(bench.start(unsure, { caller: ada }, { page: { failure: failed } }));
    expect(missing.result).toMatchObject({
      report: { page: { status: 'error' }, parcels: { status: 'skipped', source: 'none' } },
    });
    bench.next();
    const ruledOut = await bench.finish(bench.start(unsure, { caller: { ...ada, premium: false } }, {}));
    expect(ruledOut.result).toMatchObject({
      kind: 'finished',
      values: [{ ok: false }, { ok: false }],
      report: undefined,
    });
  });
});
