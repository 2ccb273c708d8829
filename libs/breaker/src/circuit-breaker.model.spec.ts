import type { Clock } from '@frontage/core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { CircuitBreaker, type Permit } from './index.js';

let now = 0;
const clock: Clock = { now: () => now, wallTime: () => now, setTimer: () => undefined, clearTimer: () => {} };
const options = {
  failureRatio: 0.5,
  windowMs: 100,
  minimumCalls: 4,
  openForMs: 10,
  maxOpenForMs: 40,
  halfOpenPermits: 2,
};

/** The same rules over a plain list of calls: slow, and easy to check. */
class ModelBreaker {
  state: 'closed' | 'open' | 'half_open' = 'closed';
  calls: { at: number; failed: boolean }[] = [];
  probes: { round: number; result: 'out' | 'ok' | 'failed' | 'gone' }[] = [];
  round = 0;
  openCount = 0;
  turnedAt = 0;

  tryAcquire(): { round: number; probe: number } | undefined {
    if (this.state === 'open' && now - this.turnedAt >= Math.min(40, 10 * 2 ** (this.openCount - 1)))
      this.#turn('half_open');
    if (this.state === 'open') return undefined;
    if (this.state === 'closed') return { round: this.round, probe: -1 };
    if (this.probes.filter((probe) => probe.result !== 'gone').length >= 2) return undefined;
    return { round: this.round, probe: this.probes.push({ round: this.round, result: 'out' }) - 1 };
  }

  report(permit: { round: number; probe: number }, result: 'ok' | 'failed' | 'gone'): void {
    if (permit.round !== this.round) return;
    if (this.state === 'closed' && result !== 'gone') {
      this.calls.push({ at: now, failed: result === 'failed' });
      // Ten buckets of 10 ms: a call counts from its bucket on, for ten buckets.
      const counted = this.calls.filter((call) => Math.floor(now / 10) - Math.floor(call.at / 10) < 10);
      const failures = counted.filter((call) => call.failed).length;
      if (result === 'failed' && counted.length >= 4 && failures * 2 >= counted.length) this.#open();
    } else if (this.state === 'half_open') {
      const probe = this.probes[permit.probe];
      if (probe) probe.result = result;
      if (this.probes.some((each) => each.result === 'failed')) this.#open();
      else if (this.probes.filter((each) => each.result === 'ok').length === 2) {
        this.openCount = 0;
        this.#turn('closed');
      }
    }
  }

  #open(): void {
    this.openCount++;
    this.#turn('open');
  }

  #turn(state: typeof this.state): void {
    this.state = state;
    this.turnedAt = now;
    this.round++;
    this.calls = [];
    this.probes = [];
  }
}

it('behaves like its model under any order of calls, results and time', () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('acquire' as const) }),
    fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 60 }) }),
    fc.record({
      do: fc.constant('report' as const),
      which: fc.nat(20),
      result: fc.constantFrom('ok', 'failed', 'failed', 'gone'),
    }),
  );
  const visited = new Set<string>();
  fc.assert(
    fc.property(fc.array(step, { minLength: 40, maxLength: 160, size: 'max' }), (steps) => {
      now = 1_000_000;
      const breaker = new CircuitBreaker('orders', options, clock);
      const model = new ModelBreaker();
      const open: { real: Permit; model: { round: number; probe: number } }[] = [];
      for (const each of steps) {
        if (each.do === 'wait') now += each.ms;
        else if (each.do === 'acquire') {
          const real = breaker.tryAcquire();
          const expected = model.tryAcquire();
          expect(real !== undefined).toBe(expected !== undefined);
          if (real && expected) open.push({ real, model: expected });
        } else {
          const [permit] = open.splice(each.which % Math.max(1, open.length), 1);
          if (permit === undefined) continue;
          if (each.result === 'ok') permit.real.succeed();
          else if (each.result === 'failed') permit.real.fail();
          else permit.real.release();
          model.report(permit.model, each.result);
        }
        expect(breaker.state).toBe(model.state);
        visited.add(breaker.state);
      }
    }),
    { numRuns: 500 },
  );
  expect(visited).toEqual(new Set(['closed', 'open', 'half_open']));
});
