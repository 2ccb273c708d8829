import type { Outcome } from '@frontage/core';
import { ManualClock } from '@frontage/testing/manual-clock';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ada, bob, settle, waiter } from './fixtures/loads.js';
import { OperationCache } from './index.js';

const failed: Outcome<unknown> = { ok: false, status: 'error', code: 'GW_UPSTREAM_FAILED' };
const askers = { ada, bob };
const anyAsker = fc.constantFrom('ada' as const, 'bob' as const);
const anyId = fc.constantFrom(1, 2);

const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('read' as const), who: anyAsker, id: anyId }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('end' as const), ok: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1, 50, 60, 100, 450) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('leave' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('drop' as const), who: anyAsker, id: anyId }) },
);
const rules = fc.record({
  ttlMs: fc.constantFrom(100, 500),
  staleWhileRevalidateMs: fc.constantFrom(0, 50, 400),
  staleIfErrorMs: fc.constantFrom(0, 50, 1_000),
});

it('R2, F20, F21: nobody sees data of another caller or older than its rule, with one load of a key at a time', async () => {
  await fc.assert(
    fc.asyncProperty(
      rules,
      fc.array(step, { maxLength: 60, size: 'max' }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      async (rule, steps, random) => {
        const clock = new ManualClock();
        // Two entries at most, so that responses are evicted.
        const cache = new OperationCache({ maxEntries: 2, random: () => random }, clock);
        const cached = cache.operation({ upstream: 'u', operation: 'o', ...rule });
        const underWay = new Map<string, (ok: boolean) => void>();
        const waiting: { readonly leave: () => void; readonly end: Promise<void> }[] = [];
        const longest = rule.ttlMs + Math.max(rule.staleWhileRevalidateMs, rule.staleIfErrorMs);
        for (const one of steps) {
          if (one.do === 'wait') await clock.advance(one.ms);
          else if (one.do === 'leave') waiting.pop()?.leave();
          else if (one.do === 'end') [...underWay.values()][0]?.(one.ok);
          else {
            const key = cached.key({ path: { id: one.id } }, askers[one.who]);
            const expected = `${one.who}/${one.id}`;
            if (one.do === 'drop') cached.drop(key);
            else {
              const reader = waiter(clock.now() + 1_000_000);
              const outcome = Promise.resolve(
                cached.peek(key) ??
                  cached.getOrLoad(key, reader, (flight) => {
                    expect(underWay.has(key)).toBe(false);
                    return new Promise((resolve) => {
                      const end = (ok: boolean): void => {
                        underWay.delete(key);
                        resolve(ok ? { ok, value: { of: expected, at: clock.now() } } : failed);
                      };
                      underWay.set(key, end);
                      flight.onCancel(() => end(false));
                    });
                  }),
              );
              const end = outcome.then((got) => {
                if (!got.ok) return;
                const { of, at } = got.value as { readonly of: string; readonly at: number };
                expect(of).toBe(expected);
                expect(clock.now() - at).toBeLessThan(longest);
              });
              waiting.push({ leave: () => reader.cancellation.cancel('client_gone'), end });
            }
          }
          await settle();
        }
        while (underWay.size > 0) for (const end of underWay.values()) end(true);
        for (const { leave, end } of waiting) {
          leave();
          await end;
        }
        expect(clock.timerCount).toBe(0);
      },
    ),
    { numRuns: 300 },
  );
});
