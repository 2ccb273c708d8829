import { beforeEach, describe, expect, it } from 'vitest';
import { failed, PlanBench, type Reply } from '../fixtures/plan-runs.js';
import { listBanners, type Shopper } from '../fixtures/plan-shop.js';
import { listParcels } from '../fixtures/stock-shop.js';
import { pages } from '../plan/pages.js';
import { plan } from '../plan/plan.js';
import { given } from '../model/schema.js';
import { optional, required } from '../plan/verbs.js';

let bench: PlanBench;
beforeEach(() => (bench = new PlanBench()));
const input = { caller: given<Shopper>() };
const options = { input, deadlineMs: 100, reserveMs: 0 };
const ada: Shopper = { subject: 'ada', premium: true };
const id = (n: number) => ({ id: `p${n}` });
/** So many pages of two; the page at `fails` fails. */
const parcels = (count: number, fails = -1): Reply => ({
  afterMs: 10,
  make: ({ query }) => {
    const page = Number(query?.['cursor'] ?? 0);
    const next = page + 1 < count ? String(page + 1) : null;
    return page === fails ? failed : { ok: true, value: { items: [id(2 * page), id(2 * page + 1)], next } };
  },
});
const bounds = { items: 'items', next: 'next', maxPages: 3, maxItems: 5 } as const;
const strict = plan('strict', options, () => ({
  parcels: pages((cursor) => required(listParcels, { query: { cursor, limit: 2 } }), bounds),
}));
const lenient = plan('lenient', options, () => ({
  parcels: pages((cursor) => optional(listParcels, { query: { cursor } }), bounds),
}));
const filled = plan('filled', options, () => ({
  parcels: pages(
    (cursor) => optional(listParcels, { query: { cursor } }, { fallback: { items: [id(9)], next: null } }),
    bounds,
  ),
}));

describe('a list in pages', () => {
  it('is gathered page by page, each beginning where the one before says', async () => {
    const { result, afterMs } = await bench.finish(bench.start(strict, { caller: ada }, { parcels: parcels(2) }));
    expect(result).toEqual({ kind: 'finished', values: [[id(0), id(1), id(2), id(3)]], report: undefined });
    expect(bench.calls.map(({ args, at }) => [args, at])).toEqual([
      [{ query: { limit: 2 } }, 0],
      [{ query: { limit: 2, cursor: '1' } }, 10],
    ]);
    expect(afterMs).toBe(20);
  });

  it('ends at the bound of its items, and of its pages, and says from where on it is missing', async () => {
    const items = await bench.finish(bench.start(strict, { caller: ada }, { parcels: parcels(9) }));
    const five = [0, 1, 2, 3, 4].map(id);
    expect(items.result).toEqual({
      kind: 'finished',
      values: [five],
      report: { parcels: { status: 'skipped', source: 'none', from: 5 } },
    });
    bench.next();
    const two = plan('two', options, () => ({
      parcels: pages((cursor) => required(listParcels, { query: { cursor } }), {
        ...bounds,
        maxPages: 2,
        maxItems: 50,
      }),
    }));
    const run = await bench.finish(bench.start(two, { caller: ada }, { parcels: parcels(9) }));
    expect([run.result, bench.calls.length]).toMatchObject([
      { report: { parcels: { status: 'skipped', from: 4 } } },
      2,
    ]);
  });

  it('is complete where it ends at its bound', async () => {
    const exact = plan('exact', options, () => ({
      parcels: pages((cursor) => required(listParcels, { query: { cursor } }), { ...bounds, maxPages: 2, maxItems: 4 }),
    }));
    const { result } = await bench.finish(bench.start(exact, { caller: ada }, { parcels: parcels(2) }));
    expect(result).toMatchObject({ report: undefined });
  });

  it('fails the page where a required one fails', async () => {
    const { result } = await bench.finish(bench.start(strict, { caller: ada }, { parcels: parcels(3, 1) }));
    expect(result).toMatchObject({ kind: 'refused', part: 'parcels', code: 'GW_UPSTREAM_FAILED' });
  });

  it('ends before an optional page that fails, and is missing where the first one does', async () => {
    const later = await bench.finish(bench.start(lenient, { caller: ada }, { parcels: parcels(3, 1) }));
    expect(later.result).toMatchObject({
      values: [{ ok: true, value: [id(0), id(1)] }],
      report: { parcels: { status: 'error', source: 'none', from: 2 } },
    });
    bench.next();
    const first = await bench.finish(bench.start(lenient, { caller: ada }, { parcels: { failure: failed } }));
    expect(first.result).toMatchObject({
      values: [{ ok: false, status: 'error' }],
      report: { parcels: { status: 'error', source: 'none' } },
    });
    bench.next();
    const instead = await bench.finish(bench.start(filled, { caller: ada }, { parcels: { failure: failed } }));
    expect(instead.result).toMatchObject({
      values: [[id(9)]],
      report: { parcels: { status: 'error', source: 'fallback' } },
    });
  });

  it('ends where the deadline passes', async () => {
    const slow: Reply = { ...parcels(9), afterMs: 60 };
    const { result, afterMs } = await bench.finish(bench.start(lenient, { caller: ada }, { parcels: slow }));
    expect([afterMs, result]).toMatchObject([100, { report: { parcels: { status: 'timeout', from: 2 } } }]);
  });

  it('counts pages where the upstream has numbers instead of cursors', async () => {
    const numbered = plan('numbered', options, () => ({
      banners: pages((slot) => required(listBanners, { query: { slot } }), {
        next: (page, count) => (page.length < 2 ? undefined : count + 1),
        maxPages: 9,
        maxItems: 9,
      }),
    }));
    const banners: Reply = {
      make: ({ query }) => ({ ok: true, value: query?.['slot'] === 3 ? [{ id: 'z' }] : [{ id: 'a' }, { id: 'b' }] }),
    };
    const { result } = await bench.finish(bench.start(numbered, { caller: ada }, { banners }));
    expect(bench.calls.map(({ args }) => args.query)).toEqual([{}, { slot: 2 }, { slot: 3 }]);
    expect(result).toMatchObject({ values: [{ length: 5 }], report: undefined });
  });

  it('is not gathered for ever from an upstream that names a page again, or holds no list', async () => {
    const round: Reply = { value: { items: [id(1)], next: 'again' } };
    const { result } = await bench.finish(bench.start(lenient, { caller: ada }, { parcels: round }));
    expect([result, bench.calls.length]).toMatchObject([
      { report: { parcels: { status: 'bad_payload', from: 2 } } },
      2,
    ]);
    bench.next();
    const none = await bench.finish(bench.start(strict, { caller: ada }, { parcels: { value: [] } }));
    expect(none.result).toMatchObject({ code: 'GW_UPSTREAM_BAD_PAYLOAD', part: 'parcels' });
  });
});
