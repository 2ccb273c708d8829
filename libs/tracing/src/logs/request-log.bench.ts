import { afterAll, beforeAll, test } from 'vitest';
import { pino, stdTimeFunctions } from 'pino';
import { call, ended } from '../fixtures/ended-request.js';
import { RequestLine } from './request-line.js';
import { RequestLog } from './request-log.js';

/** Run with `npx vitest bench libs/tracing`. The line of a request with five calls: made, made and written, and as pino makes it. */
const calls = Array.from({ length: 5 }, (_, index) =>
  call({ operation: `operation-${index}`, endedAt: 151.23 + index }),
);
const request = ended({ context: { calls, traceId: 'a'.repeat(32) } });
const line = new RequestLine('bench');
const nowhere = { write: () => undefined };
const general = pino({ base: { app: 'bench' }, timestamp: stdTimeFunctions.isoTime }, nowhere);

let log: RequestLog | undefined;
beforeAll(() => {
  log = new RequestLog('bench', { destination: { path: '/dev/null' } });
});
afterAll(() => log?.stop());

test('log line', async ({ bench }) => {
  await bench('made', () => void line.render('info', Date.now(), request, 'abcdefabcdef')).run();
  await bench('made and written', () => log?.logRequest(request)).run();
  await bench('as pino makes it', () => {
    const { context, status } = request;
    const { requestId, traceId, method, route } = context;
    const compact = context.calls.map(({ upstream, operation, endedAt, startedAt, attempt }) => {
      return { upstream, operation, status: 200, ms: Math.round((endedAt - startedAt) * 10) / 10, attempt };
    });
    general.info({ requestId, traceId, method, route, status, durationMs: 80, calls: compact, msg: 'request' });
  }).run();
});
