import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '@frontage/testing/manual-clock';
import { DeadlineWatch, type Watched } from './deadline-watch.js';

class Call implements Watched {
  before: Watched | undefined = undefined;
  after: Watched | undefined = undefined;
  expiredAt: number | undefined = undefined;
  readonly deadlineAt: number;
  readonly #clock: ManualClock;
  readonly #watch: DeadlineWatch;

  constructor(clock: ManualClock, watch: DeadlineWatch, deadlineAt: number) {
    this.#clock = clock;
    this.#watch = watch;
    this.deadlineAt = deadlineAt;
    watch.add(this, clock.now());
  }

  expire(): void {
    this.expiredAt = this.#clock.now();
    this.end();
  }

  end(): void {
    this.#watch.remove(this);
  }
}

describe('a deadline watch', () => {
  it('expires each call in its millisecond, in any order of starts and ends, and never one that ended', async () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('add' as const), afterMs: fc.integer({ min: 1, max: 50 }) }),
      fc.record({ kind: fc.constant('end' as const), which: fc.nat(20) }),
      fc.record({ kind: fc.constant('advance' as const), byMs: fc.integer({ min: 1, max: 20 }) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const clock = new ManualClock();
        const watch = new DeadlineWatch(clock);
        const calls: Call[] = [];
        const ended = new Set<Call>();
        for (const next of steps) {
          if (next.kind === 'add') calls.push(new Call(clock, watch, clock.now() + next.afterMs));
          else if (next.kind === 'advance') await clock.advance(next.byMs);
          else {
            const call = calls[next.which];
            if (call === undefined || call.expiredAt !== undefined || ended.has(call)) continue;
            call.end();
            ended.add(call);
          }
        }
        await clock.advance(100);
        for (const call of calls) expect(call.expiredAt).toBe(ended.has(call) ? undefined : call.deadlineAt);
        expect(clock.timerCount).toBe(0);
      }),
      { numRuns: 50 },
    );
  });

  it('needs one timer for a thousand calls', () => {
    const clock = new ManualClock();
    const watch = new DeadlineWatch(clock);
    const calls = Array.from({ length: 1_000 }, () => new Call(clock, watch, 500));
    expect(clock.timerCount).toBe(1);
    for (const call of calls) call.end();
    expect(clock.timerCount).toBe(0);
  });

  it('is not misled by timers that fire early, as those of Node may', async () => {
    class EarlyClock extends ManualClock {
      override setTimer(callback: () => void, delayMs: number): ReturnType<ManualClock['setTimer']> {
        return super.setTimer(callback, delayMs - 0.7);
      }
    }
    const clock = new EarlyClock();
    const call = new Call(clock, new DeadlineWatch(clock), 10);
    await clock.advance(20);
    expect(call.expiredAt).toBeGreaterThanOrEqual(10);
    expect(call.expiredAt).toBeLessThan(11);
  });
});
