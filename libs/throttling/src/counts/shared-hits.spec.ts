import { RequestContext } from '@frontage/context';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ManualClock } from '@frontage/testing/manual-clock';
import { MemoryThrottlerStorage } from './memory-storage.js';
import { RateLimiter } from '../rate-limiter.js';
import type { AdmittedHits } from './rate-store.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Stores of processes that get the hits of each other at once when they are reported. */
function processes(count: number, clock: ManualClock) {
  const told: AdmittedHits[] = [];
  const ears: ((hits: AdmittedHits) => void)[] = [];
  const stores = Array.from({ length: count }, (_, own) => {
    const store = new MemoryThrottlerStorage({ clock });
    store.share({
      listen: (hear) => (ears[own] = hear),
      tell: (hits) => {
        told.push(hits);
        ears.forEach((hear, other) => other !== own && hear(hits));
      },
    });
    return store;
  });
  return { stores, told };
}

describe('processes that count together', () => {
  it('admit the limit once, in any order of requests to them', () => {
    const { stores } = processes(4, new ManualClock());
    let admitted = 0;
    for (let index = 0; index < 400; index++) {
      if (stores[index % 4]?.hit('ada', 60_000, 100, 0).admitted) admitted++;
      vi.advanceTimersByTime(100);
    }
    expect(admitted).toBe(100);
  });

  it('give one caller on one connection the whole limit', () => {
    const { stores } = processes(4, new ManualClock());
    const admitted = Array.from({ length: 120 }, () => stores[0]?.hit('ada', 60_000, 100, 0).admitted);
    expect(admitted.filter(Boolean)).toHaveLength(100);
  });

  it('forget the hits of the others when their window has passed', () => {
    const clock = new ManualClock();
    const { stores } = processes(2, clock);
    stores[0]?.hit('ada', 10_000, 1, 0);
    vi.advanceTimersByTime(100);
    expect(stores[1]?.hit('ada', 10_000, 1, 0)).toMatchObject({ admitted: false, hits: 1 });
    clock.skip(10_500);
    expect(stores[1]?.hit('ada', 10_000, 1, 0)).toMatchObject({ admitted: true, hits: 1 });
  });

  it('report a burst in one message, without refused hits, and send no message without hits', () => {
    const { stores, told } = processes(2, new ManualClock());
    for (let index = 0; index < 5; index++) stores[0]?.hit('ada', 60_000, 3, 0);
    stores[0]?.hit('bob', 1_000, 3, 0);
    vi.advanceTimersByTime(10_000);
    expect(told).toEqual([
      [
        ['frontage:cluster-hits:v2:ada', 60_000, 3],
        ['frontage:cluster-hits:v2:bob', 1_000, 1],
      ],
    ]);
  });

  it('gather a bounded number of keys before they report them', () => {
    const { stores, told } = processes(2, new ManualClock());
    for (let index = 0; index < 2_500; index++) stores[0]?.hit(`key ${index}`, 60_000, 3, 0);
    expect(told.map((hits) => hits.length)).toEqual([1_000, 1_000]);
  });

  it('are asked through the limiter, with headers about the whole limit', () => {
    const ears: ((hits: AdmittedHits) => void)[] = [];
    const limiter = new RateLimiter(new MemoryThrottlerStorage({ clock: new ManualClock() }));
    limiter.share({ tell: () => {}, listen: (hear) => ears.push(hear) });
    const { byCaller, policy } = limiter.compile('interactive', [{ per: 'app', limit: 100, windowMs: 60_000 }]);
    ears[0]?.([['frontage:cluster-hits:v2:class\n"interactive"\n0\n60000\n', 60_000, 39]]);
    expect(policy).toBe('"interactive";q=100;w=60');
    expect(byCaller?.(new RequestContext('r-1', 0, 'GET', '192.0.2.1', {}))).toMatch(/^"interactive";r=60;t=\d+$/);
  });
});
