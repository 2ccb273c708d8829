import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UsedProofs } from './used-proofs.js';

const isTaken = (proofs: UsedProofs, id: string, iat: number, now: number): boolean => {
  try {
    proofs.take(id, iat, now);
    return true;
  } catch {
    return false;
  }
};

describe('proofs that were used', () => {
  it('are never taken twice while their time may be accepted, and never number more than the bound', () => {
    const step = fc.record({
      id: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
      age: fc.integer({ min: -5, max: 60 }),
      wait: fc.double({ min: 0, max: 40, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), fc.integer({ min: 1, max: 8 }), (steps, bound) => {
        const proofs = new UsedProofs(bound, 65);
        const taken = new Set<string>();
        let now = 1_000;
        for (const { id, age, wait } of steps) {
          now += wait;
          const iat = Math.floor(now) - age;
          if (isTaken(proofs, id, iat, now)) {
            expect(taken).not.toContain(`${id} ${iat}`);
            taken.add(`${id} ${iat}`);
          }
          expect(proofs.size).toBeLessThanOrEqual(bound);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('beyond the bound are those of the oldest second, and fresh ones are still taken', () => {
    const proofs = new UsedProofs(100, 65);
    for (let second = 0; second < 50; second++)
      for (let one = 0; one < 10; one++) expect(isTaken(proofs, `${one}`, second, second)).toBe(true);
    expect(proofs.size).toBeLessThanOrEqual(100);
    expect(isTaken(proofs, 'new', 20, 50)).toBe(false);
    expect(isTaken(proofs, 'new', 49, 50)).toBe(true);
    expect(isTaken(proofs, 'new', 49, 50)).toBe(false);
  });

  it('are forgotten when their time is over', () => {
    const proofs = new UsedProofs(100, 65);
    expect(isTaken(proofs, 'a', 0, 0)).toBe(true);
    expect(isTaken(proofs, 'b', 66, 66)).toBe(true);
    expect(proofs.size).toBe(2);
    expect(isTaken(proofs, 'c', 67.5, 67.5)).toBe(true);
    expect(proofs.size).toBe(2);
  });
});
