import type { CallScope, Executor } from '@frontage/context';
import { RequestContext } from '@frontage/context';
import type { CallArgs, Failure, Outcome } from '@frontage/core';
import { ManualClock } from '@frontage/testing/manual-clock';
import { beforeEach, describe, expect, it } from 'vitest';
import { compilePlan, type PlanPolicy } from './compile-plan.js';
import { createOrder, getParcel, getUser, listBanners, listOrders, type Shopper } from './fixtures/plan-shop.js';
import { plan, type Plan } from './plan.js';
import type { PlanResult } from './plan-result.js';
import { problem } from './refusals.js';
import { given } from './schema.js';
import { each, optional, required, step, write } from './verbs.js';

interface Call {
  readonly part: string;
  readonly args: CallArgs;
  readonly scope: CallScope;
  readonly at: number;
}
/** What an upstream does with a call: how long it takes, and what comes. */
interface Answer {
  readonly afterMs?: number;
  readonly value?: unknown;
  readonly failure?: Failure;
  readonly make?: (args: CallArgs) => Outcome<unknown>;
}

const failed: Failure = {
  ok: false,
  status: 'error',
  code: 'GW_UPSTREAM_FAILED',
  upstreamStatus: 503,
  detail: 'http://10.0.0.1 said no',
};
const late: Failure = { ok: false, status: 'timeout', code: 'GW_UPSTREAM_TIMEOUT' };
const declared = (status: number, body: unknown): Failure => ({
  ok: false,
  status: status === 404 ? 'not_found' : 'error',
  code: 'GW_UPSTREAM_FAILED',
  upstreamStatus: status,
  declared: { status, body },
});

let clock: ManualClock;
let calls: Call[];
let context: RequestContext;
beforeEach(() => {
  clock = new ManualClock();
  calls = [];
  context = new RequestContext('r1', clock.now(), 'GET', '127.0.0.1', {});
});
const ada: Shopper = { subject: 'ada', premium: true };
const input = { caller: given<Shopper>() };

function start<In, Parts>(
  made: Plan<In, Parts>,
  given: In,
  answers: Record<string, Answer>,
  policy: PlanPolicy = {},
): Promise<PlanResult> {
  const bind =
    (_: unknown, part: string): Executor =>
    (args, scope) => {
      calls.push({ part, args, scope, at: clock.now() });
      const { afterMs = 0, value, failure, make } = answers[part] ?? {};
      const outcome: Outcome<unknown> = make?.(args) ?? failure ?? { ok: true, value };
      return new Promise((resolve) => {
        const timer = clock.setTimer(() => resolve(outcome), afterMs);
        scope.cancellation.onCancel(() => {
          clock.clearTimer(timer);
          resolve(late);
        });
      });
    };
  return compilePlan(made, bind, { clock, policy })(given, context);
}

/** Turns the clock until the run has its result; says when that was. */
async function finish(run: Promise<PlanResult>): Promise<{ result: PlanResult; afterMs: number }> {
  const begun = clock.now();
  let ended: { result: PlanResult; afterMs: number } | undefined;
  void run.then((result) => (ended = { result, afterMs: clock.now() - begun }));
  await clock.advance(0);
  while (ended === undefined) await clock.advance(clock.nextInMs ?? expect.fail('nothing can end this run'));
  return ended;
}
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
    const run = start(
      twoWaves,
      { caller: ada },
      {
        profile: { afterMs: 50, value: { id: 'u1' } },
        page: { afterMs: 50, value: orders(1) },
        banners: { afterMs: 60, value: [] },
      },
    );
    const { result, afterMs } = await finish(run);
    expect(result).toEqual({ kind: 'answered', values: [{ id: 'u1' }, orders(1), []], report: undefined });
    expect(afterMs).toBe(100);
    expect(calls.map(({ part, at, args }) => [part, at, args])).toEqual([
      ['profile', 0, { path: { id: 'ada' } }],
      ['banners', 0, {}],
      ['page', 50, { query: { customerId: 'u1', limit: 3 } }],
    ]);
    expect(context.missingParts).toBe(0);
  });

  it('leaves no timer and no listener behind', async () => {
    await finish(start(twoWaves, { caller: ada }, { profile: { value: { id: 'u1' } } }));
    expect([clock.timerCount, context.cancellation.listenerCount]).toEqual([0, 0]);
  });

  it('refuses the page when a required call fails, stops its siblings and starts nothing more', async () => {
    const run = start(
      twoWaves,
      { caller: ada },
      { profile: { afterMs: 20, failure: failed }, banners: { afterMs: 500 } },
    );
    const { result, afterMs } = await finish(run);
    expect(result).toEqual({
      kind: 'refused',
      status: 502,
      code: 'GW_UPSTREAM_FAILED',
      part: 'profile',
      failure: failed,
    });
    expect(afterMs).toBe(20);
    expect(calls.map(({ part, scope }) => [part, scope.cancellation.reason])).toEqual([
      ['profile', 'sibling_failed'],
      ['banners', 'sibling_failed'],
    ]);
    expect(context.cancellation.cancelled).toBe(false);
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
    const { result } = await finish(start(twoWaves, { caller: ada }, { profile: { failure } }));
    expect(result).toMatchObject({ kind: 'refused', status, code, part: 'profile' });
  });

  it('tells the client when to come back, where the upstream said so', async () => {
    const failure: Failure = { ...failed, retryAfterMs: 3000 };
    expect((await finish(start(twoWaves, { caller: ada }, { profile: { failure } }))).result).toMatchObject({
      retryAfterMs: 3000,
    });
  });

  it('does not send a call whose parameter an upstream left out', async () => {
    const { result } = await finish(
      start(twoWaves, { caller: { ...ada, subject: 'x' } }, { profile: { value: null } }),
    );
    expect(result).toMatchObject({ kind: 'answered' });
    const chained = plan('chained', { input, deadlineMs: 100 }, ({ caller }) => {
      const profile = required(getUser, { path: { id: caller.subject } });
      return { profile, friend: required(getUser, { path: { id: profile.id } }) };
    });
    const refused = await finish(start(chained, { caller: ada }, { profile: { value: { name: 'no id' } } }));
    expect(refused.result).toMatchObject({
      kind: 'refused',
      status: 502,
      code: 'GW_UPSTREAM_BAD_PAYLOAD',
      part: 'friend',
    });
  });

  it('rejects for a bug: an executor that rejects, a step that throws', async () => {
    const bug = new Error('bug');
    const rejecting = compilePlan(twoWaves, () => () => Promise.reject(bug), { clock });
    await expect(rejecting({ caller: ada }, context)).rejects.toBe(bug);
    const throwing = plan('throwing', { input, deadlineMs: 100 }, ({ caller }) => ({
      broken: step({ caller }, (): number => {
        throw bug;
      }),
    }));
    await expect(start(throwing, { caller: ada }, {})).rejects.toBe(bug);
    expect([clock.timerCount, context.cancellation.listenerCount]).toEqual([0, 0]);
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
    const { result } = await finish(start(withOptional, { caller: ada }, values));
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
    const { result } = await finish(start(withOptional, { caller: ada }, { ...values, banners: { failure: late } }));
    expect(result).toMatchObject({
      values: [[], {}, {}, 'Fay'],
      report: { banners: { status: 'timeout', source: 'fallback' } },
    });
    expect(context.missingParts).toBe(1);
  });

  it('is missing where it fails without one; what refers to it is skipped, a step sees why', async () => {
    const { result } = await finish(
      start(withOptional, { caller: ada }, { ...values, friend: { failure: declared(404, {}) } }),
    );
    expect(result).toMatchObject({
      values: [[{}], { ok: false, status: 'not_found' }, { ok: false, status: 'skipped' }, 'not_found'],
      report: { friend: { status: 'not_found', source: 'none' }, page: { status: 'skipped', source: 'none' } },
    });
    expect(calls.map(({ part }) => part)).toEqual(['banners', 'friend']);
  });

  it('is not sent where its condition rules it out, which is no error, nor for what refers to it', async () => {
    const { result } = await finish(start(withOptional, { caller: { ...ada, premium: false } }, values));
    expect(result).toMatchObject({ values: [[{}], { ok: false }, { ok: false }, 'skipped'], report: undefined });
    expect(calls.map(({ part }) => part)).toEqual(['banners']);
  });

  it('gets its own timeout, or what is left of the deadline less the reserve', async () => {
    await finish(start(withOptional, { caller: ada }, values));
    expect(calls.map(({ part, scope }) => [part, scope.deadlineAt])).toEqual([
      ['banners', 150],
      ['friend', 790],
      ['page', 790],
    ]);
  });

  it('gets less where policy says less, and no more where it says more', async () => {
    const policy = { deadlineMs: 600, calls: { banners: { timeoutMs: 100 }, friend: { timeoutMs: 5000 } } };
    await finish(start(withOptional, { caller: ada }, values, policy));
    expect(calls.map(({ scope }) => scope.deadlineAt)).toEqual([100, 590, 590]);
  });

  it('refuses at start a policy for a call that the plan has not', () => {
    expect(() => start(withOptional, { caller: ada }, {}, { calls: { baners: { timeoutMs: 1 } } })).toThrow(
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
    const run = start(
      mixed,
      { caller: ada },
      {
        profile: { value: {} },
        banners: { afterMs: 900 },
        page: { afterMs: 10, value: orders(1, 2) },
        parcels: { make: ({ path }) => ({ ok: true, value: path }), afterMs: 900 },
      },
    );
    const { result, afterMs } = await finish(run);
    expect(afterMs).toBe(180);
    expect(result).toMatchObject({
      kind: 'answered',
      report: {
        banners: { status: 'timeout', source: 'none' },
        parcels: { items: { '0': 'timeout', '1': 'timeout' } },
      },
    });
    expect(calls.map(({ scope }) => scope.cancellation.reason)).toEqual(calls.map(() => 'deadline'));
  });

  it('starts nothing once it has passed', async () => {
    const { result } = await finish(
      start(mixed, { caller: ada }, { profile: { value: {} }, page: { afterMs: 900 }, banners: { value: [] } }),
    );
    expect(result).toMatchObject({ report: { page: { status: 'timeout', source: 'fallback' } } });
    expect(calls.map(({ part }) => part)).toEqual(['profile', 'banners', 'page']);
  });

  it('ends the request where something required is still under way, and names it', async () => {
    const { result, afterMs } = await finish(start(mixed, { caller: ada }, { profile: { afterMs: 900 } }));
    expect(result).toEqual({ kind: 'refused', status: 504, code: 'GW_DEADLINE_EXCEEDED', part: 'profile' });
    expect(afterMs).toBe(180);
  });

  it('counts from the arrival of the request, and is the earlier of the two where the request has its own', async () => {
    await clock.advance(100);
    const run = start(mixed, { caller: ada }, {});
    expect(calls[0]?.scope.deadlineAt).toBe(180);
    await finish(run);
    context = new RequestContext('r2', clock.now(), 'GET', '127.0.0.1', {});
    context.deadlineAt = clock.now() + 50;
    calls = [];
    await finish(start(mixed, { caller: ada }, {}));
    expect(calls[0]?.scope.deadlineAt).toBe(context.deadlineAt - 20);
  });

  it('starts no call when nothing is left', async () => {
    context.deadlineAt = 10;
    const { result } = await finish(start(mixed, { caller: ada }, {}));
    expect([result, calls]).toMatchObject([{ code: 'GW_DEADLINE_EXCEEDED' }, []]);
  });

  it('holds where the request is told of it from outside', async () => {
    const run = start(
      mixed,
      { caller: ada },
      { profile: { value: {} }, banners: { afterMs: 900 }, page: { value: orders() } },
    );
    await clock.advance(5);
    context.cancellation.cancel('deadline');
    expect(await run).toMatchObject({ kind: 'answered', report: { banners: { status: 'timeout' } } });
  });
});

describe('a client that leaves', () => {
  const slow = plan('slow', { input, deadlineMs: 200 }, ({ caller }) => {
    const profile = required(getUser, { path: { id: caller.subject } });
    return { profile, banners: optional(listBanners, {}) };
  });

  it('stops every call at once', async () => {
    const run = start(slow, { caller: ada }, { profile: { afterMs: 50 }, banners: { afterMs: 50 } });
    await clock.advance(5);
    context.cancellation.cancel('client_gone');
    expect(calls.map(({ scope }) => scope.cancellation.reason)).toEqual(['client_gone', 'client_gone']);
    expect(await run).toEqual({ kind: 'cancelled' });
    expect(clock.timerCount).toBe(0);
  });

  it('before anything was sent, sends nothing', async () => {
    context.cancellation.cancel('client_gone');
    expect(await start(slow, { caller: ada }, {})).toEqual({ kind: 'cancelled' });
    expect(calls).toEqual([]);
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
    await finish(start(buy, { caller: ada }, { made: { value: { id: 'o' } } }));
    expect(calls.find(({ part }) => part === 'made')).toMatchObject({
      args: { body: { customerId: 'ada', skus: ['a'] } },
      scope: { idempotencyKey: 'ada', deadlineAt: 500 },
    });
  });

  it.each<[string, Record<string, Answer>, () => void]>([
    ['a sibling fails', { profile: { afterMs: 10, failure: failed } }, () => undefined],
    ['the deadline passes', {}, () => undefined],
    ['the client leaves', { profile: { afterMs: 100 } }, () => context.cancellation.cancel('client_gone')],
  ])('once sent, runs on when %s', async (_, answers, happens) => {
    const run = start(buy, { caller: ada }, { ...answers, made: { afterMs: 400, value: {} } });
    await clock.advance(5);
    happens();
    expect((await finish(run)).result.kind).not.toBe('answered');
    const sent = calls.find(({ part }) => part === 'made');
    expect([sent?.scope.cancellation.cancelled, clock.timerCount]).toEqual([false, 1]);
  });

  it('is not sent once a sibling it waited with has failed', async () => {
    const after = plan('after', { input, deadlineMs: 200 }, ({ caller }) => {
      const profile = required(getUser, { path: { id: caller.subject } });
      const banners = required(listBanners, {});
      const first = step({ banners }, (seen) => seen.banners.map(({ id }) => id));
      return { profile, banners, made: write(createOrder, { body: { customerId: caller.subject, skus: first } }) };
    });
    await finish(
      start(after, { caller: ada }, { profile: { afterMs: 10, failure: failed }, banners: { afterMs: 20, value: [] } }),
    );
    expect(calls.map(({ part }) => part)).toEqual(['profile', 'banners']);
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
    const { result } = await finish(
      start(
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
    const { result } = await finish(start(statuses, { caller: ada }, { user: { failure: declared(404, {}) } }));
    expect(result).toEqual({
      kind: 'refused',
      status: 400,
      code: 'user_unknown',
      detail: 'There is no user ada.',
      part: 'user',
    });
    context = new RequestContext('r2', clock.now(), 'GET', '127.0.0.1', {});
    const refused = await finish(start(statuses, { caller: ada }, { made: { failure: declared(409, {}) } }));
    expect(refused.result).toMatchObject({ status: 409, code: 'sold_out', detail: 'Sold out.', part: 'made' });
  });

  it('can be refused by a step', async () => {
    const checked = plan('checked', { input, deadlineMs: 200 }, ({ caller }) => {
      const tier = step({ caller, unknown }, (seen) => seen.caller.tier ?? seen.unknown(seen.caller.subject));
      return { tier, banners: required(listBanners, { query: { slot: tier } }) };
    });
    expect((await finish(start(checked, { caller: ada }, {}))).result).toMatchObject({
      code: 'user_unknown',
      detail: 'There is no user ada.',
      part: 'tier',
    });
    expect(calls).toEqual([]);
  });
});
