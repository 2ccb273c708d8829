import type { CallRecord } from '@frontage/context';
import { describe, expect, it } from 'vitest';
import { UpstreamWindow } from './upstream-window.js';

const attempt = (
  endedAt: number,
  ms: number,
  outcome: CallRecord['outcome'] = 'ok',
  upstream = 'shop',
): CallRecord => ({
  upstream,
  operation: 'getItem',
  method: 'GET',
  part: '',
  address: '',
  attempt: 1,
  startedAt: endedAt - ms,
  endedAt,
  status: 200,
  outcome,
  spanId: '',
  waitedMs: 0,
  circuit: '',
});

describe('the figures of an upstream', () => {
  it('are those of the last minute', () => {
    const window = new UpstreamWindow(['shop']);
    window.add(attempt(1_000, 900));
    for (let ms = 1; ms <= 20; ms++) window.add(attempt(61_500 + ms, ms, ms === 20 ? 'timeout' : 'ok'));
    expect(window.figures('shop', 62_000)).toMatchObject({ calls: 20, failures: 1, p50Ms: 10, p95Ms: 19 });
    expect(window.figures('shop', 62_000).recent.at(-1)).toEqual({ ms: 20, isOk: false });
    expect(window.figures('shop', 200_000)).toEqual({ calls: 0, failures: 0, p50Ms: 0, p95Ms: 0, recent: [] });
  });

  it('leave out attempts that nothing waited for, and other upstreams', () => {
    const window = new UpstreamWindow(['shop']);
    window.add(attempt(1_000, 5, 'cancelled'));
    window.add(attempt(1_000, 5, 'ok', 'other'));
    expect([window.figures('shop', 1_000).calls, window.figures('other', 1_000).calls]).toEqual([0, 0]);
  });

  it('are of a thousand attempts at most, of which the last forty are shown', () => {
    const window = new UpstreamWindow(['shop']);
    for (let at = 0; at < 1_200; at++) window.add(attempt(1_000, at));
    const { calls, recent } = window.figures('shop', 1_000);
    expect([calls, recent.length, recent.at(-1)?.ms]).toEqual([1_000, 40, 1_199]);
  });
});
