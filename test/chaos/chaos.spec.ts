import { expect, it } from 'vitest';
import { runChaos } from './chaos.js';

it('three BFFs lose nothing and answer nothing wrongly while faults come and go between them and their upstreams', async () => {
  const { wrong, outcomes, faults } = await runChaos({ seconds: 16, seed: Date.now() % 1_000_000, rate: 8 });
  expect(wrong).toEqual([]);
  // A run that did nothing shows nothing.
  for (const { requests, complete } of outcomes) {
    expect(requests).toBeGreaterThan(100);
    expect(complete).toBeGreaterThan(10);
  }
  expect(outcomes.some(({ partial }) => partial > 0)).toBe(true);
  expect([...faults.values()].reduce((sum, count) => sum + count, 0)).toBeGreaterThan(10);
}, 240_000);
