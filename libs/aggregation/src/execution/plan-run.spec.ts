import type { Failure } from '@frontage/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { compilePlan } from '../compile/compile-plan.js';
import { declared, failed, late, PlanBench } from '../fixtures/plan-runs.js';
import { getUser, listBanners, listOrders, type Shopper } from '../fixtures/plan-shop.js';
import { plan } from '../plan/plan.js';
import { given } from '../model/schema.js';
import { optional, required, step } from '../plan/verbs.js';

let bench: PlanBench;
beforeEach(() => (bench = new PlanBench()));
const ada: Shopper = { subject: 'ada', premium: true };
const input = { caller: given<Shopper>() };
const order = (n: number) => ({ id: `o${n}`, parcelId: `p${n}`, sku: `s${n}` });
const orders = (...numbers: number[]) => ({ items: numbers.map(order) });

describe('a plan on its way', () => {
  const twoWaves = plan('two.waves', { input, deadlineMs: 800 }, ({ caller }) => {
    const profile = required(getUser, { path: { id: caller.subject } });
    const page = required(listOrders, { query: { customerId: profile.id, limit: 3 } });
    const banners = required(listBanners, {});
    return { profile, page, banners };
  });

  it('starts a call the moment what it refers to has arrived, and takes the critical path', async () => {
    const run = bench.start(
      twoWaves,
      { caller: ada },
      {
        profile: { afterMs: 50, value: { id: 'u1' } },
        page: { afterMs: 50, value: orders(1) },
        banners: { afterMs: 60, value: [] },
      },
    );
    const { result, afterMs } = await bench.finish(run);
    expect(result).toEqual({ kind: 'finished', values: [{ id: 'u1' }, orders(1), []], report: undefined });
    expect(afterMs).toBe(100);
    expect(bench.calls.map(({ part, at, args }) => [part, at, args])).toEqual([
      ['profile', 0, { path: { id: 'ada' } }],
      ['banners', 0, {}],
      ['page', 50, { query: { customerId: 'u1', limit: 3 } }],
    ]);
  });

  it('leaves no timer and no listener behind', async () => {
    await bench.finish(bench.start(twoWaves, { caller: ada }, { profile: { value: { id: 'u1' } } }));
    expect([bench.clock.timerCount, bench.context.cancellation.listenerCount]).toEqual([0, 0]);
  });

  it('refuses the page when a required call fails, stops its siblings and starts nothing more', async () => {
    const run = bench.start(
      twoWaves,
      { caller: ada },
      { profile: { afterMs: 20, failure: failed }, banners: { afterMs: 500 } },
    );
    const { result, afterMs } = await bench.finish(run);
    expect(result).toEqual({
      kind: 'refused',
      status: 502,
      code: 'GW_UPSTREAM_FAILED',
      part: 'profile',
      failure: failed,
    });
    expect(afterMs).toBe(20);
    expect(bench.calls.map(({ part, scope }) => [part, scope.cancellation.reason])).toEqual([
      ['profile', 'sibling_failed'],
      ['banners', 'sibling_failed'],
    ]);
    expect(bench.context.cancellation.cancelled).toBe(false);
  });

  it.each([
    ['a declared 404', declared(404, {}), 404, 'GW_NOT_FOUND'],
    ['a timeout', late, 504, 'GW_UPSTREAM_TIMEOUT'],
    [
      'credentials that an upstream refuses',
      { ok: false, status: 'forbidden', code: 'GW_UPSTREAM_REFUSED' },
      502,
      'GW_UPSTREAM_REFUSED',
    ],
    [
      'an open circuit',
      { ok: false, status: 'open_circuit', code: 'GW_UPSTREAM_OPEN_CIRCUIT' },
      503,
      'GW_UPSTREAM_OPEN_CIRCUIT',
    ],
  ] as const)('turns %s of a required call into %s', async (_, failure: Failure, status, code) => {
    const { result } = await bench.finish(bench.start(twoWaves, { caller: ada }, { profile: { failure } }));
    expect(result).toMatchObject({ kind: 'refused', status, code, part: 'profile' });
  });

  it('tells the client when to come back, where the upstream said so', async () => {
    const failure: Failure = { ...failed, retryAfterMs: 3000 };
    expect((await bench.finish(bench.start(twoWaves, { caller: ada }, { profile: { failure } }))).result).toMatchObject(
      {
        retryAfterMs: 3000,
      },
    );
  });

  it('does not send a call whose parameter an upstream left out', async () => {
    const { result } = await bench.finish(
      bench.start(twoWaves, { caller: { ...ada, subject: 'x' } }, { profile: { value: null } }),
    );
    expect(result).toMatchObject({ kind: 'finished' });
    const chained = plan('chained', { input, deadlineMs: 100 }, ({ caller }) => {
      const profile = required(getUser, { path: { id: caller.subject } });
      return { profile, friend: required(getUser, { path: { id: profile.id } }) };
    });
    const refused = await bench.finish(
      bench.start(chained, { caller: ada }, { profile: { value: { name: 'no id' } } }),
    );
    expect(refused.result).toMatchObject({
      kind: 'refused',
      status: 502,
      code: 'GW_UPSTREAM_BAD_PAYLOAD',
      part: 'friend',
    });
  });

  it('rejects for a bug: an executor that rejects, a step that throws', async () => {
    const bug = new Error('bug');
    const rejecting = compilePlan(twoWaves, { bind: () => () => Promise.reject(bug), clock: bench.clock });
    await expect(rejecting({ caller: ada }, bench.context)).rejects.toBe(bug);
    const throwing = plan('throwing', { input, deadlineMs: 100 }, ({ caller }) => ({
      broken: step({ caller }, (): number => {
        throw bug;
      }),
    }));
    await expect(bench.start(throwing, { caller: ada }, {})).rejects.toBe(bug);
    expect([bench.clock.timerCount, bench.context.cancellation.listenerCount]).toEqual([0, 0]);
  });
});

describe('an optional call', () => {
  const withOptional = plan('with.optional', { input, deadlineMs: 800 }, ({ caller }) => {
    const banners = optional(listBanners, {}, { timeoutMs: 150, fallback: [] });
    const friend = optional(getUser, { path: { id: caller.subject } }, { when: caller.premium });
    const page = optional(listOrders, { query: { customerId: friend.id } });
    const first = step({ friend }, (seen) => (seen.friend.ok ? seen.friend.value.name : seen.friend.status));
    return { banners, friend, page, first };
  });
  const values = {
    banners: { value: [{ id: 'b', title: 'B' }] },
    friend: { value: { id: 'f', name: 'Fay' } },
    page: { value: orders() },
  };

  it('is a value, or a Part of it where it may be missing', async () => {
    const { result } = await bench.finish(bench.start(withOptional, { caller: ada }, values));
    expect(result).toEqual({
      kind: 'finished',
      values: [
        [{ id: 'b', title: 'B' }],
        { ok: true, value: { id: 'f', name: 'Fay' } },
        { ok: true, value: orders() },
        'Fay',
      ],
      report: undefined,
    });
  });

  it('has its fallback where it fails, and the report says so', async () => {
    const { result } = await bench.finish(
      bench.start(withOptional, { caller: ada }, { ...values, banners: { failure: late } }),
    );
    expect(result).toMatchObject({
      values: [[], {}, {}, 'Fay'],
      report: { banners: { status: 'timeout', source: 'fallback' } },
    });
  });

  it('is missing where it fails without one; what refers to it is skipped, a step sees why', async () => {
    const { result } = await bench.finish(
      bench.start(withOptional, { caller: ada }, { ...values, friend: { failure: declared(404, {}) } }),
    );
    expect(result).toMatchObject({
      values: [[{}], { ok: false, status: 'not_found' }, { ok: false, status: 'skipped' }, 'not_found'],
      report: { friend: { status: 'not_found', source: 'none' }, page: { status: 'skipped', source: 'none' } },
    });
    expect(bench.calls.map(({ part }) => part)).toEqual(['banners', 'friend']);
  });

  it('is not sent where its condition rules it out, which is no error, nor for what refers to it', async () => {
    const { result } = await bench.finish(bench.start(withOptional, { caller: { ...ada, premium: false } }, values));
    expect(result).toMatchObject({ values: [[{}], { ok: false }, { ok: false }, 'skipped'], report: undefined });
    expect(bench.calls.map(({ part }) => part)).toEqual(['banners']);
  });

  it('gets its own timeout, or what is left of the deadline less the reserve', async () => {
    await bench.finish(bench.start(withOptional, { caller: ada }, values));
    expect(bench.calls.map(({ part, scope }) => [part, scope.deadlineAt])).toEqual([
      ['banners', 150],
      ['friend', 790],
      ['page', 790],
    ]);
  });

  it('gets less where policy says less, and no more where it says more', async () => {
    const policy = { deadlineMs: 600, calls: { banners: { timeoutMs: 100 }, friend: { timeoutMs: 5000 } } };
    await bench.finish(bench.start(withOptional, { caller: ada }, values, policy));
    expect(bench.calls.map(({ scope }) => scope.deadlineAt)).toEqual([100, 590, 590]);
  });

  it('refuses at start a policy for a call that the plan has not', () => {
    expect(() => bench.start(withOptional, { caller: ada }, {}, { calls: { baners: { timeoutMs: 1 } } })).toThrow(
      "plan 'with.optional' has no call 'baners': did you mean 'banners'? It has 'banners', 'friend', 'page'",
    );
  });
});
