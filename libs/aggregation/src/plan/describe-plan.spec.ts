import { describe, expect, it } from 'vitest';
import { describePlan } from './describe-plan.js';
import { getParcel, getUser, listBanners, listOrders, type Shopper } from '../fixtures/plan-shop.js';
import { headerKey, toHeader } from '../run/parts-report.js';
import { plan } from './plan.js';
import { problemStatuses } from './plan-problems.js';
import { problem } from './refusals.js';
import { given } from './schema.js';
import { each, optional, required, step } from './verbs.js';

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

  it('has keys without capitals', () => {
    expect(['banners', 'relatedItems', 'URLs', 'a1B2'].map(headerKey)).toEqual([
      'banners',
      'related_items',
      'u_r_ls',
      'a1_b2',
    ]);
  });
});
