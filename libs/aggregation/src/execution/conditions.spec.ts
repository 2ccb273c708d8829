import { beforeEach, describe, expect, it } from 'vitest';
import { failed, PlanBench } from '../fixtures/plan-runs.js';
import { createOrder, getParcel, getUser, listBanners, listOrders, type Shopper } from '../fixtures/plan-shop.js';
import { problem } from '../model/refusals.js';
import { given } from '../model/schema.js';
import { plan } from '../plan/plan.js';
import { atLeastOne, each, optional, required, write } from '../plan/verbs.js';

let bench: PlanBench;
beforeEach(() => (bench = new PlanBench()));
const options = { input: { caller: given<Shopper>() }, deadlineMs: 100, reserveMs: 0 };
const ada: Shopper = { subject: 'ada', premium: true };
const bob: Shopper = { subject: 'bob', premium: false };
const sent = () => bench.calls.map(({ part, at }) => `${part} ${at}`);
const order = { body: { customerId: 'c', skus: [] } };

describe('a required call under a condition', () => {
  const club = plan('club', options, ({ caller }) => {
    const member = required(getUser, { path: { id: caller.subject } }, { when: caller.premium });
    const parcel = required(getParcel, { path: { id: member.nick } }, { when: caller.premium });
    const friend = optional(getUser, { path: { id: member.id } });
    const banners = required(listBanners, {});
    return { member, parcel, friend, banners };
  });

  it('is there where it holds, and what reads it may be required, too', async () => {
    const replies = {
      member: { value: { id: 'ada', nick: 'p1' } },
      parcel: { value: 'parcel' },
      friend: { value: 'f' },
      banners: {},
    };
    const { result } = await bench.finish(bench.start(club, { caller: ada }, replies));
    expect(result).toMatchObject({
      kind: 'finished',
      values: [{ ok: true }, { ok: true, value: 'parcel' }, { ok: true, value: 'f' }, undefined],
      report: undefined,
    });
    expect(bench.calls.map(({ args }) => args.path?.['id'])).toEqual(['ada', undefined, 'p1', 'ada']);
  });

  it('is missing without an error where it does not hold, and so is what reads it', async () => {
    const { result } = await bench.finish(bench.start(club, { caller: bob }, { banners: { value: [] } }));
    const ruledOut = { ok: false, status: 'skipped' };
    expect(result).toEqual({ kind: 'finished', values: [ruledOut, ruledOut, ruledOut, []], report: undefined });
    expect(sent()).toEqual(['banners 0']);
  });

  it('fails the page where it holds and the call fails', async () => {
    const { result } = await bench.finish(bench.start(club, { caller: ada }, { member: { failure: failed } }));
    expect(result).toMatchObject({ kind: 'refused', code: 'GW_UPSTREAM_FAILED', part: 'member' });
  });

  it('fails the page at the deadline only where it holds', async () => {
    const late = plan('late', options, ({ caller }) => {
      const flags = optional(getUser, { path: { id: caller.subject } }, { fallback: { id: '', name: '' } });
      const member = required(getUser, { path: { id: flags.id } }, { when: caller.premium });
      return { flags, member };
    });
    const slow = { flags: { afterMs: 200, value: {} } };
    expect((await bench.finish(bench.start(late, { caller: bob }, slow))).result).toMatchObject({
      kind: 'finished',
      values: [
        { id: '', name: '' },
        { ok: false, status: 'skipped' },
      ],
      report: { flags: { status: 'timeout', source: 'fallback' } },
    });
    bench.next();
    expect((await bench.finish(bench.start(late, { caller: ada }, slow))).result).toMatchObject({
      kind: 'refused',
      code: 'GW_DEADLINE_EXCEEDED',
      part: 'member',
    });
  });
});

describe('a write under a condition', () => {
  const maybe = plan('maybe', options, ({ caller }) => {
    const made = write(createOrder, order, { when: caller.premium });
    const user = required(getUser, { path: { id: 'u' } }, { after: [made] });
    return { made, user };
  });

  it('is sent where it holds, and otherwise missing; its absence is no change of the request', async () => {
    const replies = { made: { value: { id: 'o' }, afterMs: 7 }, user: { value: 'u' } };
    expect((await bench.finish(bench.start(maybe, { caller: ada }, replies))).result).toMatchObject({
      values: [{ ok: true, value: { id: 'o' } }, 'u'],
    });
    expect(sent()).toEqual(['made 0', 'user 7']);
    bench.next();
    expect((await bench.finish(bench.start(maybe, { caller: bob }, replies))).result).toMatchObject({
      values: [{ ok: false, status: 'skipped' }, 'u'],
    });
    bench.next();
    const { result } = await bench.finish(bench.start(maybe, { caller: bob }, { user: { failure: failed } }));
    expect(result).toMatchObject({ code: 'GW_UPSTREAM_FAILED', part: 'user' });
    expect(result).toMatchObject({ writes: { done: [], notSent: [] } });
  });
});

describe('a read after a write', () => {
  it('waits for its end, whatever it reads', async () => {
    const shown = plan('shown', options, ({ caller }) => {
      const made = write(createOrder, order);
      const early = required(listBanners, {});
      const page = required(listOrders, { query: { customerId: caller.subject } }, { after: [made] });
      const parcels = each(
        page.items,
        (one) => optional(getParcel, { path: { id: one.parcelId } }, { after: [early] }),
        {
          maxCount: 2,
        },
      );
      return { made, early, page, parcels };
    });
    const replies = {
      made: { value: {}, afterMs: 30 },
      page: { value: { items: [{ parcelId: 'p' }] } },
      early: { afterMs: 50 },
    };
    await bench.finish(bench.start(shown, { caller: ada }, replies));
    expect(sent()).toEqual(['made 0', 'early 0', 'page 30', 'parcels 50']);
  });
});

describe('at least one of several parts', () => {
  const nothing = problem(503, 'nothing_to_show', 'Nothing can be shown now.');
  const build = (refusal?: typeof nothing) =>
    plan('shelf', options, ({ caller }) => {
      const offers = optional(listBanners, { query: { slot: 'offers' } });
      const news = optional(listBanners, { query: { slot: 'news' } }, { when: caller.premium });
      const user = required(getUser, { path: { id: 'u' } });
      if (refusal === undefined) atLeastOne([offers, news]);
      else atLeastOne([offers, news], refusal);
      return { offers, news, user };
    });
  const user = { value: 'u' };

  it('is enough', async () => {
    const replies = { offers: { failure: failed }, news: { value: [] }, user };
    expect((await bench.finish(bench.start(build(nothing), { caller: ada }, replies))).result).toMatchObject({
      kind: 'finished',
      values: [{ ok: false, status: 'error' }, { ok: true, value: [] }, 'u', undefined],
      report: { offers: { status: 'error', source: 'none' } },
    });
  });

  it('must be there: otherwise the request ends with the problem', async () => {
    const replies = { offers: { failure: failed }, news: { failure: failed, afterMs: 5 }, user };
    expect((await bench.finish(bench.start(build(nothing), { caller: ada }, replies))).result).toEqual({
      kind: 'refused',
      status: 503,
      code: 'nothing_to_show',
      detail: 'Nothing can be shown now.',
    });
    bench.next();
    expect((await bench.finish(bench.start(build(), { caller: bob }, replies))).result).toMatchObject({
      kind: 'refused',
      status: 502,
      code: 'GW_UPSTREAM_FAILED',
    });
  });

  it('is looked for at the deadline, too', async () => {
    const slow = { offers: { afterMs: 500 }, news: { afterMs: 500 }, user };
    const { result, afterMs } = await bench.finish(bench.start(build(nothing), { caller: ada }, slow));
    expect([afterMs, result]).toMatchObject([100, { code: 'nothing_to_show' }]);
  });
});

describe('a value that an optional call needs and that may be absent', () => {
  it('leaves out the call, with `skipped` in the report; a response that breaks its contract stays a bad payload', async () => {
    const keyed = plan('keyed', options, ({ caller }) => {
      const tier = optional(getUser, { path: { id: caller.tier } });
      const named = optional(getUser, { path: { id: caller.subject } });
      const nick = optional(getParcel, { path: { id: named.nick } });
      return { tier, named, nick };
    });
    const { result } = await bench.finish(bench.start(keyed, { caller: bob }, { named: { value: {} } }));
    expect(result).toMatchObject({
      report: { tier: { status: 'skipped', source: 'none' }, nick: { status: 'bad_payload' } },
    });
    expect(sent()).toEqual(['named 0']);
  });
});
