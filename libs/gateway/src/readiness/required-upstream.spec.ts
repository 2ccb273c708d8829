import { CircuitBreaker } from '@frontage/breaker';
import { ManualClock } from '@frontage/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RequiredUpstream } from './required-upstream.js';

const openForMs = 5_000;

/** An upstream that is there or not, with a breaker that learns of it by calls. */
class Shop {
  readonly clock = new ManualClock();
  readonly name = `shop-${String(Math.random())}`;
  readonly breaker = new CircuitBreaker(this.name, { minimumCalls: 1, failureRatio: 0.5, openForMs }, this.clock);
  isThere = true;
  readonly askedAt: number[] = [];
  readonly watched = new RequiredUpstream(
    {
      name: this.name,
      breakerState: () => this.breaker.state,
      probe: () => async () => {
        this.askedAt.push(this.clock.now());
        if (this.isThere) this.breaker.probeNow();
        return Promise.resolve(this.isThere);
      },
    },
    { healthPath: undefined, openForMs },
    this.clock,
  );

  /** One call, as an app makes it that is ready. */
  call(): void {
    const permit = this.breaker.tryAcquire();
    if (this.isThere) permit?.succeed();
    else permit?.fail();
  }
}

describe('a required upstream', () => {
  it('counts as unavailable until its first response', async () => {
    const shop = new Shop();
    shop.isThere = false;
    shop.watched.start();
    expect(await shop.watched.isThere()).toBe(false);
    shop.isThere = true;
    await shop.clock.advance(openForMs);
    expect(await shop.watched.isThere()).toBe(true);
    shop.watched.stop();
  });

  it('is left alone for as long as its breaker is open, and asked again each time after that', async () => {
    const shop = new Shop();
    shop.watched.start();
    await shop.watched.isThere();
    shop.isThere = false;
    await shop.clock.advance(1_000);
    shop.call();
    expect(await shop.watched.isThere()).toBe(false);
    await shop.clock.advance(16_000);
    expect(shop.askedAt).toEqual([0, 6_000, 11_000, 16_000]);
    shop.watched.stop();
  });

  it('is not asked while calls tell how it is', async () => {
    const shop = new Shop();
    shop.watched.start();
    for (let second = 0; second < 60; second++) {
      await shop.clock.advance(1_000);
      shop.call();
    }
    expect(shop.askedAt).toEqual([0]);
    expect(shop.clock.timerCount).toBe(0);
    shop.watched.stop();
  });

  it('gets calls again at once after a response, although its breaker would stay open for longer', async () => {
    const shop = new Shop();
    shop.watched.start();
    await shop.watched.isThere();
    // Three openings in a row: the third would last for 20 s.
    for (let round = 0; round < 3; round++) {
      shop.isThere = false;
      shop.call();
      shop.isThere = true;
      await shop.clock.advance(openForMs);
    }
    expect(await shop.watched.isThere()).toBe(true);
    expect(shop.breaker.tryAcquire()).toBeDefined();
    shop.watched.stop();
  });

  it('leaves nothing to be done once it is stopped', async () => {
    const shop = new Shop();
    shop.isThere = false;
    shop.watched.start();
    await shop.watched.isThere();
    shop.watched.stop();
    expect(shop.clock.timerCount).toBe(0);
  });

  it('comes back within openFor + 2 s of its return, with a client that calls only while it is ready (F30)', async () => {
    const outages = fc.array(
      fc.record({ upMs: fc.integer({ min: 1, max: 30_000 }), downMs: fc.integer({ min: 1, max: 90_000 }) }),
      {
        minLength: 1,
        maxLength: 6,
      },
    );
    await fc.assert(
      fc.asyncProperty(outages, fc.integer({ min: 50, max: 1_000 }), async (phases, everyMs) => {
        const shop = new Shop();
        shop.watched.start();
        const turn = async (ms: number): Promise<void> => {
          for (let left = ms; left > 0; left -= everyMs) {
            await shop.clock.advance(Math.min(everyMs, left));
            if (await shop.watched.isThere()) shop.call();
          }
        };
        for (const { upMs, downMs } of phases) {
          shop.isThere = false;
          await turn(downMs);
          shop.isThere = true;
          await turn(openForMs + 2_000);
          expect(await shop.watched.isThere()).toBe(true);
          expect(shop.breaker.state).not.toBe('open');
          await turn(upMs);
        }
        shop.watched.stop();
      }),
      { numRuns: 30 },
    );
  });
});
