import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { GCProfiler } from 'node:v8';
import { RequestContext } from '@frontage/context';
import { ManualClock } from '@frontage/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unmatchedRoute } from '../routes/unmatched-route.js';
import { ExchangeDeadlines } from './exchange-deadlines.js';
import { Exchange, type BoundRoute } from './exchange.js';

const bound: BoundRoute = {
  route: { ...unmatchedRoute, kind: 'screen' },
  admit: () => undefined,
  admitMatched: () => undefined,
  screen: undefined,
  checkBody: undefined,
  commonHeaders: [],
};
const request = new IncomingMessage(new Socket());
request.complete = true;
const shared = new ServerResponse(request);

const arrive = (clock: ManualClock, kind: BoundRoute = bound, response = new ServerResponse(request)): Exchange =>
  new Exchange(kind, request, response, new RequestContext('id', clock.now(), 'GET', '', {}));

describe('the watch over deadlines', () => {
  it('holds what was added and not removed, in every order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.boolean(), fc.nat(9)), { maxLength: 60 }), async (steps) => {
        const clock = new ManualClock();
        const watch = new ExchangeDeadlines(clock, 1_000);
        const open: Exchange[] = [];
        for (const [isArrival, index] of steps) {
          if (isArrival) {
            const exchange = arrive(clock);
            watch.add(exchange);
            open.push(exchange);
          } else {
            const [ended] = open.splice(index, 1);
            if (ended === undefined) continue;
            watch.remove(ended);
            // Its end may be told twice.
            watch.remove(ended);
          }
          expect(watch.size).toBe(open.length);
        }
        const cancelled = open.map(({ context }) => context.cancellation);
        await clock.advance(5_000);
        expect(cancelled.every(({ reason }) => reason === 'deadline')).toBe(true);
        expect(watch.size).toBe(0);
      }),
      { numRuns: 100 },
    );
  });

  it('does not watch a stream, and forgets what it never knew', () => {
    const clock = new ManualClock();
    const watch = new ExchangeDeadlines(clock, 1_000);
    const stream = arrive(clock, { ...bound, route: { ...bound.route, isStream: true } });
    watch.add(stream);
    watch.remove(stream);
    expect(watch.size).toBe(0);
  });

  it('keeps no request in memory that has ended', () => {
    const clock = new ManualClock();
    const watch = new ExchangeDeadlines(clock, 1_000);
    const underWay: Exchange[] = [];
    // As after a quiet moment: the first ones have grown old.
    for (let i = 0; i < 64; i++) {
      const exchange = arrive(clock, bound, shared);
      watch.add(exchange);
      underWay.push(exchange);
    }
    for (let i = 0; i < 80_000; i++) arrive(clock, bound, shared);
    const profiler = new GCProfiler();
    profiler.start();
    for (let i = 0; i < 80_000; i++) {
      const exchange = arrive(clock, bound, shared);
      watch.add(exchange);
      const [ended] = underWay.length === 64 ? underWay.splice(0, 1) : [];
      if (ended !== undefined) watch.remove(ended);
      underWay.push(exchange);
    }
    const old = ({
      heapSpaceStatistics: spaces,
    }: {
      heapSpaceStatistics: { spaceName: string; spaceUsedSize: number }[];
    }) => spaces.find(({ spaceName }) => spaceName === 'old_space')?.spaceUsedSize ?? 0;
    const scavenges = profiler.stop()?.statistics.filter(({ gcType }) => gcType === 'Scavenge') ?? [];
    const grown = scavenges.reduce((sum, { beforeGC, afterGC }) => sum + old(afterGC) - old(beforeGC), 0);
    expect(scavenges.length).toBeGreaterThan(0);
    // All of them together take more than 25 MB.
    expect(grown / 2 ** 20).toBeLessThan(6);
  });
});
