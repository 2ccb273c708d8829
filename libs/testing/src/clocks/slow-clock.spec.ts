import { systemClock } from '@frontage/core';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { SlowClock } from './slow-clock.js';

describe('a slow clock', () => {
  afterEach(() => vi.useRealTimers());

  it('makes timers take longer by its factor, and shows as much less time', () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] });
    const clock = new SlowClock(10);
    const began = clock.now();
    const rang = vi.fn<() => void>();
    clock.setTimer(rang, 150);
    clock.clearTimer(clock.setTimer(() => expect.unreachable(), 10));
    vi.advanceTimersByTime(1499);
    expect(rang).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(rang).toHaveBeenCalledOnce();
    expect(clock.now() - began).toBeCloseTo(150);
    expect(clock.wallTime()).toBe(systemClock.wallTime());
  });
});
