import { expect, it } from 'vitest';
import { CallerUsage } from './caller-usage.js';

it('counts permits, each half as much after ten seconds', () => {
  const usage = new CallerUsage();
  for (let count = 0; count < 4; count++) usage.add('ada', 0);
  expect([usage.of('ada', 0), usage.of('ada', 10_000), usage.of('bob', 0)]).toEqual([4, 2, 0]);
  usage.add('ada', 20_000);
  expect(usage.of('ada', 20_000)).toBe(2);
});

it('knows a thousand callers at most, and forgets the one that was seen longest ago', () => {
  const usage = new CallerUsage();
  for (let caller = 0; caller < 5_000; caller++) {
    usage.add('always', caller);
    usage.add(`caller ${caller}`, caller);
  }
  expect(usage.size).toBe(1_000);
  expect(usage.of('always', 5_000)).toBeGreaterThan(100);
  expect(usage.of('caller 0', 5_000)).toBe(0);
});
