import { AggregationTemporality, MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { systemClock } from '@frontage/core';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { call, ended } from '../fixtures/ended-request.js';
import { ClientCounts } from './clients/top-clients.js';
import { CallerHash } from '../logs/caller-hash.js';
import { GatewayMetrics } from './gateway-metrics.js';

/**
 * Run with `npx vitest bench libs/tracing/src/metrics`. A request without calls and one with five, counted by our registry, and by the instruments of
 * OpenTelemetry with the same names, labels and bounds: ADR 18.
 */
const calls = Array.from({ length: 5 }, (_, index) =>
  call({ upstream: `upstream-${index}`, operation: `operation-${index}`, endedAt: 120 + 9 * index }),
);
const alone = ended({ responseBytes: 5_000 });
const request = ended({ context: { calls }, responseBytes: 5_000 });

describe('our registry', () => {
  let metrics: GatewayMetrics | undefined;
  beforeAll(() => {
    metrics = new GatewayMetrics({ maxSeries: 1_000, clock: systemClock });
  });
  afterAll(() => metrics?.stop());

  test('costs', async ({ bench }) => {
    await bench('no call', () => metrics?.recordRequest(alone, false)).run();
    await bench('five calls', () => {
      for (const record of calls) metrics?.recordCall(record);
      metrics?.recordRequest(request, false);
    }).run();
    await bench('five calls, with exemplars', () => {
      for (const record of calls) metrics?.recordCall(record);
      metrics?.recordRequest(request, true);
    }).run();
    await bench('a scrape', () => void metrics?.data()).run();
  });
});

test('the clients that send most', async ({ bench }) => {
  const counts = new ClientCounts({ most: 20 }, new CallerHash('bench'), systemClock);
  const addresses = Array.from({ length: 10_000 }, (_, index) =>
    ended({ context: { clientAddress: `198.51.${index >> 8}.${index & 255}` } }),
  );
  let next = 0;
  await bench('one that comes often', () => counts.record(request.context, systemClock.now())).run();
  await bench('another one each time', () => {
    const { context } = addresses[next++ % addresses.length] ?? request;
    counts.record(context, systemClock.now());
  }).run();
});

/** Reads nothing: an instrument costs the same. */
class IdleReader extends MetricReader {
  constructor() {
    super({ aggregationTemporalitySelector: () => AggregationTemporality.CUMULATIVE });
  }
  protected override async onForceFlush(): Promise<void> {}
  protected override async onShutdown(): Promise<void> {}
}

test('OpenTelemetry', async ({ bench }) => {
  const meter = new MeterProvider({ readers: [new IdleReader()] }).getMeter('bench');
  const seconds = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.75, 1, 2.5, 5, 7.5, 10];
  const bytes = Array.from({ length: 9 }, (_, step) => 256 * 4 ** step);
  const histogram = (name: string, explicitBucketBoundaries: number[]) =>
    meter.createHistogram(name, { advice: { explicitBucketBoundaries } });
  const [requests, sizes, attempts] = [histogram('r', seconds), histogram('s', bytes), histogram('a', seconds)];
  const record = ({ context, endedAt, status, responseBytes = 0 }: typeof request): void => {
    const labels = { method: context.method, route: context.route, status };
    requests.record((endedAt - context.startedAt) / 1_000, labels);
    sizes.record(responseBytes, labels);
  };
  await bench('no call', () => record(alone)).run();
  await bench('five calls', () => {
    for (const { upstream, operation, method, status, address, startedAt, endedAt } of calls)
      attempts.record((endedAt - startedAt) / 1_000, { upstream, operation, method, status, address });
    record(request);
  }).run();
});
