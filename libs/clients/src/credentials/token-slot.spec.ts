import { ManualClock } from '@frontage/testing/manual-clock';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TokenSlot, type IssuedToken } from './token-slot.js';

/** A token endpoint: it responds when the test says so. */
class Endpoint {
  asked = 0;
  #waiting: { readonly give: (token: IssuedToken) => void; readonly fail: (error: Error) => void }[] = [];
  readonly fetch = (): Promise<IssuedToken> => {
    this.asked++;
    return new Promise((give, fail) => this.#waiting.push({ give, fail }));
  };
  give(value: string, lifetimeMs?: number): Promise<void> {
    for (const { give } of this.#waiting.splice(0)) give({ value, lifetimeMs });
    return turn();
  }
  fail(): Promise<void> {
    for (const { fail } of this.#waiting.splice(0)) fail(new Error('down'));
    return turn();
  }
}
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function made() {
  const clock = new ManualClock();
  const endpoint = new Endpoint();
  const slot = new TokenSlot(clock);
  return { clock, endpoint, slot, get: () => slot.get(endpoint.fetch) };
}

describe('a token', () => {
  it('is fetched once for all that wait for it, and then at hand', async () => {
    const { endpoint, get } = made();
    const waiting = Array.from({ length: 200 }, async () => get());
    await endpoint.give('one', 60_000);
    expect(new Set(await Promise.all(waiting))).toEqual(new Set(['one']));
    expect([get(), endpoint.asked]).toEqual(['one', 1]);
  });

  it('is renewed in the background after four fifths of its life, once', async () => {
    const { clock, endpoint, get } = made();
    void get();
    await endpoint.give('one', 60_000);
    clock.skip(47_999);
    expect([get(), endpoint.asked]).toEqual(['one', 1]);
    clock.skip(1);
    expect([get(), get(), endpoint.asked]).toEqual(['one', 'one', 2]);
    await endpoint.give('two', 60_000);
    expect([get(), endpoint.asked]).toEqual(['two', 2]);
  });

  it('stays in use while its renewal fails, which is tried every five seconds, and not beyond its life', async () => {
    const { clock, endpoint, get } = made();
    void get();
    await endpoint.give('one', 60_000);
    clock.skip(48_000);
    void get();
    await endpoint.fail();
    expect([get(), endpoint.asked]).toEqual(['one', 2]);
    clock.skip(5_000);
    expect([get(), endpoint.asked]).toEqual(['one', 3]);
    await endpoint.fail();
    // The last tenth of its life is for the way to the upstream.
    clock.skip(1_000);
    const late = get();
    expect(late).toBeInstanceOf(Promise);
    const refused = expect(late).rejects.toThrow('down');
    await endpoint.fail();
    await refused;
  });

  it('of a server that does not say how long is good for a minute', async () => {
    const { clock, endpoint, get } = made();
    void get();
    await endpoint.give('one');
    clock.skip(53_999);
    expect(get()).toBe('one');
    clock.skip(1);
    expect(get()).toBeInstanceOf(Promise);
  });

  it('that an upstream refuses is fetched again, unless it is new', async () => {
    const { clock, endpoint, slot, get } = made();
    void get();
    await endpoint.give('one', 60_000);
    expect(slot.drop('one')).toBe(false);
    expect(get()).toBe('one');
    clock.skip(5_000);
    expect(slot.drop('one')).toBe(true);
    void get();
    await endpoint.give('two', 60_000);
    // Others were refused with the old one meanwhile: they get the new one.
    expect([slot.drop('one'), get(), endpoint.asked]).toEqual([true, 'two', 2]);
  });

  it('is never given beyond its life, and never fetched twice at a time', async () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('get' as const) }),
      fc.record({ kind: fc.constant('skip' as const), ms: fc.integer({ min: 1, max: 40_000 }) }),
      fc.record({ kind: fc.constant('give' as const), lifetimeMs: fc.integer({ min: 0, max: 90_000 }) }),
      fc.record({ kind: fc.constant('fail' as const) }),
      fc.record({ kind: fc.constant('drop' as const) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
        const clock = new ManualClock();
        const ends = new Map<string, number>();
        const slot = new TokenSlot(clock);
        let count = 0;
        let open: { give: (token: IssuedToken) => void; fail: (error: Error) => void } | undefined;
        let atOnce = 0;
        const fetch = (): Promise<IssuedToken> => {
          atOnce++;
          return new Promise<IssuedToken>((give, fail) => (open = { give, fail })).finally(() => (atOnce -= 1));
        };
        let last = '';
        for (const one of steps) {
          if (one.kind === 'skip') clock.skip(one.ms);
          else if (one.kind === 'drop') slot.drop(last);
          else if (one.kind === 'get') {
            const token = slot.get(fetch);
            if (token instanceof Promise) token.catch(() => undefined);
            else {
              last = token;
              expect(clock.now()).toBeLessThanOrEqual(ends.get(token) ?? -1);
            }
          } else if (one.kind === 'give' && open !== undefined) {
            const value = `t${count++}`;
            ends.set(value, clock.now() + one.lifetimeMs);
            open.give({ value, lifetimeMs: one.lifetimeMs });
            open = undefined;
          } else if (one.kind === 'fail') {
            open?.fail(new Error('down'));
            open = undefined;
          }
          await turn();
          expect(atOnce).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: 60 },
    );
  });
});
