import { redact } from '@frontage/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { call, ended, TRACE_ID } from '../fixtures/ended-request.js';
import { RequestLine } from './request-line.js';

const wall = Date.UTC(2026, 0, 1);
const roundMs = (ms: number): number => Math.round(ms * 10) / 10;

const calls = fc.array(
  fc.record({
    upstream: fc.string(),
    operation: fc.string({ unit: 'binary' }),
    status: fc.integer({ min: 0, max: 599 }),
    endedAt: fc.double({ min: 0, max: 1e7, noNaN: true }),
    attempt: fc.integer({ min: 1, max: 5 }),
    outcome: fc.constantFrom('ok' as const, 'timeout' as const, 'cancelled' as const, 'pending' as const),
  }),
  { maxLength: 60 },
);

describe('the line of a request', () => {
  it('is the text of JSON.stringify for the same members, for all values', () => {
    const line = new RequestLine('mobile "beta"');
    fc.assert(
      fc.property(
        calls,
        fc.string({ unit: 'binary' }),
        fc.option(fc.string(), { nil: undefined }),
        fc.double({ min: 100, max: 1e9, noNaN: true }),
        (records, route, code, endedAt) => {
          const made = records.map((record) => call({ startedAt: 0, ...record }));
          const request = ended({
            code,
            endedAt,
            clientGone: true,
            context: { traceId: TRACE_ID, route, calls: made },
          });
          expect(line.render('info', wall, request, undefined)).toBe(
            `${JSON.stringify({
              level: 'info',
              time: new Date(wall).toISOString(),
              app: 'mobile "beta"',
              requestId: 'req-1',
              traceId: TRACE_ID,
              method: 'GET',
              route: redact(route),
              status: 200,
              code: code === undefined ? undefined : redact(code),
              durationMs: roundMs(endedAt - 100),
              clientGone: true,
              calls:
                made.length === 0
                  ? undefined
                  : made.slice(0, 50).map((one) => ({
                      part: one.part === '' ? undefined : redact(one.part),
                      upstream: redact(one.upstream),
                      operation: redact(one.operation),
                      status: one.status,
                      ms: roundMs((one.outcome === 'pending' ? endedAt : one.endedAt) - one.startedAt),
                      attempt: one.attempt,
                      outcome: one.outcome === 'ok' ? undefined : one.outcome,
                    })),
              moreCalls: made.length > 50 ? made.length - 50 : undefined,
              msg: 'request',
            })}\n`,
          );
        },
      ),
    );
  });

  it('stays right beyond the texts that it remembers', () => {
    const line = new RequestLine('mobile');
    for (let i = 0; i < 3_000; i++) {
      const route = `/"${i % 1_500}"`;
      expect(JSON.parse(line.render('warn', wall + i, ended({ context: { route } }), 'abc'))).toMatchObject({
        route,
        time: new Date(wall + i).toISOString(),
        caller: 'abc',
        level: 'warn',
      });
    }
  });
});
