import { describe, expect, it } from 'vitest';
import { describePlan } from './describe-plan.js';
import { getParcel, getUser, listBanners, listOrders, type Shopper } from '../fixtures/plan-shop.js';
import { getStock, listParcels, release, reserve } from '../fixtures/stock-shop.js';
import { headerKey, toHeader } from '../model/parts-report.js';
import { batch, keys } from '../plan/batch.js';
import { pages } from '../plan/pages.js';
import { plan } from '../plan/plan.js';
import { problemStatuses } from '../plan/plan-problems.js';
import { problem } from '../model/refusals.js';
import { given } from '../model/schema.js';
import { lastGood } from '../plan/fallbacks.js';
import { each, optional, required, step, write } from '../plan/verbs.js';

const options = { input: { caller: given<Shopper>() }, deadlineMs: 100 };

describe('a plan described', () => {
  it('says what it calls, what waits for what, what is read and where it goes', () => {
    const unknown = problem(400, 'user_unknown', 'There is no such user.');
    const described = describePlan(
      plan('mobile.home', options, ({ caller }) => {
        const user = required(getUser, { path: { id: caller.subject } }, { refuseOn: { 404: unknown } });
        const page = required(listOrders, { query: { customerId: user.id, limit: 3 } });
        const banners = optional(listBanners, {}, { timeoutMs: 150, fallback: [], when: caller.premium });
        const parcels = each(
          page.items,
          (order) => optional(getParcel, { path: { id: order.parcelId } }, { onStatus: { 404: null } }),
          { maxCount: 20 },
        );
        const first = step({ page, unknown }, (seen) => seen.page.items[0]?.id ?? seen.unknown());
        return { user, page, banners, parcels, first };
      }),
    );
    expect(described).toMatchObject({
      name: 'mobile.home',
      deadlineMs: 100,
      input: { caller: 'given' },
      waves: [['user', 'banners'], ['page'], ['parcels']],
    });
    expect(JSON.parse(JSON.stringify(described.parts))).toMatchObject({
      user: {
        kind: 'call',
        need: 'required',
        upstream: 'shop',
        operation: 'getUser',
        method: 'GET',
        after: [],
        reads: ['caller.subject'],
        refuses: { '404': '400 user_unknown' },
      },
      page: { after: ['user'], args: { query: { customerId: { $ref: 'user.id' }, limit: 3 } } },
      banners: { need: 'optional', timeoutMs: 150, fallback: [], when: 'caller.premium' },
      parcels: {
        kind: 'each',
        after: ['page'],
        reads: ['page.items', 'page.items[].parcelId'],
        maxCount: 20,
        concurrency: 16,
        onStatus: ['404'],
      },
      first: { kind: 'step', after: ['page'], refuses: { unknown: '400 user_unknown' } },
    });
  });
});

describe('bulk calls, pages, stand-ins and writes described', () => {
  const all = plan('all', { ...options, deadlineMs: 1000 }, ({ caller }) => {
    const page = required(listOrders, { query: { customerId: caller.subject } }, { timeoutMs: 100 });
    const stock = batch(
      keys(page.items, (order) => order.sku),
      (sku) => optional(getStock, { query: { sku } }, { timeoutMs: 30 }),
      { by: 'sku', size: 10, maxCount: 50, concurrency: 2, when: caller.premium },
    );
    const parcels = pages((cursor) => optional(listParcels, { query: { cursor } }, { timeoutMs: 50 }), {
      items: 'items',
      next: 'next',
      maxPages: 4,
      maxItems: 60,
    });
    const user = optional(
      getUser,
      { path: { id: 'a' } },
      {
        timeoutMs: 40,
        fallback: lastGood({
          maxAgeMs: 60_000,
          otherwise: optional(getUser, { path: { id: caller.subject } }, { timeoutMs: 20, fallback: null }),
        }),
      },
    );
    const held = write(
      reserve,
      { body: { sku: caller.subject } },
      {
        timeoutMs: 500,
        after: [page],
        undo: (made) => write(release, { path: { id: made.reservation } }, { timeoutMs: 300 }),
      },
    );
    return { page, stock, parcels, user, held };
  });
  const described = describePlan(all);

  it('say where keys come from, what ends a list, what stands in and what takes back', () => {
    expect(JSON.parse(JSON.stringify(described.parts))).toMatchObject({
      stock: {
        kind: 'batch',
        need: 'optional',
        operation: 'getStock',
        after: ['page'],
        keys: ['page.items[].sku'],
        by: 'sku',
        size: 10,
        maxCount: 50,
        concurrency: 2,
        when: 'caller.premium',
        timeoutMs: 30,
      },
      parcels: { kind: 'pages', items: 'items', next: 'next', maxPages: 4, maxItems: 60 },
      user: {
        fallback: null,
        fallbacks: [
          { kind: 'last_good', maxAgeMs: 60_000 },
          {
            kind: 'operation',
            operation: 'getUser',
            args: { path: { id: { $ref: 'caller.subject' } } },
            timeoutMs: 20,
          },
          { kind: 'value', value: null },
        ],
      },
      held: {
        need: 'write',
        undo: { operation: 'release', method: 'DELETE', upstream: 'stock', timeoutMs: 300 },
      },
    });
  });

  it('say how long the whole may take at worst, and through which parts', () => {
    expect(described.criticalPath).toEqual({ calls: ['page', 'held'], worstCaseMs: 600, undoMs: 300 });
    const tight = describePlan(all, { deadlineMs: 90, calls: { held: { timeoutMs: 10 }, page: { timeoutMs: 20 } } });
    expect([tight.deadlineMs, tight.criticalPath, tight.parts['page']?.timeoutMs]).toEqual([
      90,
      { calls: ['page', 'stock'], worstCaseMs: 90, undoMs: 300 },
      20,
    ]);
  });

  it('count every round of calls, and what is tried after a failure', () => {
    const worst = (make: Parameters<typeof plan>[2]) =>
      describePlan(plan('one', { deadlineMs: 1000 }, make)).criticalPath.worstCaseMs;
    const ids = () => step({}, () => ['a']);
    const user = { path: { id: 'a' } };
    expect(
      worst(() => {
        const list = ids();
        return { list, e: each(list, (id) => optional(getUser, { path: { id } }, { timeoutMs: 10 }), { maxCount: 9, concurrency: 4 }) }; // prettier-ignore
      }),
    ).toBe(30);
    expect(
      worst(() => {
        const list = ids();
        return {
          list,
          b: batch(list, (sku) => optional(getStock, { query: { sku } }, { timeoutMs: 10 }), {
            by: 'sku',
            size: 5,
            maxCount: 41,
            concurrency: 4,
          }),
        };
      }),
    ).toBe(30);
    expect(
      worst(() => ({
        u: optional(getUser, user, { timeoutMs: 10, fallback: optional(getUser, user, { timeoutMs: 7 }) }),
      })),
    ).toBe(17);
    expect(worst(() => ({ u: required(getUser, user) }))).toBe(1000);
  });
});

describe('the statuses of the problems of a plan', () => {
  it('are those that it declares, and the 404 of an upstream that nothing else was made of', () => {
    const gone = problem(410, 'gone', 'Gone.');
    const statuses = (build: () => ReturnType<typeof required<object, object, object, 'GET'>>) =>
      problemStatuses(plan('one', options, () => ({ part: build() })));
    expect(statuses(() => required(getUser, { path: { id: 'a' } }))).toEqual([404]);
    expect(statuses(() => required(getUser, { path: { id: 'a' } }, { refuseOn: { 404: gone } }))).toEqual([410]);
    expect(statuses(() => required(listBanners, {}))).toEqual([]);
    const handled = plan('two', options, ({ caller }) => ({
      user: required(getUser, { path: { id: 'a' } }, { onStatus: { 404: null } }),
      other: optional(getUser, { path: { id: 'a' } }),
      tier: step({ caller, gone }, (seen) => seen.caller.tier ?? seen.gone()),
    }));
    expect(problemStatuses(handled)).toEqual([410]);
  });
});

describe('the header Frontage-Parts', () => {
  it('is a dictionary of RFC 9651 that says what _parts says', () => {
    expect(
      toHeader({
        relatedItems: { status: 'timeout', source: 'fallback' },
        parcels: { items: { '3': 'error', '12': 'skipped' } },
        banners: { status: 'not_found', source: 'none' },
      }),
    ).toBe(
      'related_items=timeout;source=fallback, parcels=(3;status=error 12;status=skipped), banners=not_found;source=none',
    );
  });

  it('names keys as strings, and says age and where a list ends', () => {
    expect(
      toHeader({
        stock: { items: { '3': 'error', 'a "b"': 'skipped', ü: 'timeout' } },
        user: { status: 'error', source: 'last_good', ageMs: 30 },
        parcels: { status: 'skipped', source: 'none', from: 60 },
      }),
    ).toBe(
      'stock=(3;status=error "a \\"b\\"";status=skipped %"%c3%bc";status=timeout), user=error;source=last_good;age-ms=30, parcels=skipped;source=none;from=60',
    );
  });

  it('has keys without capitals', () => {
    expect(['banners', 'relatedItems', 'URLs', 'a1B2'].map(headerKey)).toEqual([
      'banners',
      'related_items',
      'u_r_ls',
      'a1_b2',
    ]);
  });
});
