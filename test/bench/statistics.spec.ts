import { describe, expect, it } from 'vitest';
import { fitLine, isTooWide, median, medianRange, nearestRank, spread, verdictOf } from './statistics.js';

describe('statistics', () => {
  it('takes the median of values in any order', () => {
    expect(median([5, 1, 3])).toBe(3);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(median([])).toBeNaN();
  });

  it('gives the quartiles beside the median', () => {
    expect(spread([1, 2, 3, 4, 5])).toEqual({ median: 3, low: 2, high: 4 });
  });

  it('does not trust rounds of which half lie further apart than a fifth of their median', () => {
    expect(isTooWide({ median: 1, low: 0.91, high: 1.1 })).toBe(false);
    expect(isTooWide({ median: 1, low: 0.89, high: 1.1 })).toBe(true);
    expect(isTooWide({ median: 0, low: 0, high: 0 })).toBe(true);
    expect(isTooWide(spread([]))).toBe(true);
  });

  it('takes for a p99 a value that was measured, and that no more than one in a hundred exceed', () => {
    const hundred = Array.from({ length: 100 }, (_, i) => i + 1);
    expect(nearestRank(hundred, 0.99)).toBe(99);
    expect(nearestRank(hundred, 0.5)).toBe(50);
    expect(nearestRank([7], 0.99)).toBe(7);
    expect(nearestRank([], 0.99)).toBeNaN();
  });

  it('finds the slope of a line, and how sure it is of it', () => {
    const exact = fitLine([0, 1, 2, 3].map((x) => [x, 2 * x + 1]));
    expect(exact.slope).toBeCloseTo(2);
    expect(exact.error).toBeCloseTo(0);
    const noisy = fitLine([0, 1, 2, 3].map((x) => [x, x % 2]));
    expect(noisy.error).toBeGreaterThan(Math.abs(noisy.slope));
  });

  it('says within which range a median lies, the closer the more values there are', () => {
    const few = medianRange([1, 2, 3, 4, 5]);
    const many = medianRange(Array.from({ length: 20 }, () => [1, 2, 3, 4, 5]).flat());
    expect([few.median, many.median]).toEqual([3, 3]);
    expect(many.high - many.low).toBeLessThan((few.high - few.low) / 4);
    expect(medianRange([1, 2, 3]).low).toBeNaN();
  });

  it('gives a verdict where the whole range is on one side of the limit, and none otherwise', () => {
    expect(verdictOf({ median: 1, low: 0.99, high: 1.01 }, 1.02)).toBe('costs nothing');
    expect(verdictOf({ median: 1.05, low: 1.03, high: 1.07 }, 1.02)).toBe('costs more');
    expect(verdictOf({ median: 1.05, low: 1.01, high: 1.09 }, 1.02)).toBe('spread too wide to say');
    expect(verdictOf({ median: 1, low: 0.9, high: 1.1 }, 1.02)).toBe('spread too wide to say');
    expect(verdictOf(medianRange([1, 1]), 1.02)).toBe('spread too wide to say');
  });
});
