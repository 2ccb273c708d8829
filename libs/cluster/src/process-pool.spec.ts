import { describe, expect, it } from 'vitest';
import { restartDelayMs } from './process-pool.js';

describe('the place of a process that crashes again and again', () => {
  it('stays empty for twice as long each time, and never for more than ten seconds', () => {
    expect([1, 2, 3, 7, 8, 9, 5_000].map(restartDelayMs)).toEqual([100, 200, 400, 6_400, 10_000, 10_000, 10_000]);
  });
});
