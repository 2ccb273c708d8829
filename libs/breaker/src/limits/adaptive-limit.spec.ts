import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SimulatedService } from '../fixtures/simulated-service.js';
import { AdaptiveLimit, type AdaptiveLimitOptions } from '../index.js';

/** A run on virtual time: two runs of one seed are equal. */
function world(workers: number, serviceMs: number, options: AdaptiveLimitOptions = {}) {
  const limit = new AdaptiveLimit(options);
  const service = new SimulatedService(limit, { workers, serviceMs, seed: 7 });
  /** Calls per second that the workers can serve. */
  const capacity = (): number => (service.workers * 1_000) / service.serviceMs;
  return { limit, service, capacity };
}

/** The 90th percentile of one call on a free worker (exponential): ln 10 times its mean. */
const unloadedP90 = Math.log(10);

describe('an adaptive limit in front of a service that can do so much', () => {
  it.each([
    [5, 20],
    [10, 50],
    [50, 100],
    [100, 200],
  ])(
    'of %i workers with %i ms per call: serves nine tenths of what they can, without a queue in the service',
    (workers, serviceMs) => {
      const { limit, service, capacity } = world(workers, serviceMs);
      service.rate = 2 * capacity();
      // It begins small and grows over minutes, because it may not flood the service.
      service.run(120);
      const steady = service.run(120);
      expect(steady.throughput).toBeGreaterThan(0.88 * capacity());
      expect(steady.p90).toBeLessThan(1.25 * unloadedP90 * serviceMs);
      expect(Math.min(...steady.limits)).toBeGreaterThanOrEqual(workers * 0.4);
      expect(Math.max(...steady.limits)).toBeLessThanOrEqual(workers * 2);
      expect(limit.limit).toBe(steady.limits.at(-1));
    },
  );

  it('backs off when the service loses three quarters of its workers, and recovers with them', () => {
    const { limit, service, capacity } = world(50, 100);
    service.rate = 2 * capacity();
    service.run(120);
    const before = limit.limit;
    service.workers = 13;
    service.run(40);
    const degraded = service.run(60);
    expect(degraded.throughput).toBeGreaterThan(0.85 * capacity());
    expect(degraded.p90).toBeLessThan(1.4 * unloadedP90 * service.serviceMs);
    expect(Math.max(...degraded.limits)).toBeLessThan(before);
    service.workers = 50;
    service.run(60);
    const recovered = service.run(60);
    expect(recovered.throughput).toBeGreaterThan(0.88 * capacity());
  });

  it('does not starve a service whose calls take four times as long for another reason than load', () => {
    const { service, capacity } = world(50, 50);
    service.rate = 2 * capacity();
    service.run(120);
    service.serviceMs = 200;
    service.run(60);
    const slower = service.run(60);
    expect(slower.throughput).toBeGreaterThan(0.85 * capacity());
    expect(slower.p90).toBeLessThan(1.3 * unloadedP90 * 200);
  });

  it('refuses nearly nothing while the service can serve all calls', () => {
    const { service, capacity } = world(50, 100);
    service.rate = 0.9 * capacity();
    service.run(60);
    expect(service.run(300).shed).toBeLessThan(0.01);
  });

  it('does not change while the application is the limit, neither with little load nor with none', () => {
    const { limit, service, capacity } = world(50, 100);
    service.rate = 2 * capacity();
    service.run(120);
    service.rate = 0.05 * capacity();
    service.run(20);
    const before = limit.limit;
    expect(new Set(service.run(600).limits)).toEqual(new Set([before]));
    expect(limit.step).toBe('idle');
    service.rate = 0;
    service.run(3_600);
    expect(limit.limit).toBe(before);
  });

  it('never falls to a single call for the sake of a measurement', () => {
    const { service, capacity } = world(50, 100);
    service.rate = 2 * capacity();
    service.run(120);
    expect(Math.min(...service.run(400).limits)).toBeGreaterThan(25);
  });
});

describe('an adaptive limit', () => {
  it.each([
    [8, 'dropped', 0, 73],
    [20, 'grow', 101, 200],
  ] as const)('with one of %i calls turned away by the upstream: %s', (oneOf, step, least, most) => {
    const limit = new AdaptiveLimit({ initial: 100 });
    // Calls that keep the limit full, for four windows.
    for (let call = 0; call < 210; call++) limit.record(call * 20, 20, limit.limit, call % oneOf === 0);
    expect(limit.step).toBe(step);
    expect(limit.limit).toBeGreaterThanOrEqual(least);
    expect(limit.limit).toBeLessThanOrEqual(most);
  });

  it('begins within its bounds, and stays in them', () => {
    expect(new AdaptiveLimit().limit).toBe(20);
    expect(new AdaptiveLimit({ min: 50 }).limit).toBe(50);
    expect(new AdaptiveLimit({ max: 8 }).limit).toBe(8);
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(fc.integer({ min: 0, max: 5_000 }), fc.nat(3_000), fc.integer({ min: 1, max: 200 }), fc.boolean()),
          {
            maxLength: 400,
            size: 'max',
          },
        ),
        (calls) => {
          const limit = new AdaptiveLimit({ min: 5, max: 60 });
          let now = 0;
          for (const [waitMs, latencyMs, inFlight, dropped] of calls) {
            limit.record((now += waitMs), latencyMs, inFlight, dropped);
            expect(limit.limit).toBeGreaterThanOrEqual(5);
            expect(limit.limit).toBeLessThanOrEqual(60);
          }
        },
      ),
    );
  });

  it.each([
    [{ min: 0 }, 'min must be a whole number from 1, not 0'],
    [{ max: 0.5 }, 'max must be a whole number from 1, not 0.5'],
    [{ min: 9, max: 8 }, 'max must be at least min (9), not 8'],
  ])('refuses %o with a message', (options, message) => {
    expect(() => new AdaptiveLimit(options)).toThrow(new RangeError(message));
  });
});
