import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { RequestNotes } from '@frontage/context';
import { channels, type Warning } from '@frontage/core';
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { InMemorySpanExporter, type ReadableSpan } from '@opentelemetry/sdk-trace';
import { describe, expect, it } from 'vitest';
import { call, clock, ended, SPAN_ID, START_MS, TRACE_ID, pendingCall } from '../fixtures/ended-request.js';
import { spansInOtlp } from '../fixtures/otlp.js';
import { startTracing, type SpanOptions } from '../index.js';

/** The spans of these requests, as an exporter gets them. */
async function spansOf(
  requests: readonly ReturnType<typeof ended>[],
  options: SpanOptions = {},
): Promise<ReadableSpan[]> {
  const spans: ReadableSpan[] = [];
  const exporter = new InMemorySpanExporter();
  const collect = {
    export: (batch: ReadableSpan[], done: Parameters<InMemorySpanExporter['export']>[1]) => {
      spans.push(...batch);
      exporter.export(batch, done);
    },
    shutdown: () => exporter.shutdown(),
  };
  const spanOptions = { sampleRatio: 0, ...options, exporter: collect };
  const tracing = await startTracing({
    app: 'mobile',
    version: '1.2.3',
    log: { level: 'silent' },
    spans: spanOptions,
    clock,
  });
  for (const request of requests) channels.requestEnded.publish(request);
  await tracing.stop();
  return spans;
}

const msOf = ([seconds, nanos]: readonly [number, number]): number => seconds * 1_000 + nanos / 1e6;

describe('the spans of a request', () => {
  it('are a tree: the caller, the request, and its calls, each with the times that were recorded', async () => {
    const calls = [
      call(),
      call({
        spanId: 'aaaaaaaaaaaaaaa2',
        upstream: 'shipping',
        operation: 'getParcel',
        startedAt: 150,
        endedAt: 175.5,
        attempt: 2,
      }),
    ];
    const context = {
      traceId: TRACE_ID,
      parentSpanId: 'b7ad6b7169203331',
      traceSampled: true,
      tracestate: 'rojo=1',
      calls,
    };
    const spans = await spansOf([ended({ context })]);
    expect(
      spans.map((span) => ({
        name: span.name,
        kind: span.kind,
        id: span.spanContext().spanId,
        parent: span.parentSpanContext?.spanId,
        from: msOf(span.startTime) - START_MS,
        to: msOf(span.endTime) - START_MS,
      })),
    ).toEqual([
      { name: 'GET /orders/{id}', kind: SpanKind.SERVER, id: SPAN_ID, parent: 'b7ad6b7169203331', from: 100, to: 180 },
      { name: 'orders.listOrders', kind: SpanKind.CLIENT, id: 'aaaaaaaaaaaaaaa1', parent: SPAN_ID, from: 110, to: 150 },
      {
        name: 'shipping.getParcel',
        kind: SpanKind.CLIENT,
        id: 'aaaaaaaaaaaaaaa2',
        parent: SPAN_ID,
        from: 150,
        to: 175.5,
      },
    ]);
    expect(new Set(spans.map((span) => span.spanContext().traceId))).toEqual(new Set([TRACE_ID]));
    expect(spans[0]?.spanContext().traceState?.serialize()).toBe('rojo=1');
    expect(spans[0]?.parentSpanContext?.isRemote).toBe(true);
    expect(spans[0]?.resource.attributes).toMatchObject({ 'service.name': 'mobile', 'service.version': '1.2.3' });
    expect(spans[2]?.attributes['http.request.resend_count']).toBe(1);
  });

  it('say what failed', async () => {
    const calls = [
      call({ status: 0, outcome: 'timeout' }),
      call({ spanId: 'aaaaaaaaaaaaaaa2', status: 0, outcome: 'cancelled' }),
    ];
    const [request, timedOut, cancelled] = await spansOf([
      ended({ status: 504, code: 'GW_UPSTREAM_TIMEOUT', context: { calls } }),
    ]);
    expect(request?.status.code).toBe(SpanStatusCode.ERROR);
    expect(request?.attributes['error.type']).toBe('GW_UPSTREAM_TIMEOUT');
    expect(timedOut?.status.code).toBe(SpanStatusCode.ERROR);
    expect(timedOut?.attributes).toMatchObject({ 'error.type': 'timeout', 'frontage.part': 'orders' });
    expect(cancelled?.status.code).toBe(SpanStatusCode.UNSET);
  });

  it('end a call that outlives its request with the request', async () => {
    const [, write] = await spansOf([ended({ status: 500, context: { calls: [pendingCall()] } })]);
    expect(msOf(write?.endTime ?? [0, 0]) - START_MS).toBe(180);
    expect(write?.attributes).toMatchObject({ 'frontage.pending': true });
    expect(Object.keys(write?.attributes ?? {})).not.toContain('error.type');
    expect(write?.status.code).toBe(SpanStatusCode.UNSET);
  });

  it('are not made of a request that was refused before its trace began: a span without ids is none', async () => {
    const refused = [500, 400].map((status) => ended({ status, context: { traceId: '', route: '' } }));
    expect(await spansOf(refused, { sampleRatio: 1 })).toEqual([]);
  });

  it.each([
    ['slow', { endedAt: 1_100 }],
    ['failed', { status: 500 }],
    ['partial', { context: { missingParts: 1 } }],
    ['sampled by the caller', { context: { traceSampled: true } }],
  ])('are kept of a %s request, whatever the sample', async (_why, overrides) => {
    expect(await spansOf([ended(overrides)])).toHaveLength(1);
  });

  it('are not kept of a quick request that went well, unless the sample holds it', async () => {
    const wellDone = [ended(), ended({ endedAt: 1_099 }), ended({ status: 404 })];
    expect(await spansOf(wellDone)).toEqual([]);
    expect(await spansOf(wellDone, { sampleRatio: 1 })).toHaveLength(3);
    const half = [
      ended({ context: { traceId: `${'0'.repeat(31)}1` } }),
      ended({ context: { traceId: 'f'.repeat(32) } }),
    ];
    expect(await spansOf(half, { sampleRatio: 0.5 })).toHaveLength(1);
  });

  it('are kept of the routes and the callers that policy names', async () => {
    const always = {
      routes: new Set(['GET /orders/{id}']),
      isCaller: ({ roles }: { readonly roles: readonly string[] }) => roles.includes('operator'),
    };
    const other = { route: '/home' };
    const operator = { subject: 'ada', scopes: [], roles: ['operator'] };
    const requests = [
      ended(),
      ended({ context: other }),
      ended({ context: { ...other, caller: operator } }),
      ended({ context: { ...other, caller: { ...operator, roles: ['user'] } } }),
    ];
    expect(await spansOf(requests, { always })).toHaveLength(2);
  });

  it('are not kept by a sample where a trusted parent has decided against it', async () => {
    const parent = { parentSpanId: 'b7ad6b7169203331' };
    const requests = [ended({ context: parent }), ended({ context: parent, status: 500 }), ended()];
    expect(await spansOf(requests, { sampleRatio: 1 })).toHaveLength(2);
  });

  it('have one for the plan, with the lookups in caches, above those of its calls', async () => {
    const notes = new RequestNotes();
    notes.plan = { name: 'shop.home', after: new Map([['orders', ['user']]]), startedAt: 105, endedAt: undefined };
    notes.noteCache('user', 'users', 'getUser', 'hit', 106);
    const calls = [
      call({ waitedMs: 12.4, circuit: 'half_open' }),
      call({ spanId: 'aaaaaaaaaaaaaaa2', part: '', waitedMs: 0.5, circuit: 'closed' }),
    ];
    const [request, planned, inPlan, byHand] = await spansOf([ended({ status: 500, context: { notes, calls } })]);
    const planId = planned?.spanContext().spanId;
    expect(planned).toMatchObject({
      name: 'plan shop.home',
      kind: SpanKind.INTERNAL,
      attributes: { 'frontage.plan': 'shop.home', 'frontage.pending': true },
      events: [{ name: 'frontage.cache', attributes: { 'frontage.part': 'user', 'frontage.cache.result': 'hit' } }],
    });
    expect(msOf(planned?.endTime ?? [0, 0]) - START_MS).toBe(180);
    expect(planId).toMatch(/^[0-9a-f]{16}$/);
    expect([planned, inPlan, byHand].map((span) => span?.parentSpanContext?.spanId)).toEqual([
      request?.spanContext().spanId,
      planId,
      SPAN_ID,
    ]);
    expect(inPlan?.attributes).toMatchObject({
      'frontage.waited_for': ['user'],
      'frontage.waited_ms': 12,
      'frontage.breaker.state': 'half_open',
    });
    expect(Object.keys(byHand?.attributes ?? {}).join()).not.toMatch(/waited|breaker/);
  });

  it('hold nothing of the person who asked (R5)', async () => {
    const caller = { subject: 'ada@example.test', scopes: [], roles: [] };
    const spans = await spansOf([
      ended({ status: 500, context: { caller, bearerToken: 'inbound-secret', calls: [call()] } }),
    ]);
    const text = JSON.stringify(spans.map((span) => [span.name, span.attributes, span.resource.attributes]));
    expect(text).not.toMatch(/ada|inbound-secret|192\.0\.2\.1/);
  });
});

describe('a collector', () => {
  interface Received {
    readonly path: string | undefined;
    readonly headers: IncomingHttpHeaders;
    readonly body: Buffer;
  }

  async function collector(status: number): Promise<{ url: string; received: Received[]; close: () => Promise<void> }> {
    const received: Received[] = [];
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        received.push({ path: request.url, headers: request.headers, body: Buffer.concat(chunks) });
        response.writeHead(status, { 'content-type': 'application/x-protobuf' }).end();
      });
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo; // the address of a TCP server that listens
    const close = () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      });
    return { url: `http://127.0.0.1:${port}`, received, close };
  }

  it('gets them as OTLP over HTTP, before the gateway has stopped', async () => {
    const { url, received, close } = await collector(200);
    const otlp = { url, headers: { 'x-api-key': 'k' } };
    const tracing = await startTracing({ app: 'mobile', log: { level: 'silent' }, spans: { otlp }, clock });
    channels.requestEnded.publish(ended({ status: 500, context: { traceId: TRACE_ID, calls: [call()] } }));
    await tracing.stop();
    expect(received).toHaveLength(1);
    const [request] = received;
    expect(request?.path).toBe('/v1/traces');
    expect(request?.headers).toMatchObject({ 'content-type': 'application/x-protobuf', 'x-api-key': 'k' });
    const spans = spansInOtlp(request?.body ?? Buffer.alloc(0));
    expect(spans).toEqual([
      {
        traceId: TRACE_ID,
        spanId: SPAN_ID,
        parent: '',
        name: 'GET /orders/{id}',
        startMs: START_MS + 100,
        endMs: START_MS + 180,
      },
      {
        traceId: TRACE_ID,
        spanId: 'aaaaaaaaaaaaaaa1',
        parent: SPAN_ID,
        name: 'orders.listOrders',
        startMs: START_MS + 110,
        endMs: START_MS + 150,
      },
    ]);
    await close();
  });

  it('that refuses them gives one warning', async () => {
    const { url, close } = await collector(400);
    const warnings: unknown[] = [];
    const hear = (message: unknown) => void warnings.push(message);
    channels.warning.subscribe(hear);
    const tracing = await startTracing({ app: 'mobile', log: { level: 'silent' }, spans: { otlp: { url } }, clock });
    channels.requestEnded.publish(ended({ status: 500 }));
    await tracing.stop();
    channels.warning.unsubscribe(hear);
    const expected: Partial<Warning> = {
      from: 'tracing',
      message: 'spans are lost: the collector does not take them',
    };
    expect(warnings).toEqual([expect.objectContaining(expected)]);
    await close();
  });

  it('needs an address that is one', async () => {
    await expect(startTracing({ app: 'mobile', spans: { otlp: { url: 'collector' } } })).rejects.toThrow(TypeError);
  });
});

it.each([
  [{ spans: { sampleRatio: 2 } }, 'sampleRatio must be from 0 to 1, not 2'],
  [{ spans: { slowMs: -1 } }, 'slowMs must be at least 0, not -1'],
  [{ maxSeries: 0 }, 'maxSeries must be a whole number from 1, not 0'],
])('refuses %o in words', async (options, message) => {
  await expect(startTracing({ app: 'mobile', ...options })).rejects.toThrow(new RangeError(message));
});
