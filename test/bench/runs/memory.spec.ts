import { describe, expect, it } from 'vitest';
import { growthOf } from './memory.js';

const megabyte = 2 ** 20;
/** Forty samples in ten minutes. */
const samples = (bytesAt: (minutes: number) => number): Array<[number, number]> =>
  Array.from({ length: 40 }, (_, i) => [i / 4, bytesAt(i / 4)]);

describe('flat memory', () => {
  it('is so where it only goes up and down', () => {
    expect(growthOf(samples((minutes) => 60 * megabyte + megabyte * Math.sin(minutes * 9))).isFlat).toBe(true);
  });

  it('is so where it grows in the beginning only', () => {
    expect(growthOf(samples((minutes) => megabyte * Math.min(60, 30 + 15 * minutes))).isFlat).toBe(true);
  });

  it('is not so where it keeps growing', () => {
    const growth = growthOf(samples((minutes) => 60 * megabyte + minutes * megabyte));
    expect(growth.isFlat).toBe(false);
    expect(growth.bytesPerMinute).toBeCloseTo(megabyte);
  });

  it('cannot be said of a few samples', () => {
    expect(growthOf(samples((minutes) => minutes).slice(0, 9)).isFlat).toBeUndefined();
  });
});
