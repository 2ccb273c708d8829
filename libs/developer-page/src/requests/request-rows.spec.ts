import type { CallRecord } from '@frontage/context';
import { describe, expect, it } from 'vitest';
import type { PlanNode } from '../model/state.js';
import { maxAttempts, rowsOf, type RequestWork } from './request-rows.js';

const call = (part: string, startedAt: number, endedAt: number, more: Partial<CallRecord> = {}): CallRecord => ({
  upstream: 'shop',
  operation: `get-${part}`,
  method: 'GET',
  part,
  address: 'http://127.0.0.1:1',
  attempt: 1,
  startedAt,
  endedAt,
  status: 200,
  outcome: 'ok',
  spanId: '',
  waitedMs: 0,
  circuit: '',
  ...more,
});
const node = (name: string, after: readonly string[], kind = 'call'): PlanNode => ({
  name,
  kind,
  after,
  hasFallback: false,
});
const rows = (work: Partial<RequestWork>) =>
  rowsOf({ startedAt: 1_000, endedAt: 1_100, calls: [], failures: [], cached: [], nodes: [], ...work });

describe('the rows of a request', () => {
  it('are one for each part, in the order in which they began, with times since it arrived', () => {
    const found = rows({ calls: [call('b', 1_020, 1_050), call('a', 1_010, 1_012.345), call('b', 1_021, 1_060)] });
    expect(found.map(({ part, attempts }) => [part, attempts.map(({ start, end }) => [start, end])])).toEqual([
      ['a', [[10, 12.35]]],
      ['b', [[20, 50], [21, 60]]],
    ]); // prettier-ignore
  });

  it('tell a hedge, which begins before the attempt before it has ended, from a retry', () => {
    const [row] = rows({
      calls: [
        call('a', 1_000, 1_080, { outcome: 'cancelled' }),
        call('a', 1_030, 1_060, { attempt: 2 }),
        call('a', 1_070, 1_090, { attempt: 3 }),
      ],
    });
    expect(row?.attempts.map(({ isHedge }) => isHedge)).toEqual([false, true, false]);
  });

  it('have a part whose response was there, and one that was never sent', () => {
    const found = rows({
      cached: [
        { part: 'a', upstream: 'shop', operation: 'get-a', result: 'hit', at: 1_005 },
        { part: 'a', upstream: 'shop', operation: 'get-a', result: 'hit', at: 1_006 },
      ],
      failures: [
        { part: 'b', upstream: 'shop', operation: 'get-b', reason: 'open_circuit', detail: 'token=abcdef123456', status: 0, address: '', attempt: 0, count: 2 },
      ],
    }); // prettier-ignore
    expect(found).toEqual([
      { part: 'a', upstream: 'shop', operation: 'get-a', attempts: [], cache: { result: 'hit', at: 6, count: 2 } },
      {
        part: 'b',
        upstream: 'shop',
        operation: 'get-b',
        attempts: [],
        failure: { reason: 'open_circuit', detail: expect.not.stringContaining('abcdef123456'), count: 2 },
      },
    ]);
  });

  it('name the part that ended last of those that one reads, through steps too', () => {
    const found = rows({
      calls: [call('early', 1_000, 1_010), call('late', 1_000, 1_040), call('last', 1_041, 1_050), call('free', 1_001, 1_099)],
      nodes: [node('early', []), node('late', []), node('free', []), node('(step 1)', ['late'], 'step'), node('last', ['early', '(step 1)'])],
    }); // prettier-ignore
    expect(found.map(({ part, waitedFor }) => [part, waitedFor])).toEqual([
      ['early', undefined],
      ['late', undefined],
      ['free', undefined],
      ['last', 'late'],
    ]);
  });

  it('end with the request where an attempt still runs, and are bounded', () => {
    expect(rows({ calls: [call('a', 1_010, 1_010, { outcome: 'pending' })] })[0]?.attempts[0]?.end).toBe(100);
    const many = rows({ calls: Array.from({ length: maxAttempts + 50 }, () => call('a', 1_000, 1_001)) });
    expect(many[0]?.attempts.length).toBe(maxAttempts);
  });
});
