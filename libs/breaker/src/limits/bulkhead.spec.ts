import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Bulkhead, type Waiting } from '../index.js';

describe('a bulkhead', () => {
  it('bounds the running and the waiting calls, keeps their order, and sheds the rest', () => {
    const bulkhead = new Bulkhead({ maxConcurrent: 2, maxQueued: 2 });
    const ready: string[] = [];
    expect([bulkhead.tryAcquire(), bulkhead.tryAcquire(), bulkhead.tryAcquire()]).toEqual([true, true, false]);
    expect(bulkhead.enqueue(() => ready.push('first'))).toBeDefined();
    expect(bulkhead.enqueue(() => ready.push('second'))).toBeDefined();
    expect(bulkhead.enqueue(() => ready.push('third'))).toBeUndefined();
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
    bulkhead.enqueue(() => {
      overtook = bulkhead.tryAcquire();
    });
    expect(bulkhead.tryAcquire()).toBe(false);
    bulkhead.release();
    expect(overtook).toBe(false);
  });

  it('forgets a call that is cancelled while it waits, and keeps the order of the others', () => {
    const bulkhead = new Bulkhead({ maxConcurrent: 1, maxQueued: 3 });
    bulkhead.tryAcquire();
    const ready: number[] = [];
    const waiting = [1, 2, 3].map((id) => bulkhead.enqueue(() => ready.push(id)));
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
      bulkhead.enqueue(() => {
        done++;
        bulkhead.release();
      });
    }
    bulkhead.release();
    expect(done).toBe(100_000);
    expect(bulkhead.active).toBe(0);
  });

  it('sheds at once with no queue', () => {
    const bulkhead = new Bulkhead({ maxConcurrent: 1, maxQueued: 0 });
    bulkhead.tryAcquire();
    expect(bulkhead.enqueue(() => {})).toBeUndefined();
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
            const ticket = bulkhead.enqueue(() => started.push(id));
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
