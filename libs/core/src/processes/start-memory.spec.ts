import { GCProfiler } from 'node:v8';
import { describe, expect, it } from 'vitest';
import type { Clock } from '../time/clock.js';
import { returnStartMemory } from './start-memory.js';

describe('memory that only the start needed', () => {
  it('is looked at by V8 after one collection of young objects, two seconds after the start', () => {
    const timers: Array<{ callback: () => void; delayMs: number }> = [];
    const clock: Clock = {
      now: () => 0,
      wallTime: () => 0,
      setTimer: (callback, delayMs) => timers.push({ callback, delayMs }),
      clearTimer: () => undefined,
    };
    returnStartMemory(clock);
    expect(timers.map(({ delayMs }) => delayMs)).toEqual([2_000]);
    const profiler = new GCProfiler();
    profiler.start();
    timers[0]?.callback();
    const statistics = profiler.stop()?.statistics ?? [];
    expect(statistics.map(({ gcType }) => gcType)).toEqual(['Scavenge']);
    expect(timers).toHaveLength(1);
  });
});
