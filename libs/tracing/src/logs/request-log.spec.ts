import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { CallFailures, noteFailure } from '@frontage/context';
import { channels, fail, redact, SchemaTable, type OperationInfo } from '@frontage/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { call, ended, TRACE_ID } from '../fixtures/ended-request.js';
import { startTracing, type LogOptions } from '../index.js';

/** The lines that `publish` leaves in the log, as text and parsed. */
async function linesOf(
  publish: () => void,
  options: LogOptions = {},
): Promise<{ text: string; lines: Record<string, unknown>[] }> {
  const stream = new PassThrough();
  const tracing = await startTracing({ app: 'mobile', log: { destination: stream, ...options } });
  publish();
  await tracing.stop();
  const text = String(stream.read() ?? '');
  const lines = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line): Record<string, unknown> => JSON.parse(line));
  return { text, lines };
}

const operationOf = (upstream: string, id: string): OperationInfo => ({
  contract: { upstream, title: '', version: '1', schemas: new SchemaTable([]) },
  id,
  method: 'GET',
  path: '/',
  responses: [],
});

const requestLine = async (...args: Parameters<typeof ended>) =>
  (await linesOf(() => channels.requestEnded.publish(ended(...args)))).lines[0];

describe('the log line of a request', () => {
  it('says what was asked, what came of it, and what each call did', async () => {
    const calls = [
      call(),
      call({
        upstream: 'shipping',
        operation: 'getParcel',
        attempt: 2,
        status: 0,
        outcome: 'timeout',
        endedAt: 160.04,
      }),
    ];
    const line = await requestLine({ context: { traceId: TRACE_ID, calls, missingParts: 1 } });
    expect(line).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      app: 'mobile',
      requestId: 'req-1',
      traceId: TRACE_ID,
      method: 'GET',
      route: '/orders/{id}',
      status: 200,
      durationMs: 80,
      missingParts: 1,
      calls: [
        { part: 'orders', upstream: 'orders', operation: 'listOrders', status: 200, ms: 40, attempt: 1 },
        {
          part: 'orders',
          upstream: 'shipping',
          operation: 'getParcel',
          status: 0,
          ms: 50,
          attempt: 2,
          outcome: 'timeout',
        },
      ],
      msg: 'request',
    });
  });

  it('says of each part that failed where it was asked for, and why, without secrets', async () => {
    const failures = new CallFailures();
    const context = {
      calls: [
        call({
          upstream: 'shipping',
          operation: 'getParcel',
          part: 'parcel',
          attempt: 1,
          status: 503,
          outcome: 'error',
        }),
        call({ upstream: 'shipping', operation: 'getParcel', part: 'parcel', attempt: 2, status: 0, outcome: 'error' }),
      ],
      failures,
    };
    const request = ended({ context, status: 502 });
    const ofParcel: Parameters<typeof noteFailure> = [
      request.context,
      'parcel',
      operationOf('shipping', 'getParcel'),
      fail('GW_UPSTREAM_FAILED', { detail: 'connect ECONNREFUSED with Bearer abc.def.ghi' }),
    ];
    noteFailure(...ofParcel);
    noteFailure(...ofParcel);
    noteFailure(request.context, '', operationOf('orders', 'addOrder'), fail('GW_UPSTREAM_OPEN_CIRCUIT'));
    const { lines, text } = await linesOf(() => channels.requestEnded.publish(request));
    expect(lines[0]).toMatchObject({
      failures: [
        {
          part: 'parcel',
          upstream: 'shipping',
          operation: 'getParcel',
          address: 'http://10.0.0.7:8080',
          reason: 'error',
          attempt: 2,
          count: 2,
          detail: expect.stringContaining('connect ECONNREFUSED'),
        },
        { upstream: 'orders', operation: 'addOrder', reason: 'open_circuit', attempt: 0 },
      ],
    });
    expect(text).not.toContain('abc.def');
  });

  it('names at most fifty different failures, and counts the others', async () => {
    const request = ended();
    for (let index = 0; index < 60; index++)
      noteFailure(request.context, `part${index}`, operationOf('orders', 'getOrder'), fail('GW_UPSTREAM_TIMEOUT'));
    const { lines } = await linesOf(() => channels.requestEnded.publish(request));
    expect(lines[0]?.['failures']).toHaveLength(50);
    expect(lines[0]?.['moreFailures']).toBe(10);
  });

  it.each([
    [200, 'info'],
    [404, 'warn'],
    [502, 'error'],
  ])('of a %i has the level %s', async (status, level) => {
    expect(await requestLine({ status })).toMatchObject({ status, level });
  });

  it('names at most fifty calls', async () => {
    const line = await requestLine({ context: { calls: Array.from({ length: 120 }, () => call()) } });
    expect(line?.['calls']).toHaveLength(50);
    expect(line?.['moreCalls']).toBe(70);
  });

  it('is not written below the level asked for', async () => {
    const { lines } = await linesOf(
      () => {
        channels.requestEnded.publish(ended({ status: 200 }));
        channels.requestEnded.publish(ended({ status: 500 }));
      },
      { level: 'error' },
    );
    expect(lines.map((line) => line['status'])).toEqual([500]);
  });

  it('tells callers apart without saying who they are', async () => {
    const caller = (subject: string, tenant?: string) => ({
      subject,
      scopes: [],
      roles: [],
      ...(tenant === undefined ? {} : { tenant }),
    });
    const hashesWith = async (callerHashKey?: string) => {
      const people = [caller('ada@example.test'), caller('bob'), caller('ada@example.test'), caller('bob', 'acme')];
      const { text, lines } = await linesOf(
        () => {
          for (const each of people) channels.requestEnded.publish(ended({ context: { caller: each } }));
        },
        callerHashKey === undefined ? {} : { callerHashKey },
      );
      expect(text).not.toMatch(/ada@|bob|acme/);
      return lines.map((line) => String(line['caller']));
    };
    const [ada, bob, adaAgain, bobOfAcme] = await hashesWith('key');
    expect(ada).toMatch(/^[0-9a-f]{12}$/);
    expect(adaAgain).toBe(ada);
    expect(new Set([ada, bob, bobOfAcme]).size).toBe(3);
    expect((await hashesWith('key'))[0]).toBe(ada);
    expect((await hashesWith())[0]).not.toBe((await hashesWith())[0]);
  });

  it('holds no token, cookie or address, neither of the request nor in what went wrong (R5)', async () => {
    const secrets = [
      'Bearer abc.def-123',
      'authorization: s3cret-1',
      'cookie: sid=s3cret-2; other=s3cret-3',
      'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl',
      'https://user:s3cret-4@orders.test/',
      'https://orders.test/?access_token=s3cret-5&x=1',
      '{"password":"s3cret-6 with blanks"}',
      'ada.lovelace@example.test',
    ];
    const cause = new Error(secrets.slice(4).join('\n'));
    const error = new Error(secrets.slice(0, 4).join('\n'), { cause });
    const { text } = await linesOf(() =>
      channels.requestEnded.publish(ended({ status: 500, error, context: { bearerToken: 's3cret-7' } })),
    );
    expect(text).not.toMatch(/abc\.def|s3cret|eyJ|lovelace|inbound-secret|192\.0\.2\.1/);
    expect(text).toContain('[redacted]');
    expect(text).toContain('orders.test');
  });

  it('cannot be forged: one request is one line, for every input (R5)', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), async (text) => {
        const forged = `${text}\r\n{"level":"info","msg":"forged"}`;
        const { lines } = await linesOf(() =>
          channels.requestEnded.publish(
            ended({ error: new Error(forged), context: { route: forged, method: forged } }),
          ),
        );
        expect(lines).toHaveLength(1);
        expect(lines[0]?.['msg']).toBe('request');
      }),
      { numRuns: 50 },
    );
  });
});

describe('the log besides', () => {
  it('has a line for every change of a breaker and for every warning', async () => {
    const { lines } = await linesOf(() => {
      channels.breakerChanged.publish({ upstream: 'orders', state: 'open' });
      channels.breakerChanged.publish({ upstream: 'orders', operation: 'getOrder', state: 'half_open' });
      channels.unaskedBytes.publish({ upstream: 'orders', origin: 'http://10.0.0.7:80' });
      channels.warning.publish({
        from: 'caching',
        message: 'the store is down',
        cause: new Error('redis://u:pw@host'),
      });
    });
    expect(lines).toMatchObject([
      { level: 'warn', msg: 'breaker', upstream: 'orders', state: 'open' },
      { level: 'info', msg: 'breaker', upstream: 'orders', operation: 'getOrder', state: 'half_open' },
      { level: 'warn', upstream: 'orders', origin: 'http://10.0.0.7:80' },
      {
        level: 'warn',
        msg: 'warning',
        from: 'caching',
        warning: 'the store is down',
        error: { message: 'redis://[redacted]@host' },
      },
    ]);
  });

  it('is written to a file in full before the gateway has stopped', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'frontage-log-'));
    try {
      const path = join(folder, 'logs', 'mobile.log');
      const tracing = await startTracing({ app: 'mobile', log: { destination: { path }, bufferBytes: 16_383 } });
      for (let i = 0; i < 1_000; i++) channels.requestEnded.publish(ended({ context: { calls: [call()] } }));
      await tracing.stop();
      expect((await readFile(path, 'utf8')).trim().split('\n')).toHaveLength(1_000);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('is silent when told to be, and when tracing has stopped', async () => {
    expect((await linesOf(() => channels.requestEnded.publish(ended()), { level: 'silent' })).text).toBe('');
    const stream = new PassThrough();
    const tracing = await startTracing({ app: 'mobile', log: { destination: stream } });
    await tracing.stop();
    channels.requestEnded.publish(ended());
    expect(stream.read()).toBeNull();
  });
});

describe('redaction', () => {
  it('takes time in proportion to the length of every text', () => {
    for (const piece of ['a', 'a.', 'a@', 'eyJ', 'token=', 'cookie: ', '://', ' ', '"']) {
      const startedAt = performance.now();
      const redacted = redact(piece.repeat(100_000));
      expect(performance.now() - startedAt).toBeLessThan(200);
      expect(redacted.length).toBeLessThan(20_000);
    }
  });

  it('leaves what is no secret', () => {
    const text = 'connect ECONNREFUSED 127.0.0.1:4100 at tokenize (file:///app/node_modules/pino/pino.js:10:4)';
    expect(redact(text)).toBe(text);
  });
});
