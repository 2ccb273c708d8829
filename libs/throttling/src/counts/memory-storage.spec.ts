import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { itKeepsTheContractOfRateStores } from '../fixtures/rate-store.contract.js';
import { ManualClock } from '@frontage/testing/manual-clock';
import { MemoryThrottlerStorage } from './memory-storage.js';

describe('hits counted in memory', () => {
  itKeepsTheContractOfRateStores(() => {
    const clock = new ManualClock();
    return { store: new MemoryThrottlerStorage({ clock }), clock };
  });

  it('give their outcome without a promise', () => {
    expect(new MemoryThrottlerStorage().hit('ada', 60_000, 1, 0)).toMatchObject({ hits: 1, admitted: true });
  });

  it('lie between two exact sliding logs: of the window itself, and of one that is a twentieth longer', () => {
    const steps = fc.array(fc.tuple(fc.integer({ min: 0, max: 4_000 }), fc.integer({ min: 1, max: 6 })), {
      minLength: 1,
      maxLength: 120,
    });
    fc.assert(
      fc.property(
        steps,
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 0, max: 100_000 }),
        (hits, limit, start) => {
          const windowMs = 10_000;
          const clock = new ManualClock();
          clock.skip(start);
          const store = new MemoryThrottlerStorage({ clock });
          const admittedAt: number[] = [];
          const within = (ms: number): number => admittedAt.filter((at) => clock.now() - at < ms).length;
          for (const [pauseMs, burst] of hits) {
            clock.skip(pauseMs);
            for (let index = 0; index < burst; index++) {
              const { admitted } = store.hit('ada', windowMs, limit, 0);
              // No window has more hits than the limit ...
              if (admitted) expect(within(windowMs)).toBeLessThan(limit);
              // ... and an exact log over 1.05 windows would refuse each refused hit too.
              else expect(within(windowMs * 1.05)).toBeGreaterThanOrEqual(limit);
              if (admitted) admittedAt.push(clock.now());
            }
          }
        },
      ),
    );
  });

  it('keep to the bound on keys, forgetting the longest idle first', () => {
    const clock = new ManualClock();
    const store = new MemoryThrottlerStorage({ maxKeys: 1_000, clock });
    for (let index = 0; index < 20_000; index++) {
      store.hit(`key ${index}`, 60_000, 1, 0);
      // This key is in use all the time, so it stays refused while other keys come.
      expect(store.hit('busy', 60_000, 1, 0).admitted).toBe(index === 0);
      expect(store.size).toBeLessThanOrEqual(1_000);
    }
    expect(store.size).toBeGreaterThan(500);
    expect(store.hit('key 19999', 60_000, 1, 0).admitted).toBe(false);
    expect(store.hit('key 0', 60_000, 1, 0).admitted).toBe(true);
  });

  it('are counted right for each key while keys come and go', () => {
    const names = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(names, (keys) => {
        const store = new MemoryThrottlerStorage({ maxKeys: 4, clock: new ManualClock() });
        const recent: number[] = [];
        const counted = new Map<number, number>();
        for (const key of keys) {
          const { hits } = store.hit(`${key}`, 60_000, 1_000, 0);
          // With two generations of two keys, a key is kept while fewer than two other keys were hit since.
          const since = new Set(recent.slice(recent.lastIndexOf(key) + 1));
          const safe = recent.includes(key) && since.size < 2;
          const before = counted.get(key) ?? 0;
          if (safe) expect(hits).toBe(before + 1);
          else expect([1, before + 1]).toContain(hits);
          counted.set(key, hits);
          recent.push(key);
        }
      }),
    );
  });

  it('are those of a shared store once it has told its counts, and are forgotten as others are', () => {
    const minute = 60_000;
    const step = fc.record({
      pauseMs: fc.constantFrom(0, 1_000, 3_000, 20_000, 70_000),
      told: fc.option(fc.integer({ min: 0, max: 50 })),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const clock = new ManualClock();
        const store = new MemoryThrottlerStorage({ clock });
        const limits = [{ limit: 1_000, windowMs: minute, weight: 1 }];
        for (const { pauseMs, told } of steps) {
          clock.skip(pauseMs);
          if (told === null) store.hitAll(limits, ['ada']);
          else {
            store.level(limits, ['ada'], [{ hits: told, admitted: true, nextFreeMs: 0, retryAfterMs: 0 }]);
            expect(store.hitAll(limits, ['ada'])[0]?.hits).toBe(told + 1);
          }
        }
        clock.skip(minute + minute / 20);
        expect(store.hitAll(limits, ['ada'])[0]?.hits).toBe(1);
      }),
    );
  });

  it('are not counted under a bound below 2', () => {
    expect(() => new MemoryThrottlerStorage({ maxKeys: 1 })).toThrow(
      'throttling.maxKeys: found 1; write a whole number from 2',
    );
  });
});
