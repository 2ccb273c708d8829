import { ManualClock } from '@frontage/testing/manual-clock';
import { describe, expect, it } from 'vitest';
import { LastGoodMemory } from './last-good.js';

describe('the memory of last good responses', () => {
  it('evicts the response that was kept longest ago, however often it was read', () => {
    const memory = new LastGoodMemory(new ManualClock(), 2);
    memory.keep('a', 1);
    memory.keep('b', 2);
    expect(memory.read('a')).toEqual({ value: 1, ageMs: 0 });
    memory.keep('c', 3);
    expect(['a', 'b', 'c'].map((key) => memory.read(key)?.value)).toEqual([undefined, 2, 3]);
  });

  it('counts a response that replaces another one as the youngest, and its age from then', async () => {
    const clock = new ManualClock();
    const memory = new LastGoodMemory(clock, 2);
    memory.keep('a', 1);
    memory.keep('b', 2);
    await clock.advance(40);
    memory.keep('a', null);
    await clock.advance(2);
    memory.keep('c', undefined);
    expect(memory.read('a')).toEqual({ value: null, ageMs: 2 });
    expect(memory.read('b')).toBeUndefined();
    expect(memory.read('c')).toEqual({ value: undefined, ageMs: 0 });
    expect(memory.size).toBe(2);
  });

  it('never holds more than its bound', () => {
    const memory = new LastGoodMemory(new ManualClock());
    for (let index = 0; index < 3_000; index++) memory.keep(`${index}`, index);
    expect([memory.size, memory.read('1999')?.value, memory.read('2000')?.value]).toEqual([1_000, undefined, 2_000]);
  });
});
