import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { Controller, Get } from '@nestjs/common';
import { optional, orOmit, pick, plan, required, screen } from '@frontage/aggregation';
import { Public } from '@frontage/auth';
import { SchemaTable, type Contract, type Operation } from '@frontage/core';
import { Screen } from '@frontage/gateway';
import { rawReplies } from '@frontage/testing/raw-replies';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GatewayUnderTest } from '../../libs/gateway/src/fixtures/gateway-under-test.js';
import { wholeSpansInOtlp, type WholeOtlpSpan } from '../../libs/tracing/src/fixtures/otlp.js';

const contract: Contract = {
  upstream: 'shop',
  title: 'Shop',
  version: '1',
  schemas: new SchemaTable([['Tag', JSON.stringify({ type: 'object', properties: { id: { type: 'string' } } })]]),
};
const infoOf = (id: string) => ({
  contract,
  id,
  method: 'GET' as const,
  path: `/${id}`,
  responses: [{ status: '200', media: 'application/json', schema: 'Tag' }],
});
const operation = (id: string): Operation<Record<never, never>, { id: string }, object, 'GET'> => infoOf(id);
const later: Operation<{ query: { of: string } }, { id: string }, object, 'GET'> = {
  ...infoOf('later'),
  parameters: [{ name: 'of', in: 'query', style: 'form', explode: true, required: true }],
};
const page = screen(
  plan('traced.page', { deadlineMs: 5_000 }, () => {
    const sure = required(operation('sure'), {});
    return {
      sure,
      kept: required(operation('kept'), {}),
      later: required(later, { query: { of: sure.id } }),
      retried: optional(operation('retried'), {}),
      hedged: optional(operation('hedged'), {}),
      stopped: optional(operation('stopped'), {}),
      missing: optional(operation('missing'), {}),
    };
  }),
  ({ sure, kept, later: after, retried, hedged, stopped, missing }) => ({
    sure: pick(sure, 'id'),
    kept: pick(kept, 'id'),
    later: pick(after, 'id'),
    retried: orOmit(pick(retried, 'id')),
    hedged: orOmit(pick(hedged, 'id')),
    stopped: orOmit(pick(stopped, 'id')),
    missing: orOmit(pick(missing, 'id')),
  }),
);

const opening = screen(
  plan('traced.opening', { deadlineMs: 5_000 }, () => ({
    sure: required(operation('sure'), {}),
    kept: required(operation('kept'), {}),
    stopped: optional(operation('stopped'), {}),
  })),
  ({ sure, kept, stopped }) => ({
    sure: pick(sure, 'id'),
    kept: pick(kept, 'id'),
    stopped: orOmit(pick(stopped, 'id')),
  }),
);

@Public()
@Controller()
class Pages {
  @Get('opening')
  @Screen(opening)
  opening() {
    return {};
  }

  @Get('pages/:id')
  @Screen(page)
  page() {
    return {};
  }
}

const upstreams = `
  shop:
    urls: ['\${SHOP_URL}']
    retry: { attempts: 2 }
    cache: { kept: { ttl: 1m } }
    operations:
      hedged: { hedge: { after: 20ms } }
      stopped: { retry: off, breaker: { minimumCalls: 1 } }
      missing: { retry: off }`;

/** Spans that a receiver of OTLP over HTTP got. */
const received: WholeOtlpSpan[] = [];
const receiver = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    received.push(...wholeSpansInOtlp(Buffer.concat(chunks)));
    response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
  });
});
/** The `traceparent` of each request to an upstream, by its path, in order. */
const sent: (readonly [target: string, traceparent: string])[] = [];
let body: unknown;

beforeAll(async () => {
  receiver.listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  const { port } = receiver.address() as AddressInfo; // the address of a TCP server that listens
  const app = await GatewayUnderTest.start({
    controllers: [Pages],
    policy: `access: off\ntracing: { otlp: { url: 'http://127.0.0.1:${port}/v1/traces' }, sampleRatio: 0% }\n`,
    upstreams,
  });
  const good = rawReplies.json({ id: 't-1' });
  app.shop.reply = (socket, request) => {
    const times = sent.filter(([target]) => target === request.target).length;
    sent.push([request.target, request.headers['traceparent'] ?? '']);
    if (request.target === '/retried' && times % 2 === 0) return rawReplies.json({}, {}, 502)(socket, request);
    if (request.target === '/hedged' && times % 2 === 0) return undefined;
    if (request.target === '/stopped' || request.target === '/missing')
      return rawReplies.json({}, {}, 500)(socket, request);
    return good(socket, request);
  };
  // The first one opens the breaker; each adds to what retries and hedges may spend.
  for (let call = 0; call < 25; call++) await (await app.ask('/opening')).text();
  sent.length = 0;
  body = await (await app.ask('/pages/1')).json();
  await app.stop();
}, 60_000);
afterAll(() => new Promise((resolve) => receiver.close(resolve)));

describe('the trace of a request, as a receiver of OTLP gets it', () => {
  it('has a span for the request and one for each attempt, and the reason of each part that failed', () => {
    const root = received.find(({ name }) => name === 'GET /pages/:id');
    const planned = received.find(({ parent }) => parent === root?.spanId);
    const spans = received.filter(({ traceId }) => traceId === root?.traceId);
    expect(body).toMatchObject({ _parts: { stopped: { status: 'open_circuit' }, missing: { status: 'error' } } });
    expect(root).toMatchObject({
      name: 'GET /pages/:id',
      parent: '',
      failed: false,
      attributes: {
        'http.request.method': 'GET',
        'http.route': '/pages/:id',
        'http.response.status_code': 200,
        'frontage.missing_parts': 2,
      },
    });
    const failed = { 'frontage.upstream': 'shop' };
    expect(root?.events.toSorted((one, other) => String(one.attributes['frontage.part']) < String(other.attributes['frontage.part']) ? -1 : 1)).toEqual([
      { name: 'frontage.part.failed', attributes: { ...failed, 'frontage.operation': 'missing', 'frontage.part': 'missing', 'error.type': 'error', 'frontage.attempts': 1, 'http.response.status_code': 500 } },
      { name: 'frontage.part.failed', attributes: { ...failed, 'frontage.operation': 'stopped', 'frontage.part': 'stopped', 'error.type': 'open_circuit', 'frontage.breaker.state': 'open', 'frontage.attempts': 0 } },
    ]); // prettier-ignore

    expect(planned).toMatchObject({
      name: 'plan traced.page',
      kind: 'internal',
      failed: false,
      attributes: { 'frontage.plan': 'traced.page' },
      // An earlier request had loaded it: no attempt was made.
      events: [{ name: 'frontage.cache', attributes: { ...failed, 'frontage.operation': 'kept', 'frontage.part': 'kept', 'frontage.cache.result': 'hit' } }],
    }); // prettier-ignore
    expect(planned?.startMs).toBeGreaterThanOrEqual(root?.startMs ?? Infinity);
    expect(planned?.endMs).toBeLessThanOrEqual(root?.endMs ?? 0);

    const call = (part: string, more: object, hasFailed = false) => ({
      name: `shop.${part}`,
      kind: 'client',
      parent: planned?.spanId,
      failed: hasFailed,
      attributes: { 'http.request.method': 'GET', 'frontage.upstream': 'shop', 'frontage.operation': part, 'frontage.part': part, ...more },
    }); // prettier-ignore
    const ok = { 'http.response.status_code': 200 };
    const second = { 'http.request.resend_count': 1 };
    const calls = spans.filter((span) => span !== root && span !== planned);
    const order = ({ name, attributes }: WholeOtlpSpan): string =>
      `${name} ${Number(attributes['http.request.resend_count'] ?? 0)}`;
    // The pause before an attempt is as long as chance has it.
    const timeless = (attributes: WholeOtlpSpan['attributes']) =>
      Object.fromEntries(Object.entries(attributes).filter(([name]) => name !== 'frontage.waited_ms'));
    expect(
      calls
        .toSorted((one, other) => (order(one) < order(other) ? -1 : 1))
        .map(({ name, kind, parent, failed: hasFailed, attributes }) => ({ name, kind, parent, failed: hasFailed, attributes: timeless(attributes) })),
    ).toEqual([
      // The attempt that lost was aborted; nothing went wrong with it.
      call('hedged', { 'error.type': 'cancelled' }),
      call('hedged', { ...ok, ...second }),
      call('later', { ...ok, 'frontage.waited_for': ['sure'] }),
      call('missing', { 'http.response.status_code': 500, 'error.type': 'error' }, true),
      call('retried', { 'http.response.status_code': 502, 'error.type': 'error' }, true),
      call('retried', { ...ok, ...second }),
      call('sure', ok),
    ]); // prettier-ignore
    // Each attempt ran within its request, and the upstream got the span that stands for it.
    for (const span of calls) {
      expect(span.startMs).toBeGreaterThanOrEqual(root?.startMs ?? Infinity);
      expect(span.endMs).toBeGreaterThan(span.startMs);
      expect(span.endMs).toBeLessThanOrEqual(root?.endMs ?? 0);
    }
    const ids = sent.map(
      ([target, traceparent]) => `shop.${target.slice(1).split('?', 1).join('')} ${traceparent.slice(0, 52)}`,
    );
    expect(ids.toSorted()).toEqual(
      calls.map(({ name, traceId, spanId }) => `${name} 00-${traceId}-${spanId}`).toSorted(),
    );
    const [lost, won] = calls.filter(({ name }) => name === 'shop.hedged').toSorted((a, b) => a.startMs - b.startMs);
    expect((won?.startMs ?? 0) - (lost?.startMs ?? 0)).toBeGreaterThan(15);
    expect(won?.startMs).toBeLessThan(lost?.endMs ?? 0);
  });
});
