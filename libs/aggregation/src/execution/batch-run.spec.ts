import { beforeEach, describe, expect, it } from 'vitest';
import { failed, PlanBench, type Reply } from '../fixtures/plan-runs.js';
import { listBanners, listOrders, type Shopper } from '../fixtures/plan-shop.js';
import { getStock, searchStock } from '../fixtures/stock-shop.js';
import { batch, keys } from '../plan/batch.js';
import { plan } from '../plan/plan.js';
import { given } from '../model/schema.js';
import { optional, required, step } from '../plan/verbs.js';

let bench: PlanBench;
beforeEach(() => (bench = new PlanBench()));
const input = { caller: given<Shopper>() };
const ada: Shopper = { subject: 'ada', premium: true };
const skusIn = (args: { query?: Readonly<Record<string, unknown>> }): readonly string[] => {
  const skus = args.query?.['sku'];
  return Array.isArray(skus) ? skus.map(String) : [];
};
const row = (sku: string) => ({ sku, left: sku.length });
/** Knows every key; fails the calls that ask for one of these. */
const stockBut = (...bad: readonly string[]): Reply => ({
  afterMs: 10,
  make: (args) => {
    const skus = skusIn(args);
    return skus.some((sku) => bad.includes(sku)) ? failed : { ok: true, value: skus.toReversed().map(row) };
  },
});
const orders = (...skus: unknown[]): Reply => ({
  value: { items: skus.map((sku) => ({ id: 'o', parcelId: 'p', sku })) },
});

const stockOf = (need: 'required' | 'optional') =>
  plan('stocked', { input, deadlineMs: 100, reserveMs: 0 }, ({ caller }) => {
    const page = required(listOrders, { query: { customerId: caller.subject } });
    const from = keys(page.items, (order) => order.sku);
    const bounds = { by: 'sku', size: 2, maxCount: 5, concurrency: 2 } as const;
    const stock =
      need === 'required'
        ? batch(from, (sku) => required(getStock, { query: { sku } }), bounds)
        : batch(from, (sku) => optional(getStock, { query: { sku } }), bounds);
    return { page, stock };
  });
const table = (result: unknown): Readonly<Record<string, unknown>> => {
  const values: unknown = typeof result === 'object' && result !== null && 'values' in result ? result.values : [];
  const found: unknown = Array.isArray(values) ? values.find((value) => value instanceof Map) : undefined;
  return found instanceof Map
    ? (Object.fromEntries(found) as Readonly<Record<string, unknown>>)
    : expect.fail('no table');
};

describe('a bulk call over keys', () => {
  it('asks once for each key, so many per call and so many calls at a time, and matches the rows by key', async () => {
    const run = bench.start(
      stockOf('required'),
      { caller: ada },
      { page: orders('a', 'b', 'a', 'c', 'd', 'e'), stock: stockBut() },
    );
    const { result, afterMs } = await bench.finish(run);
    expect(table(result)).toEqual({ a: row('a'), b: row('b'), c: row('c'), d: row('d'), e: row('e') });
    expect(bench.calls.slice(1).map(({ args, at }) => [skusIn(args), at])).toEqual([
      [['a', 'b'], 0],
      [['c', 'd'], 0],
      [['e'], 10],
    ]);
    expect([afterMs, result]).toMatchObject([20, { kind: 'finished', report: undefined }]);
  });

  it('has no row for a key that the upstream does not know, and asks for no key that is null or missing', async () => {
    const unknown: Reply = { value: [row('b')] };
    const run = bench.start(
      stockOf('required'),
      { caller: ada },
      { page: orders('a', null, 'b', undefined), stock: unknown },
    );
    const { result } = await bench.finish(run);
    expect([table(result), result]).toMatchObject([{ b: row('b') }, { report: undefined }]);
    expect(skusIn(bench.calls[1]?.args ?? {})).toEqual(['a', 'b']);
  });

  it('fails only the keys of the call that fails, where it is optional', async () => {
    const run = bench.start(
      stockOf('optional'),
      { caller: ada },
      { page: orders('a', 'b', 'c'), stock: stockBut('b') },
    );
    const { result } = await bench.finish(run);
    expect([table(result), result]).toMatchObject([
      { c: row('c') },
      { kind: 'finished', report: { stock: { items: { a: 'error', b: 'error' } } } },
    ]);
  });

  it('fails the page where it is required', async () => {
    const run = bench.start(
      stockOf('required'),
      { caller: ada },
      { page: orders('a', 'b', 'c'), stock: stockBut('b') },
    );
    expect((await bench.finish(run)).result).toMatchObject({
      kind: 'refused',
      part: 'stock',
      code: 'GW_UPSTREAM_FAILED',
    });
  });

  it('names the keys beyond its bound, and asks for none of them', async () => {
    const run = bench.start(
      stockOf('required'),
      { caller: ada },
      { page: orders('a', 'b', 'c', 'd', 'e', 'f', 'g'), stock: stockBut() },
    );
    expect((await bench.finish(run)).result).toMatchObject({
      kind: 'finished',
      report: { stock: { items: { f: 'skipped', g: 'skipped' } } },
    });
    expect(bench.calls.slice(1).flatMap(({ args }) => skusIn(args))).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('names the keys that the deadline cut off, and keeps the rows that came before', async () => {
    const slowFor = (sku: string): Reply => ({
      make: (args) => ({ ok: true, value: skusIn(args).map(row) }),
      afterMs: sku === '' ? 0 : 60,
    });
    const run = bench.start(
      stockOf('optional'),
      { caller: ada },
      { page: orders('a', 'b', 'c', 'd', 'e'), stock: slowFor('all') },
    );
    const { result, afterMs } = await bench.finish(run);
    expect([afterMs, Object.keys(table(result)), result]).toMatchObject([
      100,
      ['a', 'b', 'c', 'd'],
      { report: { stock: { items: { e: 'timeout' } } } },
    ]);
  });

  it('takes its keys from many places, lists in lists among them; what is missing brings none', async () => {
    interface Cart {
      lines: { parts: { sku: string }[] }[];
    }
    const many = plan('many', { input: { cart: given<Cart>() }, deadlineMs: 100 }, ({ cart }) => {
      const banners = optional(listBanners, {});
      const own = step({ cart }, () => ['x', 'a']);
      const stock = batch(
        [keys(cart.lines, (line) => keys(line.parts, (part) => part.sku)), own, keys(banners, (banner) => banner.id)],
        (sku) => optional(getStock, { query: { sku } }),
        { by: 'sku', size: 10, maxCount: 10 },
      );
      return { banners, stock };
    });
    const cart: Cart = { lines: [{ parts: [{ sku: 'a' }, { sku: 'b' }] }, { parts: [] }, { parts: [{ sku: 'c' }] }] };
    const run = bench.start(many, { cart }, { banners: { failure: failed }, stock: stockBut() });
    const { result } = await bench.finish(run);
    expect(Object.keys(table(result)).toSorted()).toEqual(['a', 'b', 'c', 'x']);
    expect(result).toMatchObject({ report: { banners: { status: 'error' } } });
    expect(result).not.toHaveProperty('report.stock');
  });

  it('is skipped, with an empty table, where all that its keys come from is missing', async () => {
    const alone = plan('alone', { input, deadlineMs: 100 }, () => {
      const banners = optional(listBanners, {});
      const stock = batch(
        keys(banners, (banner) => banner.id),
        (sku) => required(getStock, { query: { sku } }),
        {
          by: 'sku',
          size: 10,
          maxCount: 10,
        },
      );
      return { banners, stock };
    });
    const { result } = await bench.finish(bench.start(alone, { caller: ada }, { banners: { failure: failed } }));
    expect([table(result), result, bench.calls.length]).toMatchObject([
      {},
      { kind: 'finished', report: { stock: { status: 'skipped', source: 'none' } } },
      1,
    ]);
  });

  it('is not made where its condition rules it out, which is no error', async () => {
    const asked = plan('asked', { input, deadlineMs: 100 }, ({ caller }) => {
      const page = required(listOrders, { query: { customerId: caller.subject } });
      const stock = batch(
        keys(page.items, (order) => order.sku),
        (sku) => required(getStock, { query: { sku } }),
        {
          by: 'sku',
          size: 10,
          maxCount: 10,
          when: caller.premium,
        },
      );
      return { page, stock };
    });
    const run = bench.start(asked, { caller: { ...ada, premium: false } }, { page: orders('a') });
    const { result } = await bench.finish(run);
    expect([table(result), result, bench.calls.length]).toMatchObject([{}, { report: undefined }, 1]);
  });

  it('finds its rows in a member of the response, and uses a fallback where a call fails', async () => {
    const searched = plan('searched', { input, deadlineMs: 100 }, ({ caller }) => {
      const page = required(listOrders, { query: { customerId: caller.subject } });
      const stock = batch(
        keys(page.items, (order) => order.sku),
        (skus) => optional(searchStock, { body: { skus } }, { fallback: { rows: [row('zero')] } }),
        { by: 'sku', items: 'rows', size: 1, maxCount: 10 },
      );
      return { page, stock };
    });
    const stock: Reply = {
      make: ({ body }) =>
        JSON.stringify(body).includes('b') ? failed : { ok: true, value: { rows: [row('a')], next: 'more' } },
    };
    const { result } = await bench.finish(bench.start(searched, { caller: ada }, { page: orders('a', 'b'), stock }));
    expect([table(result), result]).toMatchObject([
      { a: row('a'), zero: row('zero') },
      { report: { stock: { items: { b: 'error' } } } },
    ]);
  });

  it('does not guess where the upstream sent something else than a list', async () => {
    const stock: Reply = { value: { rows: [] } };
    const lenient = await bench.finish(bench.start(stockOf('optional'), { caller: ada }, { page: orders('a'), stock }));
    expect(lenient.result).toMatchObject({ report: { stock: { items: { a: 'bad_payload' } } } });
    bench.next();
    const strict = await bench.finish(bench.start(stockOf('required'), { caller: ada }, { page: orders('a'), stock }));
    expect(strict.result).toMatchObject({ kind: 'refused', code: 'GW_UPSTREAM_BAD_PAYLOAD', part: 'stock' });
    bench.next();
    const noList = { value: { items: 'none' } };
    const blind = await bench.finish(bench.start(stockOf('optional'), { caller: ada }, { page: noList }));
    expect(blind.result).toMatchObject({ report: { stock: { status: 'bad_payload', source: 'none' } } });
  });
});
