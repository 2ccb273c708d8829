import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LatencyWindow } from './latency-window.js';

/** The smallest of the values that the given share of them does not exceed. */
const exact = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.ceil(values.length * share) - 1] ?? Number.NaN;

it('gives each quantile within a sixteenth of its value', () => {
  const latency = fc.oneof(
    fc.double({ min: 0, max: 20, noNaN: true }),
    fc.double({ min: 0, max: 900_000, noNaN: true }),
  );
  fc.assert(
    fc.property(
      fc.array(latency, { minLength: 1, maxLength: 200 }),
      fc.constantFrom(0.5, 0.9, 0.95, 0.99, 1),
      (latencies, share) => {
        const window = new LatencyWindow();
        for (const ms of latencies) window.record(0, ms);
        const found = window.quantile(0, share) ?? Number.NaN;
        const wanted = exact(latencies, share);
        expect(found).toBeGreaterThanOrEqual(wanted);
        expect(found).toBeLessThanOrEqual(wanted * 1.0625 + 0.125);
      },
    ),
  );
});

it('counts no latency that is older than its window, also after a long pause', () => {
  const window = new LatencyWindow(60_000);
  for (let call = 0; call < 10; call++) window.record(29_999, 5);
  window.record(30_000, 100);
  expect(window.count(30_000)).toBe(11);
  expect(window.quantile(59_999, 0.5)).toBeLessThan(6);
  expect(window.count(60_000)).toBe(1);
  expect(window.quantile(60_000, 0.5)).toBeGreaterThanOrEqual(100);
  expect(window.count(3_600_000)).toBe(0);
  expect(window.quantile(3_600_000, 0.5)).toBeUndefined();
  window.record(3_600_000, 7);
  expect(window.count(3_600_000)).toBe(1);
});
