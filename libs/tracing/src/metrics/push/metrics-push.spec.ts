import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { channels, type Warning } from '@frontage/core';
import { ManualClock } from '@frontage/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { call, ended } from '../../fixtures/ended-request.js';
import { metricsInOtlp, type OtlpMetric } from '../../fixtures/otlp.js';
import { startTracing, type Tracing } from '../../index.js';

interface Received {
  readonly path: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly resource: ReturnType<typeof metricsInOtlp>['resource'];
  readonly metrics: readonly OtlpMetric[];
}

const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
});

const accept = (response: ServerResponse): unknown =>
  response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();

/** A collector, and all that it was sent. */
async function collector(reply: (response: ServerResponse) => unknown = accept) {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received.push({ path: request.url, headers: request.headers, ...metricsInOtlp(Buffer.concat(chunks)) });
      reply(response);
    });
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  stops.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo; // the address of a TCP server that listens
  return { url: `http://127.0.0.1:${port}`, received };
}

async function start(url: string, clock: ManualClock): Promise<Tracing> {
  const tracing = await startTracing({
    app: 'mobile',
    version: '1.2.3',
    clock,
    log: { level: 'silent' },
    metricsPush: { otlp: { url, headers: { 'x-api-key': 'k' } }, everyMs: 10_000 },
  });
  stops.push(() => tracing.stop());
  return tracing;
}

const warnings: Warning[] = [];
const hear = (message: unknown): void => void warnings.push(message as Warning);

describe('a collector of metrics', () => {
  it('gets them all as OTLP over HTTP after each interval, as sums since the start', async () => {
    const { url, received } = await collector();
    const clock = new ManualClock();
    const startMs = clock.wallTime();
    await start(url, clock);
    channels.callEnded.publish({ context: ended().context, record: call({ outcome: 'timeout', status: 0 }) });
    channels.requestEnded.publish(ended({ endedAt: 104 }));
    await clock.advance(9_999);
    expect(received).toHaveLength(0);
    await clock.advance(1);
    await expect.poll(() => received.length).toBe(1);
    channels.requestEnded.publish(ended({ endedAt: 103 }));
    await clock.advance(10_000);
    await expect.poll(() => received.length).toBe(2);

    const [first, second] = received;
    expect(first?.path).toBe('/v1/metrics');
    expect(first?.headers).toMatchObject({ 'content-type': 'application/x-protobuf', 'x-api-key': 'k' });
    expect(first?.resource).toMatchObject({ 'service.name': 'mobile', 'service.version': '1.2.3' });
    expect(first?.resource['service.instance.id']).toMatch(/^[0-9a-f-]{36}$/);
    const named = (sent: Received | undefined, name: string) => sent?.metrics.find((metric) => metric.name === name);
    expect(named(second, 'http.server.request.duration')).toEqual({
      name: 'http.server.request.duration',
      unit: 's',
      kind: 'histogram',
      temporality: 'cumulative',
      isMonotonic: false,
      points: [
        {
          attributes: {
            'http.request.method': 'GET',
            'http.route': '/orders/{id}',
            'http.response.status_code': 200,
          },
          startMs,
          atMs: startMs + 20_000,
          count: 2,
          value: expect.closeTo(0.007),
          counts: [2, ...Array.from({ length: 19 }, () => 0)],
          bounds: expect.arrayContaining([0.005, 0.15, 0.6, 10]),
        },
      ],
    });
    expect(named(first, 'http.server.request.duration')?.points[0]?.count).toBe(1);
    expect(named(first, 'http.client.request.duration')?.points[0]?.attributes).toEqual({
      'frontage.upstream': 'orders',
      'frontage.operation': 'listOrders',
      'http.request.method': 'GET',
      'server.address': '10.0.0.7',
      'server.port': 8080,
      'error.type': 'timeout',
    });
    expect(named(first, 'frontage.unhandled_rejections')).toMatchObject({
      kind: 'sum',
      temporality: 'cumulative',
      isMonotonic: true,
      points: [{ value: 0 }],
    });
    expect(named(first, 'process.memory.usage')).toMatchObject({ kind: 'gauge', unit: 'By' });
  });

  it('gets each metric that a scrape has, and the last ones when the app stops', async () => {
    const { url, received } = await collector();
    const tracing = await start(url, new ManualClock());
    channels.requestEnded.publish(ended());
    const scraped = [...tracing.metrics().matchAll(/^# TYPE \S+/gm)];
    await tracing.stop();
    expect(received).toHaveLength(1);
    expect(received[0]?.metrics).toHaveLength(scraped.length);
    expect(new Set(received[0]?.metrics.map(({ name }) => name)).size).toBe(scraped.length);
  });

  it('tells processes apart', async () => {
    const { url, received } = await collector();
    for (let process = 0; process < 2; process++) await (await start(url, new ManualClock())).stop();
    expect(new Set(received.map(({ resource }) => resource['service.instance.id'])).size).toBe(2);
  });

  it('that never responds gets one export at a time, and the app stops all the same', async () => {
    const { url, received } = await collector(() => undefined);
    const clock = new ManualClock();
    await start(url, clock);
    for (let interval = 0; interval < 100; interval++) await clock.advance(10_000);
    await expect.poll(() => received.length).toBe(1);
    await clock.advance(10_000);
    channels.requestEnded.publish(ended());
    expect(received).toHaveLength(1);
  }, 30_000);

  it('that refuses them gives one warning, and one once it takes them again', async () => {
    let status = 400;
    const { url, received } = await collector((response) => response.writeHead(status).end());
    warnings.length = 0;
    channels.warning.subscribe(hear);
    stops.push(() => Promise.resolve(channels.warning.unsubscribe(hear)));
    const clock = new ManualClock();
    await start(url, clock);
    const next = async (): Promise<void> => {
      const before = received.length;
      await clock.advance(10_000);
      await expect.poll(() => received.length).toBe(before + 1);
    };
    await next();
    await expect.poll(() => warnings.length).toBe(1);
    await next();
    status = 200;
    // An export that the one before it is not done with yet is left out.
    await expect
      .poll(async () => {
        await clock.advance(10_000);
        return warnings.length;
      })
      .toBe(2);
    expect(warnings.map(({ message }) => message)).toEqual([
      'the collector does not take metrics',
      'the collector takes metrics again',
    ]);
  });

  it('needs an address that is one', async () => {
    await expect(start('collector', new ManualClock())).rejects.toThrow(TypeError);
  });
});
