import type { Caller } from '@frontage/context';
import { beforeEach, describe, expect, it } from 'vitest';
import { describePlan } from '../describe/describe-plan.js';
import { failed, PlanBench } from '../fixtures/plan-runs.js';
import { createOrder, getParcel, getUser, listBanners, listOrders, type Shopper } from '../fixtures/plan-shop.js';
import { given } from '../model/schema.js';
import { lastGood } from '../plan/fallbacks.js';
import { plan, type Plan } from '../plan/plan.js';
import { each, optional, required, write } from '../plan/verbs.js';

let bench: PlanBench;
beforeEach(() => (bench = new PlanBench()));
const options = { input: { caller: given<Shopper>() }, deadlineMs: 100, reserveMs: 0 };
const shopper: Shopper = { subject: 'ada', premium: true };
const access = { scope: 'offers:read' };
const holder = (changes: Partial<Caller> = {}): Caller => ({
  subject: 'ada',
  scopes: ['offers:read'],
  roles: [],
  ...changes,
});
const without = holder({ scopes: ['other'] });

const run = async <Parts>(
  plan: Plan<{ caller: Shopper }, Parts>,
  caller: Caller | undefined,
  replies: Parameters<PlanBench['start']>[2] = {},
) => {
  bench.next();
  bench.context.caller = caller;
  const { result } = await bench.finish(bench.start(plan, { caller: shopper }, replies));
  return { result, sent: bench.calls.map(({ part }) => part) };
};

describe('an optional call with access', () => {
  const page = plan('page', options, ({ caller }) => {
    const user = required(getUser, { path: { id: caller.subject } });
    const offers = optional(listBanners, { query: { slot: user.name } }, { access });
    const parcel = optional(getParcel, { path: { id: 'p' } }, { access, fallback: { id: '', state: 'packed' } });
    return { user, offers, parcel };
  });
  const replies = {
    user: { value: { id: 'ada', name: 'Ada' } },
    offers: { value: [] },
    parcel: { value: { id: 'p' } },
  };

  it('is sent for a caller who may', async () => {
    const { result, sent } = await run(page, holder(), replies);
    expect(result).toMatchObject({ kind: 'finished', report: undefined });
    expect(sent).toEqual(['user', 'parcel', 'offers']);
  });

  it.each([
    ['a caller who may not', without],
    ['no caller', undefined],
  ])('is forbidden for %s: not sent, with its fallback or missing', async (_, caller) => {
    const { result, sent } = await run(page, caller, replies);
    expect(result).toMatchObject({
      kind: 'finished',
      values: [{ name: 'Ada' }, { ok: false, status: 'forbidden' }, { id: '', state: 'packed' }],
      report: { offers: { status: 'forbidden', source: 'none' }, parcel: { status: 'forbidden', source: 'fallback' } },
    });
    expect(sent).toEqual(['user']);
  });

  it('gives no value that was kept from a call of someone who may, but another operation with its own rule', async () => {
    const kept = plan('kept', options, () => ({
      offers: optional(listBanners, {}, { access, fallback: lastGood({ maxAgeMs: 60_000 }) }),
    }));
    await run(kept, holder(), { offers: { value: [{ id: '1', title: 'x' }] } });
    // The call fails for one who may: the kept value stands in.
    expect((await run(kept, holder(), { offers: { failure: failed } })).result).toMatchObject({
      report: { offers: { source: 'last_good' } },
    });
    expect((await run(kept, without)).result).toMatchObject({
      report: { offers: { status: 'forbidden', source: 'none' } },
    });
    const other = plan('other', options, () => ({
      offers: optional(listBanners, {}, { access, fallback: optional(listBanners, { query: { slot: 'open' } }) }),
    }));
    const { result, sent } = await run(other, without, { 'offers.fallback': { value: [] } });
    expect(result).toMatchObject({ report: { offers: { status: 'forbidden', source: 'operation' } } });
    expect(sent).toEqual(['offers.fallback']);
  });

  it('makes what reads it skipped', async () => {
    const chain = plan('chain', options, () => {
      const first = optional(getUser, { path: { id: 'x' } }, { access });
      const second = optional(getParcel, { path: { id: first.id } });
      return { first, second };
    });
    expect((await run(chain, without)).result).toMatchObject({
      report: { first: { status: 'forbidden' }, second: { status: 'skipped' } },
    });
  });

  it('holds for each item of a list', async () => {
    const many = plan('many', options, () => {
      const orders = required(listOrders, { query: { customerId: 'ada' } });
      const parcels = each(orders.items, (item) => optional(getParcel, { path: { id: item.parcelId } }, { access }), {
        maxCount: 9,
      });
      return { orders, parcels };
    });
    const items = [
      { id: '1', parcelId: 'a', sku: 's' },
      { id: '2', parcelId: 'b', sku: 't' },
    ];
    const { result, sent } = await run(many, without, { orders: { value: { items } } });
    expect(sent).toEqual(['orders']);
    expect(result).toMatchObject({ report: { parcels: { items: { 0: 'forbidden', 1: 'forbidden' } } } });
  });
});

describe('a required call with access', () => {
  const order = { body: { customerId: 'c', skus: [] } };
  const page = plan('checkout', options, () => {
    const made = write(createOrder, order);
    const offers = required(listBanners, {}, { access, after: [made] });
    return { made, offers };
  });

  it('refuses a caller who may not, before anything is sent', async () => {
    const { result, sent } = await run(page, without);
    expect(result).toEqual({
      kind: 'refused',
      status: 403,
      code: 'GW_FORBIDDEN',
      part: 'offers',
      headers: { 'www-authenticate': 'Bearer error="insufficient_scope", scope="offers:read"' },
    });
    expect(sent).toEqual([]);
    expect((await run(page, holder(), { made: { value: { id: 'o' } }, offers: { value: [] } })).sent).toEqual([
      'made',
      'offers',
    ]);
  });

  it('asks for a stronger or fresher login (RFC 9470)', async () => {
    const strong = plan('strong', options, () => ({
      made: write(createOrder, order, { access: { acr: ['mfa', 'phr'], maxAge: 300 } }),
    }));
    const now = bench.clock.wallTime() / 1000;
    expect((await run(strong, holder({ acr: 'pwd', authenticatedAt: now }))).result).toMatchObject({
      status: 401,
      code: 'GW_UNAUTHENTICATED',
      headers: {
        'www-authenticate': 'Bearer error="insufficient_user_authentication", acr_values="mfa phr", max_age="300"',
      },
    });
    expect((await run(strong, holder({ acr: 'mfa', authenticatedAt: now - 301 }))).result).toMatchObject({
      status: 401,
    });
    const fresh = await run(strong, holder({ acr: 'mfa', authenticatedAt: now - 300 }), {
      made: { value: { id: 'o' } },
    });
    expect(fresh.result).toMatchObject({ kind: 'finished' });
  });

  it('refuses only where its condition holds', async () => {
    const maybe = plan('maybe', options, ({ caller }) => ({
      offers: required(listBanners, {}, { access, when: caller.premium }),
    }));
    expect((await run(maybe, without)).result).toMatchObject({ code: 'GW_FORBIDDEN', part: 'offers' });
    const { result } = await bench.finish(bench.start(maybe, { caller: { ...shopper, premium: false } }, {}));
    expect(result).toMatchObject({ kind: 'finished', report: undefined });
  });

  it('can be a write that the request can do without: it has its fallback value', async () => {
    const note = plan('note', options, () => ({
      made: write(createOrder, order, { access, fallback: { id: 'none' } }),
    }));
    const { result, sent } = await run(note, without);
    expect(result).toMatchObject({
      values: [{ id: 'none' }],
      report: { made: { status: 'forbidden', source: 'fallback' } },
    });
    expect(sent).toEqual([]);
  });
});

describe('access of a call', () => {
  it('is in the description of the plan', () => {
    const page = plan('described', options, () => ({
      offers: optional(listBanners, {}, { access: { role: 'gold', acr: 'mfa' } }),
    }));
    expect(describePlan(page).parts['offers']).toMatchObject({
      access: { allScopes: [], anyScopes: [], anyRoles: ['gold'], acr: ['mfa'] },
    });
  });

  it.each([[{ scope: 'a b' }], [{ scope: [] }], [{ role: '' }], [{ maxAge: 0 }], [{ acr: [] }]])(
    'is refused at the start where it is malformed: %j',
    (malformed) => {
      expect(() =>
        plan('malformed', options, () => ({ offers: optional(listBanners, {}, { access: malformed }) })),
      ).toThrow(/access of optional\(listBanners\) at .*caller-access\.spec\.ts/);
    },
  );
});
