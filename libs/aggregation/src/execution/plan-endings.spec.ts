import { beforeEach, describe, expect, it } from 'vitest';
import { failed, PlanBench, type Reply } from '../fixtures/plan-runs.js';
import { createOrder, getParcel, getUser, listBanners, listOrders, type Shopper } from '../fixtures/plan-shop.js';
import { plan } from '../plan/plan.js';
import { given } from '../model/schema.js';
import { each, optional, required, step, write } from '../plan/verbs.js';

let bench: PlanBench;
beforeEach(() => (bench = new PlanBench()));
const ada: Shopper = { subject: 'ada', premium: true };
const input = { caller: given<Shopper>() };
const order = (n: number) => ({ id: `o${n}`, parcelId: `p${n}`, sku: `s${n}` });
const orders = (...numbers: number[]) => ({ items: numbers.map(order) });

describe('the deadline', () => {
  const mixed = plan('mixed', { input, deadlineMs: 200, reserveMs: 20 }, ({ caller }) => {
    const profile = required(getUser, { path: { id: caller.subject } });
    const banners = optional(listBanners, {});
    const page = optional(listOrders, { query: { customerId: caller.subject } }, { fallback: { items: [] } });
    const parcels = each(page.items, (item) => optional(getParcel, { path: { id: item.parcelId } }), { maxCount: 9 });
    return { profile, banners, page, parcels };
  });

  it('responds without the optional parts that are still running, and stops them', async () => {
    const run = bench.start(
      mixed,
      { caller: ada },
      {
        profile: { value: {} },
        banners: { afterMs: 900 },
        page: { afterMs: 10, value: orders(1, 2) },
        parcels: { make: ({ path }) => ({ ok: true, value: path }), afterMs: 900 },
      },
    );
    const { result, afterMs } = await bench.finish(run);
    expect(afterMs).toBe(180);
    expect(result).toMatchObject({
      kind: 'finished',
      report: {
        banners: { status: 'timeout', source: 'none' },
        parcels: { items: { '0': 'timeout', '1': 'timeout' } },
      },
    });
    expect(bench.calls.map(({ scope }) => scope.cancellation.reason)).toEqual(bench.calls.map(() => 'deadline'));
  });

  it('starts nothing once it has passed', async () => {
    const { result } = await bench.finish(
      bench.start(mixed, { caller: ada }, { profile: { value: {} }, page: { afterMs: 900 }, banners: { value: [] } }),
    );
    expect(result).toMatchObject({ report: { page: { status: 'timeout', source: 'fallback' } } });
    expect(bench.calls.map(({ part }) => part)).toEqual(['profile', 'banners', 'page']);
  });

  it('ends the request where something required is still under way, and names it', async () => {
    const { result, afterMs } = await bench.finish(bench.start(mixed, { caller: ada }, { profile: { afterMs: 900 } }));
    expect(result).toEqual({ kind: 'refused', status: 504, code: 'GW_DEADLINE_EXCEEDED', part: 'profile' });
    expect(afterMs).toBe(180);
  });

  it('counts from the arrival of the request, and is the earlier of the two where the request has its own', async () => {
    await bench.clock.advance(100);
    const run = bench.start(mixed, { caller: ada }, {});
    expect(bench.calls[0]?.scope.deadlineAt).toBe(180);
    await bench.finish(run);
    bench.next();
    bench.context.deadlineAt = bench.clock.now() + 50;
    await bench.finish(bench.start(mixed, { caller: ada }, {}));
    expect(bench.calls[0]?.scope.deadlineAt).toBe(bench.context.deadlineAt - 20);
  });

  it('starts no call when nothing is left', async () => {
    bench.context.deadlineAt = 10;
    const { result } = await bench.finish(bench.start(mixed, { caller: ada }, {}));
    expect([result, bench.calls]).toMatchObject([{ code: 'GW_DEADLINE_EXCEEDED' }, []]);
  });

  it('holds where the request is told of it from outside', async () => {
    const run = bench.start(
      mixed,
      { caller: ada },
      { profile: { value: {} }, banners: { afterMs: 900 }, page: { value: orders() } },
    );
    await bench.clock.advance(5);
    bench.context.cancellation.cancel('deadline');
    expect(await run).toMatchObject({ kind: 'finished', report: { banners: { status: 'timeout' } } });
  });
});

describe('a client that leaves', () => {
  const slow = plan('slow', { input, deadlineMs: 200 }, ({ caller }) => {
    const profile = required(getUser, { path: { id: caller.subject } });
    return { profile, banners: optional(listBanners, {}) };
  });

  it('stops every call at once', async () => {
    const run = bench.start(slow, { caller: ada }, { profile: { afterMs: 50 }, banners: { afterMs: 50 } });
    await bench.clock.advance(5);
    bench.context.cancellation.cancel('client_gone');
    expect(bench.calls.map(({ scope }) => scope.cancellation.reason)).toEqual(['client_gone', 'client_gone']);
    expect(await run).toEqual({ kind: 'cancelled' });
    expect(bench.clock.timerCount).toBe(0);
  });

  it('before anything was sent, sends nothing', async () => {
    bench.context.cancellation.cancel('client_gone');
    expect(await bench.start(slow, { caller: ada }, {})).toEqual({ kind: 'cancelled' });
    expect(bench.calls).toEqual([]);
  });
});

describe('a write', () => {
  const buy = plan('buy', { input, deadlineMs: 200 }, ({ caller }) => {
    const profile = required(getUser, { path: { id: caller.subject } });
    const made = write(createOrder, { body: { customerId: caller.subject, skus: ['a'] } }, { timeoutMs: 500 });
    return { profile, made };
  });

  it('has its own timeout even past the deadline', async () => {
    await bench.finish(bench.start(buy, { caller: ada }, { made: { value: { id: 'o' } } }));
    expect(bench.calls.find(({ part }) => part === 'made')).toMatchObject({
      args: { body: { customerId: 'ada', skus: ['a'] } },
      scope: { deadlineAt: 500 },
    });
  });

  it.each<[string, Record<string, Reply>, () => void]>([
    ['a sibling fails', { profile: { afterMs: 10, failure: failed } }, () => undefined],
    ['the deadline passes', {}, () => undefined],
    ['the client leaves', { profile: { afterMs: 100 } }, () => bench.context.cancellation.cancel('client_gone')],
  ])('once sent, runs on when %s', async (_, answers, happens) => {
    const run = bench.start(buy, { caller: ada }, { ...answers, made: { afterMs: 400, value: {} } });
    await bench.clock.advance(5);
    happens();
    expect((await bench.finish(run)).result.kind).not.toBe('finished');
    const sent = bench.calls.find(({ part }) => part === 'made');
    expect([sent?.scope.cancellation.cancelled, bench.clock.timerCount]).toEqual([false, 1]);
  });

  it('is not sent once a sibling it waited with has failed', async () => {
    const after = plan('after', { input, deadlineMs: 200 }, ({ caller }) => {
      const profile = required(getUser, { path: { id: caller.subject } });
      const banners = required(listBanners, {});
      const first = step({ banners }, (seen) => seen.banners.map(({ id }) => id));
      return { profile, banners, made: write(createOrder, { body: { customerId: caller.subject, skus: first } }) };
    });
    await bench.finish(
      bench.start(
        after,
        { caller: ada },
        { profile: { afterMs: 10, failure: failed }, banners: { afterMs: 20, value: [] } },
      ),
    );
    expect(bench.calls.map(({ part }) => part)).toEqual(['profile', 'banners']);
  });
});

describe('a call that cannot be written as a request', () => {
  const unwritable: Reply = { failure: { ok: false, status: 'error', code: 'GW_INVALID_INPUT', unsent: true } };
  const parcelOf = plan('parcelOf', { input, deadlineMs: 200 }, ({ caller }) => {
    const page = required(listOrders, { query: { customerId: caller.subject } });
    const parcels = each(page.items, (item) => required(getParcel, { path: { id: item.parcelId } }), { maxCount: 9 });
    return { page, parcels };
  });

  it('is the mistake of the input where something of it came from there', async () => {
    const { result } = await bench.finish(bench.start(parcelOf, { caller: ada }, { page: unwritable }));
    expect(result).toMatchObject({ status: 400, code: 'GW_INVALID_INPUT', part: 'page' });
  });

  it('is the mistake of the upstream where all of it came from there', async () => {
    const replies = { page: { value: orders(1) }, parcels: unwritable };
    const { result } = await bench.finish(bench.start(parcelOf, { caller: ada }, replies));
    expect(result).toMatchObject({ status: 502, code: 'GW_UPSTREAM_BAD_PAYLOAD', part: 'parcels' });
  });
});
