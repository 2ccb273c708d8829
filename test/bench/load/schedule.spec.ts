import { describe, expect, it } from 'vitest';
import { Schedule } from './schedule.js';

describe('the schedule of an open loop', () => {
  it('means to send at even distances from the start', () => {
    const schedule = new Schedule(1000, 4, 1);
    const times = [1000, 1250, 1500, 1750].map((now) => schedule.due(now));
    expect(times).toEqual([1000, 1250, 1500, 1750]);
    expect(schedule.due(9999)).toBeUndefined();
  });

  it('gives nothing before its time, and each request once', () => {
    const schedule = new Schedule(1000, 4, 1);
    expect(schedule.due(999)).toBeUndefined();
    expect(schedule.due(1000)).toBe(1000);
    expect(schedule.due(1000)).toBeUndefined();
    expect(schedule.nextMs).toBe(1250);
  });

  it('keeps the intended times of what it is asked for too late', () => {
    const schedule = new Schedule(0, 10, 1);
    const times = Array.from({ length: 4 }, () => schedule.due(350));
    expect(times).toEqual([0, 100, 200, 300]);
    expect(schedule.due(350)).toBeUndefined();
  });

  it('refuses a rate or a time of nothing', () => {
    expect(() => new Schedule(0, 0, 1)).toThrow(RangeError);
    expect(() => new Schedule(0, Number.NaN, 1)).toThrow(RangeError);
    expect(() => new Schedule(0, 1, 0)).toThrow(RangeError);
  });
});
