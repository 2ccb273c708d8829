import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { channels } from '@frontage/core';
import { ExportResultCode } from '@opentelemetry/core';
import type { SpanExporter } from '@opentelemetry/sdk-trace';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { call, clock, ended } from './fixtures/ended-request.js';
import { startTracing } from './index.js';

const uncaught: unknown[] = [];
const hear = (thrown: unknown): void => void uncaught.push(thrown);
beforeEach(() => {
  uncaught.length = 0;
  process.on('uncaughtException', hear);
  process.on('unhandledRejection', hear);
});
afterEach(() => {
  process.off('uncaughtException', hear);
  process.off('unhandledRejection', hear);
});
/** Node rethrows what a subscriber threw in a tick of its own. */
const aTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const fail = (): never => {
  throw new Error('from a member');
};
const revoked = (): object => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};
const failing = (names: readonly string[]): object =>
  Object.defineProperties({}, Object.fromEntries(names.map((name) => [name, { get: fail, enumerable: true }])));
const memberNames = [
  'context',
  'error',
  'status',
  'endedAt',
  'record',
  'upstream',
  'state',
  'message',
  'cause',
  'from',
];
const exporter: SpanExporter = {
  export: (_spans, done) => done({ code: ExportResultCode.SUCCESS }),
  shutdown: () => Promise.resolve(),
};

describe('each observer of the gateway', () => {
  it('never throws into the publisher, for every message and channel', async () => {
    const everyChannel = Object.values(channels);
    expect(everyChannel.length).toBeGreaterThanOrEqual(6);
    const stream = new PassThrough().resume();
    const tracing = await startTracing({
      app: 'mobile',
      clock,
      log: { destination: stream },
      spans: { exporter, sampleRatio: 1 },
    });
    const message = fc.oneof(
      fc.constantFrom(
        revoked,
        () => failing(memberNames),
        () => Object.create(null),
        () => ended({ error: revoked() }),
      ),
      fc.subarray(memberNames).map((names) => () => ({ ...ended(), ...call(), ...failing([]), names })),
      fc.anything().map((value) => () => value),
      fc.anything().map((error) => () => ended({ status: 500, error })),
      fc.dictionary(fc.constantFrom(...memberNames), fc.anything()).map((members) => () => members),
    );
    await fc.assert(
      fc.asyncProperty(message, fc.constantFrom(...everyChannel), async (make, channel) => {
        channel.publish(make());
        await aTurn();
        expect(uncaught).toEqual([]);
      }),
      { numRuns: 400 },
    );
    for (const channel of everyChannel) channel.publish(failing(memberNames));
    await aTurn();
    expect(uncaught).toEqual([]);
    expect(tracing.metrics()).toMatch(/frontage_observer_failures_total\{channel="frontage\.request\.ended"\} \d+/);
    await tracing.stop();
  });

  it('goes on after a message that it could not take, and says once per channel that there was one', async () => {
    const stream = new PassThrough();
    const tracing = await startTracing({ app: 'mobile', log: { destination: stream } });
    for (let i = 0; i < 3; i++) channels.breakerChanged.publish(null);
    channels.breakerChanged.publish({ upstream: 'orders', state: 'open' });
    expect(tracing.metrics()).toContain('frontage_observer_failures_total{channel="frontage.breaker.changed"} 6');
    expect(tracing.metrics()).toContain(
      'frontage_breaker_changes_total{upstream="orders",operation="*",state="open"} 1',
    );
    await tracing.stop();
    const lines = String(stream.read()).trim().split('\n');
    expect(lines.map((line): unknown => JSON.parse(line))).toMatchObject([
      {
        msg: 'warning',
        warning: 'a message of frontage.breaker.changed was not recorded',
        error: { type: 'TypeError' },
      },
      { msg: 'breaker', upstream: 'orders' },
    ]);
  });

  it('is not ended by a log stream that throws or breaks; the other sinks hear all the same', async () => {
    const throwing = new Writable({ write: (_chunk, _encoding, done) => done() });
    throwing.write = fail;
    const breaking = new Writable({ write: (_chunk, _encoding, done) => done(new Error('disk full')) });
    for (const destination of [throwing, breaking]) {
      const tracing = await startTracing({ app: 'mobile', log: { destination } });
      for (let i = 0; i < 3; i++) {
        channels.requestEnded.publish(ended());
        channels.warning.publish({ from: 'spec', message: 'm' });
        await aTurn();
      }
      expect(uncaught).toEqual([]);
      expect(tracing.metrics()).toMatch(/http_server_request_duration_seconds_count\{.*\} 3/);
      await tracing.stop();
    }
  });

  it.each<[string, Partial<SpanExporter>]>([
    ['throws', { export: fail }],
    [
      'throws what cannot be described',
      {
        export: () => {
          throw revoked();
        },
      },
    ],
    [
      'says that it is done twice',
      {
        export: (_spans, done) => {
          done({ code: ExportResultCode.FAILED });
          done({ code: ExportResultCode.SUCCESS });
        },
      },
    ],
    ['fails while it closes', { shutdown: () => Promise.reject(new Error('gone')) }],
    ['throws while it closes', { shutdown: fail }],
  ])('is not ended by an exporter of spans that %s', async (_what, own) => {
    const stream = new PassThrough().resume();
    const tracing = await startTracing({
      app: 'mobile',
      clock,
      log: { destination: stream },
      spans: { exporter: { ...exporter, ...own }, sampleRatio: 1 },
    });
    channels.requestEnded.publish(ended({ status: 500 }));
    await tracing.stop();
    await aTurn();
    expect(uncaught).toEqual([]);
  });

  it('subscribes in one place of the product, which catches', () => {
    const libs = join(import.meta.dirname, '../..');
    const subscribing = readdirSync(libs, { recursive: true, encoding: 'utf8' })
      .filter((path) => /^[^/]+\/src\/.*\.ts$/.test(path) && !/\.(?:spec|bench)\.ts$|\/fixtures\//.test(path))
      .filter((path) => /hannel[\w.]*\.subscribe\(/.test(readFileSync(join(libs, path), 'utf8')));
    expect(subscribing).toEqual(['core/src/channels/listen.ts']);
  });
});
