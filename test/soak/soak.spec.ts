import { expect, it } from 'vitest';
import { attacks } from './attacks.js';
import { runSoak } from './soak.js';

it('a BFF under load and under every attack at once serves each user right, and holds no more afterwards', async () => {
  const { wrong, requests, attacks: attacked, troubles } = await runSoak({ seconds: 20, seed: Date.now() % 1_000_000 });
  expect(wrong).toEqual([]);
  // A run that did nothing shows nothing.
  expect(requests).toBeGreaterThan(200);
  expect([...attacked.keys()].toSorted()).toEqual([...attacks.keys()].toSorted());
  expect(troubles.size).toBeGreaterThan(0);
}, 180_000);
