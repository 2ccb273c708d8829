import { channels, type Warning, type Failure } from '@frontage/core';
import { beforeEach, describe, expect, it } from 'vitest';
import { declared, failed, late, PlanBench, type Reply } from '../fixtures/plan-runs.js';
import { getUser, type Shopper } from '../fixtures/plan-shop.js';
import { pay, refund, release, reserve, ship } from '../fixtures/stock-shop.js';
import { plan } from '../plan/plan.js';
import type { Deep } from '../model/references.js';
import { problem } from '../model/refusals.js';
import { given } from '../model/schema.js';
import { required, step, write } from '../plan/verbs.js';

let bench: PlanBench;
beforeEach(() => (bench = new PlanBench()));
const options = { input: { caller: given<Shopper>() }, deadlineMs: 200, reserveMs: 0 };
const ada: Shopper = { subject: 'ada', premium: true };

/** Three changes, one after the other; the first two can be taken back. */
const buy = plan('buy', options, ({ caller }) => {
  const held = write(
    reserve,
    { body: { sku: caller.subject } },
    { timeoutMs: 50, undo: (made) => write(release, { path: { id: made.reservation } }, { timeoutMs: 70 }) },
  );
  const paid = write(
    pay,
    { body: { reservation: held.reservation } },
    {
      timeoutMs: 50,
      undo: (made) => write(refund, { path: { id: made.payment } }, { timeoutMs: 70, onStatus: { 404: null } }),
    },
  );
  const sent = write(ship, { body: { payment: paid.payment } }, { timeoutMs: 50 });
  return { held, paid, sent };
});
const held: Reply = { value: { reservation: 'r1' }, afterMs: 10 };
const paid: Reply = { value: { payment: 'p1' }, afterMs: 10 };
const reset: Failure = { ok: false, status: 'error', code: 'GW_UPSTREAM_FAILED', detail: 'reset' };
const refused: Failure = { ...reset, unsent: true };
const run = async (replies: Readonly<Record<string, Reply>>) =>
  bench.finish(bench.start(buy, { caller: ada }, replies));
const sentParts = () => bench.calls.map(({ part }) => part);

describe('several writes', () => {
  it('are sent in their order, and taken back by nobody where all are done', async () => {
    const { result } = await run({ held, paid, sent: {} });
    expect([result.kind, sentParts()]).toEqual(['finished', ['held', 'paid', 'sent']]);
  });

  it('are taken back in reverse, of their results, when a later one fails: the problem is that of the later one', async () => {
    const { result, afterMs } = await run({
      held,
      paid,
      sent: { failure: failed },
      'paid.undo': { afterMs: 30 },
      'held.undo': { afterMs: 40 },
    });
    expect(result).toMatchObject({ kind: 'refused', code: 'GW_UPSTREAM_FAILED', status: 502, part: 'sent' });
    expect(result).toMatchObject({
      writes: { done: [], undone: ['held', 'paid'], refused: ['sent'], unknown: [], notSent: [] },
    });
    expect(result).not.toHaveProperty('retryAfterMs');
    expect(
      bench.calls.slice(3).map(({ part, args, at, scope }) => ({ part, args, at, deadlineAt: scope.deadlineAt })),
    ).toEqual([
      { part: 'paid.undo', args: { path: { id: 'p1' } }, at: 20, deadlineAt: 90 },
      { part: 'held.undo', args: { path: { id: 'r1' } }, at: 50, deadlineAt: 120 },
    ]);
    expect(afterMs).toBe(90);
  });

  it('that could not be taken back end in a problem that names what was done, undone and is unknown', async () => {
    const { result } = await run({ held, paid, sent: { failure: failed }, 'paid.undo': { failure: failed } });
    expect(result).toMatchObject({
      kind: 'refused',
      code: 'GW_INDETERMINATE',
      status: 500,
      part: 'sent',
      writes: { done: ['paid'], undone: ['held'], unknown: [] },
      failure: failed,
    });
  });

  it.each<[string, Failure, 'unknown' | 'refused' | 'notSent' | 'done']>([
    ['a timeout', late, 'unknown'],
    ['a connection that breaks', reset, 'unknown'],
    ['a response that cannot be read', { ...reset, status: 'bad_payload', upstreamStatus: 200 }, 'unknown'],
    ['an intermediary that had no response', { ...reset, upstreamStatus: 504 }, 'unknown'],
    ['a redirect that nothing follows', { ...reset, upstreamStatus: 303 }, 'unknown'],
    ['a response of 500', { ...reset, upstreamStatus: 500 }, 'refused'],
    ['a declared refusal', declared(404, {}), 'refused'],
    ['a connection that was refused', refused, 'notSent'],
    ['a timeout before it was sent', { ...late, unsent: true }, 'notSent'],
    ['an open circuit', { ...reset, status: 'open_circuit' }, 'notSent'],
    ['an empty success', { ...reset, status: 'bad_payload', upstreamStatus: 200, made: true }, 'done'],
  ])('know of %s whether the change may have been made', async (_, failure, fate) => {
    const { result } = await run({ held, paid: { failure } });
    const none = { done: [], undone: ['held'], refused: [], unknown: [], notSent: [] };
    const writes = { ...none, [fate]: ['paid'], notSent: fate === 'notSent' ? ['paid', 'sent'] : ['sent'] };
    const code = failure.upstreamStatus === 404 ? 'GW_NOT_FOUND' : failure.code;
    const mustLook = fate === 'unknown' || fate === 'done';
    expect(result).toMatchObject({ code: mustLook ? 'GW_INDETERMINATE' : code, writes });
    expect(sentParts()).toEqual(['held', 'paid', 'held.undo']);
  });

  it('whose undo gets no response are unknown, and the others are still taken back', async () => {
    const { result } = await run({ held, paid, sent: { failure: failed }, 'paid.undo': { failure: late } });
    expect(result).toMatchObject({ writes: { done: [], undone: ['held'], unknown: ['paid'] } });
  });

  it('whose undo finds nothing to take back, and says that this is fine, are undone', async () => {
    const { result } = await run({
      held,
      paid,
      sent: { failure: failed },
      'paid.undo': { failure: declared(404, {}) },
    });
    expect(result).toMatchObject({ code: 'GW_UPSTREAM_FAILED', part: 'sent' });
  });

  it('without what their undo needs in their result stay done', async () => {
    const { result } = await run({ held: { value: {} }, paid: {}, sent: {} });
    // The call of 'paid' needs nothing of its result that must be there: the body is the upstream's to judge.
    expect(result.kind).toBe('finished');
    bench.next();
    const broken = await run({ held: { value: {} }, paid: { failure: failed } });
    expect(broken.result).toMatchObject({
      code: 'GW_INDETERMINATE',
      writes: { done: ['held'], undone: [], unknown: [] },
    });
    expect(sentParts()).toEqual(['held', 'paid']);
  });

  it('say nothing of a bug in an undo to the client, and tell the operator', async () => {
    const warnings: Warning[] = [];
    const listen = (warning: unknown): void => void warnings.push(warning as Warning);
    channels.warning.subscribe(listen);
    const bug: Reply = {
      make: () => {
        throw new Error('bug');
      },
    };
    const { result } = await run({ held, paid: { failure: failed }, 'held.undo': bug });
    channels.warning.unsubscribe(listen);
    expect(result).toMatchObject({ writes: { unknown: ['held'] } });
    expect(warnings).toMatchObject([{ message: "the undo of 'held' failed with a bug" }]);
  });
});

describe('a client that leaves between two writes', () => {
  it('stops neither what was sent nor what takes it back', async () => {
    const running = bench.start(
      buy,
      { caller: ada },
      { held, paid, 'paid.undo': { afterMs: 30 }, 'held.undo': { afterMs: 40 } },
    );
    await bench.clock.advance(15);
    bench.context.cancellation.cancel('client_gone');
    const { result } = await bench.finish(running);
    expect([result, sentParts()]).toEqual([{ kind: 'cancelled' }, ['held', 'paid', 'paid.undo', 'held.undo']]);
    expect(bench.calls.every(({ scope }) => !scope.cancellation.cancelled)).toBe(true);
    expect([bench.clock.timerCount, bench.context.cancellation.listenerCount]).toEqual([0, 0]);
  });

  it('has what it asked for where the last one was sent and is done in the end: nothing is taken back', async () => {
    const running = bench.start(buy, { caller: ada }, { held, paid, sent: { afterMs: 30 } });
    await bench.clock.advance(25);
    expect(sentParts()).toEqual(['held', 'paid', 'sent']);
    bench.context.cancellation.cancel('client_gone');
    await bench.finish(running);
    expect(sentParts()).toEqual(['held', 'paid', 'sent']);
  });

  it('has what it asked for once the last one is done: nothing is taken back', async () => {
    const slow = plan('slow', options, ({ caller }) => {
      const first = write(
        reserve,
        { body: { sku: 'a' } },
        { undo: (made) => write(release, { path: { id: made.reservation } }) },
      );
      const user = required(getUser, { path: { id: caller.subject } });
      return { first, user };
    });
    const running = bench.start(slow, { caller: ada }, { first: held, user: { afterMs: 100 } });
    await bench.clock.advance(50);
    bench.context.cancellation.cancel('client_gone');
    await bench.finish(running);
    expect(sentParts()).toEqual(['first', 'user']);
  });
});

describe('the deadline', () => {
  it('lets a write that was sent come to its end, and then takes back what was done', async () => {
    const tight = plan('tight', { ...options, deadlineMs: 15 }, ({ caller }) => {
      const first = write(
        reserve,
        { body: { sku: caller.subject } },
        { timeoutMs: 50, undo: (made) => write(release, { path: { id: made.reservation } }, { timeoutMs: 50 }) },
      );
      const second = write(pay, { body: { reservation: first.reservation } }, { timeoutMs: 50 });
      return { first, second };
    });
    const replies = { first: held, second: { afterMs: 30, failure: failed }, 'first.undo': { afterMs: 5 } };
    const { result, afterMs } = await bench.finish(bench.start(tight, { caller: ada }, replies));
    expect([afterMs, result]).toMatchObject([45, { code: 'GW_DEADLINE_EXCEEDED', part: 'second' }]);
    bench.next();
    const done = await bench.finish(
      bench.start(tight, { caller: ada }, { ...replies, second: { afterMs: 30, value: {} } }),
    );
    expect(done.result).toMatchObject({
      code: 'GW_INDETERMINATE',
      writes: { done: ['second'], undone: ['first'], unknown: [] },
    });
  });
});

describe('a failure after a write was done', () => {
  const denied = problem(409, 'denied', 'Denied.');
  const takenBack = {
    undo: (made: Deep<{ reservation: string }>) => write(release, { path: { id: made.reservation } }),
  };
  const checked = (undo: boolean) =>
    plan('checked', options, ({ caller }) => {
      const first = write(reserve, { body: { sku: 'a' } }, undo ? takenBack : {});
      const verdict = step({ first, caller, denied }, (seen) => (seen.caller.premium ? seen.denied() : seen.first));
      return { first, verdict };
    });

  it('takes it back, be it a problem that a step declares', async () => {
    const { result } = await bench.finish(bench.start(checked(true), { caller: ada }, { first: held }));
    expect([result, sentParts()]).toMatchObject([{ status: 409, code: 'denied' }, ['first', 'first.undo']]);
  });

  it('never hides a change that nothing takes back', async () => {
    const { result } = await bench.finish(bench.start(checked(false), { caller: ada }, { first: held }));
    expect(result).toMatchObject({ code: 'GW_INDETERMINATE', writes: { done: ['first'], undone: [], unknown: [] } });
  });

  it('takes it back where it is a bug of ours, and says so where it cannot', async () => {
    const buggy = plan('buggy', options, () => {
      const first = write(
        reserve,
        { body: { sku: 'a' } },
        { undo: (made) => write(release, { path: { id: made.reservation } }) },
      );
      const crash = step({ first }, (): number => {
        throw new Error('a bug');
      });
      return { first, crash };
    });
    await expect(bench.finish(bench.start(buggy, { caller: ada }, { first: held }))).rejects.toThrow('a bug');
    bench.next();
    const { result } = await bench.finish(
      bench.start(buggy, { caller: ada }, { first: held, 'first.undo': { failure: failed } }),
    );
    expect(result).toMatchObject({
      code: 'GW_INDETERMINATE',
      writes: { done: ['first'] },
      failure: { code: 'GW_INTERNAL' },
    });
  });
});

describe('a lone write that fails', () => {
  const lone = plan('lone', options, ({ caller }) => {
    const user = required(getUser, { path: { id: caller.subject } });
    return { user, first: write(reserve, { body: { sku: caller.subject } }, { after: [user], timeoutMs: 50 }) };
  });
  const none = { done: [], undone: [], refused: [], unknown: [], notSent: [] };
  const endOf = async (first: Reply, user: Reply = {}) => {
    const { result } = await bench.finish(bench.start(lone, { caller: ada }, { user, first }));
    return result;
  };

  it.each([
    ['times out after it was sent', late],
    ['loses its connection after it was sent', reset],
    ['gets an unreadable response', { ...reset, status: 'bad_payload', upstreamStatus: 201 } as const],
  ])('and %s is unknown, and nothing says to try again', async (_, failure) => {
    const result = await endOf({ failure: { ...failure, retryAfterMs: 2_000 } });
    const writes = { ...none, unknown: ['first'] };
    expect(result).toMatchObject({ status: 500, code: 'GW_INDETERMINATE', part: 'first', failure, writes });
    expect(result).not.toHaveProperty('retryAfterMs');
  });

  it.each([
    ['was refused the connection', refused],
    ['timed out before it was sent', { ...late, unsent: true } as const],
  ])('and %s was not sent, says so, and may be sent again', async (_, failure) => {
    const writes = { ...none, notSent: ['first'] };
    expect(await endOf({ failure })).toMatchObject({ code: failure.code, part: 'first', writes, retryAfterMs: 1_000 });
    bench.next();
    expect(await endOf({ failure: { ...failure, retryAfterMs: 7_000 } })).toMatchObject({ retryAfterMs: 7_000 });
  });

  it('and was refused by the service has changed nothing', async () => {
    const result = await endOf({ failure: declared(409, {}) });
    expect(result).toMatchObject({ status: 502, code: 'GW_UPSTREAM_FAILED', writes: { ...none, refused: ['first'] } });
    expect(result).not.toHaveProperty('retryAfterMs');
  });

  it('and never started, because a read before it failed, was not sent', async () => {
    const result = await endOf({}, { failure: failed });
    expect(result).toMatchObject({ code: 'GW_UPSTREAM_FAILED', part: 'user', writes: { ...none, notSent: ['first'] } });
    expect(sentParts()).toEqual(['user']);
  });

  it('and cannot be written as a request is the mistake of its input, which trying again does not mend', async () => {
    const failure: Failure = { ok: false, status: 'error', code: 'GW_INVALID_INPUT', unsent: true };
    const result = await endOf({ failure });
    expect(result).toMatchObject({ status: 400, writes: { ...none, notSent: ['first'] } });
    expect(result).not.toHaveProperty('retryAfterMs');
  });

  it('and is under way at the deadline of the page is unknown', async () => {
    const result = await endOf({ afterMs: 45 }, { afterMs: 180 });
    expect(result).toMatchObject({ code: 'GW_INDETERMINATE', part: 'first', writes: { ...none, unknown: ['first'] } });
  });
});

describe('an explicit order', () => {
  it('holds where nothing is referred to', async () => {
    const ordered = plan('ordered', options, () => {
      const first = write(reserve, { body: { sku: 'a' } });
      const second = write(reserve, { body: { sku: 'b' } }, { after: [first] });
      return { first, second };
    });
    await bench.finish(bench.start(ordered, { caller: ada }, { first: held, second: held }));
    expect(bench.calls.map(({ part, at }) => [part, at])).toEqual([
      ['first', 0],
      ['second', 10],
    ]);
  });
});
