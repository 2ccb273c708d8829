import type { Failure } from '@frontage/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { compilePlan } from './compile-plan.js';
import { declared, failed, late, PlanBench, type Reply } from './fixtures/plan-runs.js';
import { createOrder, getParcel, getUser, listBanners, listOrders, type Shopper } from './fixtures/plan-shop.js';
import { plan } from './plan.js';
import { problem } from './refusals.js';
import { given } from './schema.js';
import { each, optional, required, step, write } from './verbs.js';

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
    expect(result).toEqual({ kind: 'answered', values: [{ id: 'u1' }, orders(1), []], report: undefined });
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
  ] as const)('answers %s of a required call with %s', async (_, failure: Failure, status, code) => {
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
    expect(result).toMatchObject({ kind: 'answered' });
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
      kind: 'answered',
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

describe('the deadline', () => {
  const mixed = plan('mixed', { input, deadlineMs: 200, reserveMs: 20 }, ({ caller }) => {
    const profile = required(getUser, { path: { id: caller.subject } });
    const banners = optional(listBanners, {});
    const page = optional(listOrders, { query: { customerId: caller.subject } }, { fallback: { items: [] } });
    const parcels = each(page.items, (item) => optional(getParcel, { path: { id: item.parcelId } }), { maxCount: 9 });
    return { profile, banners, page, parcels };
  });

  it('answers without the optional parts that are still under way, and stops them', async () => {
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
      kind: 'answered',
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
    expect(await run).toMatchObject({ kind: 'answered', report: { banners: { status: 'timeout' } } });
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
    const made = write(
      createOrder,
      { body: { customerId: caller.subject, skus: ['a'] } },
      { timeoutMs: 500, idempotencyKey: caller.subject },
    );
    return { profile, made };
  });

  it('carries its idempotency key, and its own timeout even past the deadline', async () => {
    await bench.finish(bench.start(buy, { caller: ada }, { made: { value: { id: 'o' } } }));
    expect(bench.calls.find(({ part }) => part === 'made')).toMatchObject({
      args: { body: { customerId: 'ada', skus: ['a'] } },
      scope: { idempotencyKey: 'ada', deadlineAt: 500 },
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
    expect((await bench.finish(run)).result.kind).not.toBe('answered');
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

describe('a declared error status', () => {
  const unknown = problem(400, 'user_unknown', (id: string) => `There is no user ${id}.`);
  const soldOut = problem(409, 'sold_out', 'Sold out.');
  const statuses = plan('statuses', { input, deadlineMs: 200 }, ({ caller }) => {
    const user = required(getUser, { path: { id: caller.subject } }, { refuseOn: { 404: unknown(caller.subject) } });
    const other = required(getUser, { path: { id: 'x' } }, { onStatus: { 404: null } });
    const told = optional(getUser, { path: { id: 'y' } }, { onStatus: { 404: (body) => body.title } });
    const made = write(createOrder, { body: { customerId: 'c', skus: [] } }, { refuseOn: { 409: soldOut } });
    return { user, other, told, made };
  });

  it('stands for a value, or for what a function makes of its body', async () => {
    const { result } = await bench.finish(
      bench.start(
        statuses,
        { caller: ada },
        {
          user: { value: 1 },
          other: { failure: declared(404, {}) },
          told: { failure: declared(404, { title: 'gone' }) },
          made: { value: 2 },
        },
      ),
    );
    expect(result).toEqual({ kind: 'answered', values: [1, null, { ok: true, value: 'gone' }, 2], report: undefined });
  });

  it('ends the request with a problem of ours, in our words', async () => {
    const { result } = await bench.finish(
      bench.start(statuses, { caller: ada }, { user: { failure: declared(404, {}) } }),
    );
    expect(result).toEqual({
      kind: 'refused',
      status: 400,
      code: 'user_unknown',
      detail: 'There is no user ada.',
      part: 'user',
    });
    bench.next();
    const refused = await bench.finish(
      bench.start(statuses, { caller: ada }, { made: { failure: declared(409, {}) } }),
    );
    expect(refused.result).toMatchObject({ status: 409, code: 'sold_out', detail: 'Sold out.', part: 'made' });
  });

  it('can be refused by a step', async () => {
    const checked = plan('checked', { input, deadlineMs: 200 }, ({ caller }) => {
      const tier = step({ caller, unknown }, (seen) => seen.caller.tier ?? seen.unknown(seen.caller.subject));
      return { tier, banners: required(listBanners, { query: { slot: tier } }) };
    });
    expect((await bench.finish(bench.start(checked, { caller: ada }, {}))).result).toMatchObject({
      code: 'user_unknown',
      detail: 'There is no user ada.',
      part: 'tier',
    });
    expect(bench.calls).toEqual([]);
  });
});
