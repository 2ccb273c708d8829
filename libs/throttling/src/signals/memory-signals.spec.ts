import { ManualClock } from '@frontage/testing/manual-clock';
import { describe, expect, it } from 'vitest';
import { itKeepsTheContractOfSignalStores } from '../fixtures/signal-store.contract.js';
import { DistinctCount } from './distinct-count.js';
import { MemorySignals } from './memory-signals.js';

describe('observations in memory', () => {
  itKeepsTheContractOfSignalStores(() => {
    const clock = new ManualClock();
    return { clock, store: new MemorySignals(clock) };
  });

  it('keep to the bound on keys, whatever comes', () => {
    const store = new MemorySignals(new ManualClock(), 500);
    const base = { windowMs: 60_000, threshold: 1, share: 1, value: 1, forMs: 1_000 };
    for (let i = 0; i < 20_000; i++)
      store.observe([
        { ...base, kind: 'share', key: `a\n${i}` },
        { ...base, kind: 'distinct', key: `b\n${i}`, value: i },
        { ...base, kind: 'mark', key: `c\n${i}` },
      ]);
    expect(store.size).toBe(1_000);
  });
});

describe('a count of different values', () => {
  /** Even hashes without a pattern (splitmix64). */
  const hashOf = (i: number): number => {
    let z = BigInt.asUintN(64, BigInt(i) * 0x9e37_79b9_7f4a_7c15n);
    z = BigInt.asUintN(64, (z ^ (z >> 30n)) * 0xbf58_476d_1ce4_e5b9n);
    z = BigInt.asUintN(64, (z ^ (z >> 27n)) * 0x94d0_49bb_1331_11ebn);
    return Number(BigInt.asUintN(48, z ^ (z >> 31n)));
  };
  const counted = (from: number, count: number): DistinctCount => {
    const set = new DistinctCount();
    for (let i = from; i < from + count; i++) set.add(hashOf(i));
    return set;
  };

  it.each([0, 1, 5, 20, 100, 500, 1_000, 10_000])('is near to %i', (count) => {
    const estimates = [0, 1, 2, 3, 4].map((run) => DistinctCount.union(counted(1 + run * 1_000_000, count), undefined));
    // Four standard errors of 6.5 %, or a value for few of them.
    for (const estimate of estimates) expect(Math.abs(estimate - count)).toBeLessThanOrEqual(Math.max(2, count * 0.26));
  });

  it('counts a value of both sets once', () => {
    expect(DistinctCount.union(counted(1, 30), counted(1, 30))).toBe(DistinctCount.union(counted(1, 30), undefined));
    expect(DistinctCount.union(counted(1, 30), counted(31, 30))).toBe(DistinctCount.union(counted(1, 60), undefined));
  });
});
