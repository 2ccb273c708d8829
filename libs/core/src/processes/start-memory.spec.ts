import { describe, expect, it } from 'vitest';
import type { Clock } from '../time/clock.js';
import { returnStartMemory } from './start-memory.js';

/** A clock that collects what waits for it. */
function waitingClock() {
  const timers: Array<{ callback: () => void; delayMs: number }> = [];
  const clock: Clock = {
    now: () => 0,
    wallTime: () => 0,
    setTimer: (callback, delayMs) => timers.push({ callback, delayMs }),
    clearTimer: () => undefined,
  };
  return { clock, timers, fire: () => timers.shift()?.callback() };
}

/** An object that nothing holds, seen from outside. */
const dropped = (): WeakRef<object> => new WeakRef({ text: 'read at the start' });

/** Weak references hold what they were asked for until the turn is over. */
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('memory that only the start needed', () => {
  it('is collected at the first quiet moment, two seconds after the start', async () => {
    const { clock, timers, fire } = waitingClock();
    const busy = { value: true };
    const object = dropped();
    await nextTurn();
    returnStartMemory(() => busy.value, clock);
    expect(timers.map(({ delayMs }) => delayMs)).toEqual([2_000]);
    fire();
    expect(timers.map(({ delayMs }) => delayMs)).toEqual([2_000]);
    busy.value = false;
    fire();
    expect(timers).toEqual([]);
    expect(object.deref()).toBeUndefined();
  });

  it('stays where the process is busy for half a minute', async () => {
    const { clock, timers, fire } = waitingClock();
    let looks = 0;
    returnStartMemory(() => {
      looks += 1;
      return true;
    }, clock);
    while (timers.length > 0) fire();
    expect(looks).toBe(15);
  });
});
