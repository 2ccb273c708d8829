import { describe, expect, it } from 'vitest';
import type { RequestRecord } from '../model/request-record.js';
import { BodyCopy, type ExchangeCopy } from './exchange-copy.js';
import { maxRequests, RequestRing } from './request-ring.js';

const copy: ExchangeCopy = {
  method: 'GET',
  target: '/',
  requestHeaders: [],
  requestBody: new BodyCopy(),
  responseBody: new BodyCopy(),
  responseHeaders: () => [],
};
const record = (id: number): RequestRecord => ({
  id,
  requestId: `r-${id}`,
  traceId: '',
  time: 0,
  method: 'GET',
  route: '/',
  path: '/',
  status: 200,
  durationMs: 1,
  missingParts: 0,
  clientGone: false,
  rows: [],
  moreAttempts: 0,
});

function ringOf(count: number): RequestRing {
  const ring = new RequestRing();
  for (let at = 0; at < count; at++) ring.add(record, copy);
  return ring;
}

describe('the last requests', () => {
  it('are a hundred, the newest first, and older ones are forgotten', () => {
    const ring = ringOf(maxRequests + 5);
    expect(ring.list().map(({ id }) => id)).toEqual(Array.from({ length: 100 }, (_, at) => 105 - at));
    expect(ring.find(5)).toBeUndefined();
    expect(ring.find(6)?.record.requestId).toBe('r-6');
  });

  it('are given to a page from the one that it knows', () => {
    const ring = ringOf(maxRequests + 5);
    expect(ring.after(103)?.map(({ id }) => id)).toEqual([104, 105]);
    expect(ring.after(105)).toEqual([]);
    expect(ring.after(5)?.length).toBe(100);
  });

  it('are not given to one that has missed some of them, or knows others', () => {
    const ring = ringOf(maxRequests + 5);
    expect(ring.after(4)).toBeUndefined();
    expect(ring.after(106)).toBeUndefined();
    expect(ringOf(0).after(0)).toEqual([]);
  });
});

describe('the copy of a body', () => {
  it('has all of it up to its bound, and nothing of a longer one', () => {
    const body = new BodyCopy();
    body.add('f\u00fcr', 'latin1');
    body.add(Buffer.from(' all'), undefined);
    body.add(null, undefined);
    expect(body.bytes.toString('latin1')).toBe('f\u00fcr all');
    body.add(Buffer.alloc(262_144), undefined);
    expect([body.isTooLong, body.bytes.length]).toEqual([true, 0]);
  });
});
