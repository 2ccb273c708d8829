import { describe, expect, it } from 'vitest';
import { HedgeDelay } from './index.js';

describe('the delay of a hedge', () => {
  it('is unknown before fifty latencies, and then the latency that 95 of 100 calls do not exceed', () => {
    const delay = new HedgeDelay();
    for (let call = 1; call < 50; call++) delay.record(0, call);
    expect(delay.delayMs(0)).toBeUndefined();
    for (let call = 50; call <= 100; call++) delay.record(0, call);
    expect(delay.delayMs(0)).toBeGreaterThanOrEqual(95);
    expect(delay.delayMs(0)).toBeLessThanOrEqual(95 * 1.0625);
  });

  it('follows an operation that becomes slower, and forgets what is older than a minute', () => {
    const delay = new HedgeDelay();
    for (let call = 0; call < 100; call++) delay.record(0, 10);
    expect(delay.delayMs(0)).toBeLessThan(11);
    for (let call = 0; call < 100; call++) delay.record(10_000, 200);
    expect(delay.delayMs(10_000)).toBeGreaterThanOrEqual(200);
    expect(delay.delayMs(200_000)).toBeUndefined();
  });

  it('is the one that was stated, whatever the latencies are', () => {
    const delay = new HedgeDelay({ afterMs: 50 });
    expect(delay.delayMs(0)).toBe(50);
    for (let call = 0; call < 100; call++) delay.record(0, 10);
    expect(delay.delayMs(0)).toBe(50);
  });

  it.each([
    [{ afterMs: 0 }, 'afterMs must be at least 1, not 0'],
    [{ quantile: 0 }, 'quantile must be above 0 and at most 1, not 0'],
    [{ minimumCalls: 0 }, 'minimumCalls must be a whole number from 1, not 0'],
  ])('refuses %o with a message', (options, message) => {
    expect(() => new HedgeDelay(options)).toThrow(new RangeError(message));
  });
});
