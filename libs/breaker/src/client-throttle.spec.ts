import { channels, type BreakerChanged, type Clock } from '@frontage/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ClientThrottle, type ClientThrottleOptions } from './index.js';

let now = 0;
const clock: Clock = { now: () => now, wallTime: () => now, setTimer: () => undefined, clearTimer: () => {} };

/** Draws 0, 0.01, 0.02 ... in turn: of 100 calls it rejects exactly the share. */
function evenly(): () => number {
  let count = 0;
  return () => (count++ % 100) / 100;
}

const throttleWith = (options: ClientThrottleOptions = {}): ClientThrottle => {
  now = 1_000_000;
  return new ClientThrottle('orders', { windowMs: 10_000, minimumCalls: 10, random: evenly(), ...options }, clock);
};

/** Calls that are wanted, of which the upstream accepts some. @returns the calls that were sent */
function call(throttle: ClientThrottle, times: number, isGood: (index: number) => boolean): number {
  let sent = 0;
  for (let index = 0; index < times; index++) {
    now += 1;
    const permit = throttle.tryAcquire();
    if (permit === undefined) continue;
    sent++;
    if (isGood(index)) permit.succeed();
    else permit.fail();
  }
  return sent;
}

describe('client throttling', () => {
  it('sends everything to an upstream that accepts at least half of the calls', () => {
    const throttle = throttleWith();
    expect(call(throttle, 1_000, (index) => index % 2 === 0)).toBe(1_000);
    expect([throttle.rejectedRatio, throttle.state]).toEqual([0, 'closed']);
  });

  it('rejects the share of the book, and not more than its largest share', () => {
    const throttle = throttleWith();
    call(throttle, 10, () => false);
    // (10 - 0) / 11, but 90 % at most.
    expect(throttle.rejectedRatio).toBe(0.9);
    expect(throttle.state).toBe('half_open');
    const partly = throttleWith({ minimumCalls: 100, random: () => 0.99 });
    call(partly, 100, (index) => index % 4 === 0);
    expect(partly.rejectedRatio).toBeCloseTo((100 - 2 * 25) / 101);
  });

  it('lets a share of the calls through at any time, so that a recovery is noticed without a probe', () => {
    const throttle = throttleWith();
    call(throttle, 2_000, () => false);
    const sent = call(throttle, 1_000, () => false);
    expect(sent).toBeGreaterThanOrEqual(90);
    expect(sent).toBeLessThanOrEqual(110);
    // The upstream is well again: within two windows everything is sent.
    call(throttle, 20_000, () => true);
    expect(throttle.rejectedRatio).toBe(0);
    expect(call(throttle, 100, () => true)).toBe(100);
  });

  it('has no cliff: a little more failure means a little more rejection', () => {
    let before = 0;
    for (let failing = 0; failing <= 100; failing += 5) {
      const throttle = throttleWith({ minimumCalls: 1, random: () => 0.999, maxRejectedRatio: 1 });
      call(throttle, 100, (index) => index >= failing);
      expect(throttle.rejectedRatio).toBeGreaterThanOrEqual(before);
      expect(throttle.rejectedRatio - before).toBeLessThanOrEqual(0.11);
      before = throttle.rejectedRatio;
    }
    expect(before).toBeGreaterThan(0.98);
  });

  it('rejects nothing below the minimum number of calls, and forgets what is older than the window', () => {
    const throttle = throttleWith();
    call(throttle, 9, () => false);
    expect(throttle.rejectedRatio).toBe(0);
    call(throttle, 1, () => false);
    expect(throttle.rejectedRatio).toBeGreaterThan(0);
    now += 10_000;
    expect([throttle.rejectedRatio, throttle.state, throttle.isInUse]).toEqual([0, 'closed', false]);
  });

  it('does not count released calls, and takes one report per permit', () => {
    const throttle = throttleWith();
    for (let index = 0; index < 100; index++) throttle.tryAcquire()?.release();
    expect(throttle.isInUse).toBe(false);
    const permit = throttle.tryAcquire();
    for (let index = 0; index < 100; index++) permit?.fail();
    expect(throttle.rejectedRatio).toBe(0);
  });

  it('can be forced open and closed for a time, and begins closed afterwards', () => {
    const throttle = throttleWith();
    throttle.force('open', 1_000);
    expect([throttle.state, throttle.tryAcquire()]).toEqual(['open', undefined]);
    now += 1_000;
    expect(throttle.state).toBe('closed');
    call(throttle, 100, () => false);
    throttle.force('closed', 1_000);
    expect([throttle.state, call(throttle, 100, () => false)]).toEqual(['closed', 100]);
    now += 1_000;
    expect([throttle.forced, throttle.rejectedRatio]).toEqual([undefined, 0]);
  });

  it('says when it begins to reject, and when it has ended', () => {
    const states: string[] = [];
    const listen = (message: unknown): void => void states.push((message as BreakerChanged).state);
    channels.breakerChanged.subscribe(listen);
    const throttle = throttleWith();
    call(throttle, 50, () => false);
    throttle.probeNow();
    channels.breakerChanged.unsubscribe(listen);
    expect(states).toEqual(['half_open', 'closed']);
  });

  it('never rejects more than its largest share, and never with enough accepted calls', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 0, max: 400 })), { maxLength: 300 }), (calls) => {
        const throttle = throttleWith({ maxRejectedRatio: 0.8 });
        let accepted = 0;
        let all = 0;
        for (const [isGood, waitMs] of calls) {
          now += waitMs;
          const permit = throttle.tryAcquire();
          all++;
          if (permit === undefined) continue;
          if (isGood) permit.succeed();
          else permit.fail();
          if (isGood) accepted++;
          expect(throttle.rejectedRatio).toBeLessThanOrEqual(0.8);
          if (all === accepted) expect(throttle.rejectedRatio).toBe(0);
        }
      }),
    );
  });

  it.each([
    [{ windowMs: 9 }, 'windowMs must be at least 10, not 9'],
    [{ minimumCalls: 0 }, 'minimumCalls must be a whole number from 1, not 0'],
    [{ multiplier: 1 }, 'multiplier must be above 1, not 1'],
    [{ maxRejectedRatio: 2 }, 'maxRejectedRatio must be above 0 and at most 1, not 2'],
  ])('refuses %o with a message', (options, message) => {
    expect(() => new ClientThrottle('orders', options)).toThrow(new RangeError(message));
  });
});
