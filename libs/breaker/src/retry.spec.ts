import type { Clock } from '@frontage/core';
import { describe, expect, it } from 'vitest';
import { RetryBackoff, RetryBudget } from './index.js';

let now = 0;
const clock: Clock = { now: () => now, wallTime: () => now, setTimer: () => undefined, clearTimer: () => {} };

describe('a retry budget', () => {
  it('F13: sends at most a tenth more calls to an upstream that always fails', () => {
    const budget = new RetryBudget({ ratio: 0.1 }, clock);
    let sent = 0;
    for (let call = 0; call < 10_000; call++) {
      budget.recordCall();
      sent++;
      for (let attempt = 2; attempt <= 3 && budget.tryRetry(); attempt++) {
        sent++;
        budget.endRetry();
      }
      budget.endCall();
    }
    expect(sent).toBeGreaterThan(10_990);
    expect(sent).toBeLessThanOrEqual(11_001);
  });

  it('saves retries up while calls succeed, up to a bound', () => {
    const budget = new RetryBudget({ ratio: 0.1, maxSaved: 20 }, clock);
    for (let call = 0; call < 100_000; call++) budget.recordCall();
    let granted = 0;
    while (budget.tryRetry()) {
      granted++;
      budget.endRetry();
    }
    expect(granted).toBe(20);
    expect(budget.hasTokens).toBe(false);
  });

  it('grants one retry in a while to an upstream with little traffic', () => {
    const budget = new RetryBudget({ floorEveryMs: 1_000 }, clock);
    expect([budget.tryRetry(), budget.tryRetry()]).toEqual([true, false]);
    now += 999;
    expect(budget.tryRetry()).toBe(false);
    now += 1;
    expect(budget.hasTokens).toBe(true);
    expect([budget.tryRetry(), budget.tryRetry()]).toEqual([true, false]);
    now += 3_600_000;
    expect([budget.tryRetry(), budget.tryRetry()]).toEqual([true, false]);
  });

  it('grants no token in a while where it has no floor', () => {
    const budget = new RetryBudget({ floorEveryMs: Number.POSITIVE_INFINITY }, clock);
    expect([budget.tryRetry(), budget.tryRetry()]).toEqual([true, false]);
    now += 3_600_000;
    expect([budget.hasTokens, budget.tryRetry()]).toEqual([false, false]);
  });

  it('lets a fifth of the calls under way be retries, and three in any case, however many tokens are saved', () => {
    const budget = new RetryBudget({ ratio: 1, maxSaved: 1_000, inFlightRatio: 0.2 }, clock);
    const granted = (): number => {
      let count = 0;
      while (budget.tryRetry()) count++;
      return count;
    };
    for (let call = 0; call < 100; call++) budget.recordCall();
    expect([granted(), budget.retriesInFlight]).toEqual([20, 20]);
    budget.endRetry();
    expect(granted()).toBe(1);
    for (let call = 0; call < 95; call++) budget.endCall();
    expect(granted()).toBe(0);
    for (let retry = 0; retry < 20; retry++) budget.endRetry();
    expect([granted(), budget.retriesInFlight]).toEqual([3, 3]);
  });

  it('refuses a ratio of 0 with a message', () => {
    expect(() => new RetryBudget({ ratio: 0 })).toThrow(new RangeError('ratio must be above 0 and at most 1, not 0'));
  });
});

describe('the wait before a retry', () => {
  it('is spread over the whole range that doubles with each retry, up to a limit', () => {
    const backoff = new RetryBackoff({ initialMs: 100, maxMs: 250 });
    for (const [retry, end] of [
      [1, 100],
      [2, 200],
      [3, 250],
      [50, 250],
      [5_000, 250],
    ] as const) {
      const delays = Array.from({ length: 2_000 }, () => backoff.delayMs(retry));
      expect(Math.min(...delays)).toBeGreaterThanOrEqual(0);
      expect(Math.max(...delays)).toBeLessThan(end);
      expect(Math.min(...delays)).toBeLessThan(end * 0.1);
      expect(Math.max(...delays)).toBeGreaterThan(end * 0.9);
    }
  });
});
