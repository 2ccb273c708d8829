import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Clock } from '@frontage/core';
import { Bulkhead, Pressure, rankOf, type CallNeed, type QueuedCall, type Waiting } from '../index.js';

let now = 0;
const clock: Clock = { now: () => now, wallTime: () => now, setTimer: () => undefined, clearTimer: () => {} };

/** A call that waits; the tests without priorities give all of them the same. */
const waitingCall = (onReady: () => void, others: Partial<QueuedCall> = {}): QueuedCall => ({
  rank: rankOf('required', 0),
  caller: 'ada',
  onReady,
  onShed: () => undefined,
  ...others,
});

describe('a bulkhead', () => {
  it('bounds the running and the waiting calls, keeps their order, and sheds the rest', () => {
    const bulkhead = new Bulkhead({ maxConcurrent: 2, maxQueued: 2 });
    const ready: string[] = [];
    expect([bulkhead.tryAcquire(), bulkhead.tryAcquire(), bulkhead.tryAcquire()]).toEqual([true, true, false]);
    expect(bulkhead.enqueue(waitingCall(() => ready.push('first')))).toBeDefined();
    expect(bulkhead.enqueue(waitingCall(() => ready.push('second')))).toBeDefined();
    expect(bulkhead.enqueue(waitingCall(() => ready.push('third')))).toBeUndefined();
    expect(bulkhead.shed).toBe(1);
    bulkhead.release();
    expect(ready).toEqual(['first']);
    bulkhead.release();
    expect(ready).toEqual(['first', 'second']);
    expect(bulkhead.active).toBe(2);
  });

  it('lets no call overtake the waiting calls', () => {
    const bulkhead = new Bulkhead({ maxConcurrent: 1, maxQueued: 1 });
    bulkhead.tryAcquire();
    let overtook: boolean | undefined;
    bulkhead.enqueue(
      waitingCall(() => {
        overtook = bulkhead.tryAcquire();
      }),
    );
    expect(bulkhead.tryAcquire()).toBe(false);
    bulkhead.release();
    expect(overtook).toBe(false);
  });

  it('forgets a call that is cancelled while it waits, and keeps the order of the others', () => {
    const bulkhead = new Bulkhead({ maxConcurrent: 1, maxQueued: 3 });
    bulkhead.tryAcquire();
    const ready: number[] = [];
    const waiting = [1, 2, 3].map((id) => bulkhead.enqueue(waitingCall(() => ready.push(id))));
    expect(waiting[1]?.cancel()).toBe(true);
    expect(waiting[1]?.cancel()).toBe(false);
    expect(bulkhead.queued).toBe(2);
    bulkhead.release();
    bulkhead.release();
    bulkhead.release();
    expect(ready).toEqual([1, 3]);
    expect(waiting[0]?.cancel()).toBe(false);
    expect(bulkhead.active).toBe(0);
  });

  it('drains a queue of 100,000 calls that end at once without nesting', () => {
    const bulkhead = new Bulkhead({ maxConcurrent: 1, maxQueued: 100_000 });
    bulkhead.tryAcquire();
    let done = 0;
    for (let i = 0; i < 100_000; i++) {
      bulkhead.enqueue(
        waitingCall(() => {
          done++;
          bulkhead.release();
        }),
      );
    }
    bulkhead.release();
    expect(done).toBe(100_000);
    expect(bulkhead.active).toBe(0);
  });

  it('sheds at once with no queue', () => {
    const bulkhead = new Bulkhead({ maxConcurrent: 1, maxQueued: 0 });
    bulkhead.tryAcquire();
    expect(bulkhead.enqueue(waitingCall(() => {}))).toBeUndefined();
  });

  it.each([
    [{ maxConcurrent: 0 }, 'maxConcurrent must be a whole number from 1, not 0'],
    [{ maxQueued: -1 }, 'maxQueued must be a whole number from 1, not -1'],
  ])('refuses %o with a message', (options, message) => {
    expect(() => new Bulkhead(options)).toThrow(new RangeError(message));
  });

  it('behaves like a plain list under any order of events', () => {
    const step = fc.oneof(
      fc.constant({ do: 'enter' as const }),
      fc.constant({ do: 'release' as const }),
      fc.record({ do: fc.constant('cancel' as const), which: fc.nat(10) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80, size: 'max' }), (steps) => {
        const bulkhead = new Bulkhead({ maxConcurrent: 2, maxQueued: 3 });
        let running = 0;
        const expected: number[] = [];
        const waiting: { id: number; ticket: Waiting }[] = [];
        const started: number[] = [];
        const model: number[] = [];
        steps.forEach((each, id) => {
          if (each.do === 'enter') {
            const free = running < 2 && model.length === 0;
            expect(bulkhead.tryAcquire()).toBe(free);
            if (free) return void running++;
            const ticket = bulkhead.enqueue(waitingCall(() => started.push(id)));
            expect(ticket !== undefined).toBe(model.length < 3);
            if (ticket === undefined) return;
            model.push(id);
            waiting.push({ id, ticket });
          } else if (each.do === 'release' && running > 0) {
            bulkhead.release();
            const next = model.shift();
            if (next === undefined) running--;
            else expected.push(next);
          } else if (each.do === 'cancel' && waiting.length > 0) {
            const chosen = waiting[each.which % waiting.length];
            const at = model.indexOf(chosen?.id ?? -1);
            expect(chosen?.ticket.cancel()).toBe(at >= 0);
            if (at >= 0) model.splice(at, 1);
          }
          expect([bulkhead.active, bulkhead.queued]).toEqual([running, model.length]);
          expect(started).toEqual(expected);
        });
      }),
    );
  });
});

describe('a bulkhead whose limit changes', () => {
  it('lets more calls in at once when it grows, and none while there are too many when it shrinks', () => {
    const bulkhead = new Bulkhead({ maxConcurrent: 1, maxQueued: 5 });
    const ready: number[] = [];
    bulkhead.tryAcquire();
    for (const id of [1, 2, 3]) bulkhead.enqueue(waitingCall(() => ready.push(id)));
    bulkhead.resize(3);
    expect([ready, bulkhead.active]).toEqual([[1, 2], 3]);
    bulkhead.resize(2);
    bulkhead.release();
    expect([ready, bulkhead.active, bulkhead.tryAcquire()]).toEqual([[1, 2], 2, false]);
    bulkhead.release();
    expect([ready, bulkhead.active]).toEqual([[1, 2, 3], 2]);
    expect(() => bulkhead.resize(0)).toThrow(new RangeError('maxConcurrent must be a whole number from 1, not 0'));
  });

  it('has a queue of twice its limit where none is stated', () => {
    const bulkhead = new Bulkhead({ maxConcurrent: 4 });
    expect(bulkhead.maxQueued).toBe(8);
    bulkhead.resize(10);
    expect(bulkhead.maxQueued).toBe(20);
  });
});

describe('the priorities of a bulkhead', () => {
  /** A bulkhead with one permit, which is taken. */
  function full(maxQueued: number, pressure?: Pressure) {
    now = 0;
    const bulkhead = new Bulkhead({ maxConcurrent: 1, maxQueued, pressure }, clock);
    bulkhead.tryAcquire();
    const ready: string[] = [];
    const shed: string[] = [];
    const enter = (name: string, need: CallNeed = 'required', tier = 0, caller = name): Waiting | undefined => {
      const call = {
        rank: rankOf(need, tier),
        caller,
        onReady: () => void ready.push(name),
        onShed: () => void shed.push(name),
      };
      const waiting = bulkhead.enqueue(call);
      if (waiting === undefined) shed.push(name);
      return waiting;
    };
    return { bulkhead, ready, shed, enter };
  }

  it('give permits to writes, then to required calls, then to optional ones', () => {
    const { bulkhead, ready, enter } = full(10);
    for (const need of ['optional', 'required', 'write'] as const) enter(need, need, 7);
    enter('required of a lower tier', 'required', 6);
    enter('write of the lowest tier', 'write', 0);
    for (let count = 0; count < 5; count++) bulkhead.release();
    expect(ready).toEqual(['write', 'write of the lowest tier', 'required', 'required of a lower tier', 'optional']);
  });

  it('shed the call that matters least, also where it waited before the new one', () => {
    const { bulkhead, shed, enter } = full(2);
    enter('optional', 'optional');
    enter('required');
    enter('write', 'write');
    expect(shed).toEqual(['optional']);
    enter('another optional', 'optional');
    enter('paying', 'required', 3);
    enter('not paying', 'required', 0);
    expect(shed).toEqual(['optional', 'another optional', 'required', 'not paying']);
    expect([bulkhead.queued, bulkhead.shed]).toEqual([2, 4]);
  });

  it('serve a caller with few permits before one with many, and shed the greedy one first', () => {
    const { bulkhead, ready, shed, enter } = full(4);
    for (const id of [1, 2, 3, 4]) enter(`greedy ${id}`, 'required', 0, 'greedy');
    bulkhead.release();
    bulkhead.release();
    expect(ready).toEqual(['greedy 1', 'greedy 2']);
    // The queue is full of the greedy caller's calls again: the modest one takes the place of the last of them.
    enter('greedy 5', 'required', 0, 'greedy');
    enter('greedy 6', 'required', 0, 'greedy');
    enter('modest', 'required', 0, 'modest');
    expect(shed).toEqual(['greedy 6']);
    bulkhead.release();
    expect(ready.at(-1)).toBe('modest');
  });

  it('forget after a while who was greedy', () => {
    const { bulkhead, ready, enter } = full(4);
    enter('a', 'required', 0, 'greedy');
    bulkhead.release();
    now += 600_000;
    enter('b', 'required', 0, 'other');
    bulkhead.release();
    enter('c', 'required', 0, 'other');
    enter('d', 'required', 0, 'greedy');
    bulkhead.release();
    expect(ready).toEqual(['a', 'b', 'd']);
  });

  it('keep the order of arrival within a rank and among equal callers, whatever leaves', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            need: fc.constantFrom<CallNeed>('write', 'required', 'optional'),
            leaves: fc.boolean(),
          }),
          { maxLength: 30 },
        ),
        (calls) => {
          const { bulkhead, ready, enter } = full(30);
          const waiting = calls.map(({ need, leaves }, id) => ({
            need,
            leaves,
            id,
            place: enter(`${id}`, need, 0, 'one'),
          }));
          for (const { leaves, place } of waiting) if (leaves) expect(place?.cancel()).toBe(true);
          for (let count = 0; count <= calls.length; count++) bulkhead.release();
          const rank = { write: 0, required: 1, optional: 2 };
          const expected = waiting
            .filter(({ leaves }) => !leaves)
            .toSorted((a, b) => rank[a.need] - rank[b.need] || a.id - b.id)
            .map(({ id }) => `${id}`);
          expect(ready).toEqual(expected);
          expect(bulkhead.queued).toBe(0);
        },
      ),
    );
  });
});

describe('the pressure of a process', () => {
  it('stops optional calls to every upstream before a required call is shed', () => {
    const pressure = new Pressure();
    const orders = new Bulkhead({ maxConcurrent: 1, maxQueued: 10, pressure }, clock);
    // A second upstream, which has time.
    expect(new Bulkhead({ pressure }, clock).hasFree).toBe(true);
    orders.tryAcquire();
    const refused = (): boolean[] => (['optional', 'required', 'write'] as const).map((need) => pressure.refuses(need));
    expect([pressure.level, refused()]).toEqual([0, [false, false, false]]);
    const enter = (need: CallNeed): Waiting | undefined =>
      orders.enqueue(waitingCall(() => {}, { rank: rankOf(need, 0) }));
    // Optional calls that wait are no pressure: they would be shed first.
    for (let count = 0; count < 5; count++) enter('optional');
    expect(pressure.level).toBe(0);
    const [first] = [enter('required')];
    expect([pressure.level, refused()]).toEqual([0.1, [false, false, false]]);
    for (let count = 0; count < 4; count++) enter('required');
    expect([pressure.level, refused()]).toEqual([0.5, [true, false, false]]);
    expect(orders.shed).toBe(0);
    first?.cancel();
    expect([pressure.level, refused()]).toEqual([0.4, [false, false, false]]);
    for (let count = 0; count < 10; count++) orders.release();
    expect([pressure.level, refused()]).toEqual([0, [false, false, false]]);
  });
});
