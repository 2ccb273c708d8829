import { describe, expect, it } from 'vitest';
import type { OpenLoopResult } from './open-loop.js';
import { firstRate, searchCapacity, type Tried } from './search.js';

/** An app that bears so many requests a second, and lacks parts beyond another rate. */
const service =
  (capacity: number, wholeUpTo = Infinity, tried: number[] = []) =>
  (rate: number, seconds: number): Promise<Tried> => {
    tried.push(rate);
    const requests = rate * seconds;
    const good = rate <= capacity ? requests : Math.floor((requests * capacity) / rate);
    const partial = rate <= wholeUpTo ? 0 : good;
    const result: OpenLoopResult = {
      requests,
      good,
      partial,
      statuses: {},
      p50Ms: 1,
      p99Ms: 2,
      sentLateMs: 0,
      cpu: 0.1,
    };
    return Promise.resolve({ rate, result });
  };

describe('the search for a capacity', () => {
  it('doubles the rate until it is not borne, and halves what is in between', async () => {
    const tried: number[] = [];
    const { borne, broke } = await searchCapacity({ measure: service(300, Infinity, tried), seconds: 60 });
    expect(tried).toEqual([20, 40, 80, 160, 320, 240, 280, 300]);
    expect([borne?.rate, broke?.rate]).toEqual([300, 320]);
  });

  it('ends with its time, and says that no bound was reached', async () => {
    const { borne, broke, steps } = await searchCapacity({ measure: service(1e9), seconds: 8 });
    expect([borne?.rate, broke, steps.length]).toEqual([160, undefined, 4]);
  });

  it('bears no rate at which parts are missing that are there without load', async () => {
    expect((await searchCapacity({ measure: service(1e9, 100), seconds: 60 })).borne?.rate).toBe(100);
  });

  it('has no capacity where not even the first rate is borne', async () => {
    const { borne, broke, steps } = await searchCapacity({ measure: service(5), seconds: 60 });
    expect([borne, broke?.rate, steps.length]).toEqual([undefined, firstRate, 1]);
  });
});
