import { PassThrough } from 'node:stream';
import { Controller, Get } from '@nestjs/common';
import { pick, plan, required, screen } from '@frontage/aggregation';
import { Public } from '@frontage/auth';
import { Screen } from '@frontage/gateway';
import { RequestContext } from '@frontage/context';
import { channels } from '@frontage/core';
import { startTracing } from '@frontage/tracing';
import { ExportResultCode } from '@opentelemetry/core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { GatewayUnderTest } from '../../libs/gateway/src/fixtures/gateway-under-test.js';
import { getItem } from '../../libs/gateway/src/fixtures/shop.js';
import { furtherCases, suiteCases, type TraceCase } from './trace-context-cases.js';

const itemScreen = screen(
  plan('spec.item', { deadlineMs: 5000 }, () => ({ item: required(getItem, { path: { id: 'i-1' } }) })),
  ({ item }) => pick(item, 'id'),
);

@Public()
@Controller()
class Items {
  @Get('item')
  @Screen(itemScreen)
  item() {
    return {};
  }
}

let trusting: GatewayUnderTest;
let exposed: GatewayUnderTest;
beforeAll(async () => {
  trusting = await GatewayUnderTest.start({ controllers: [Items], trustedProxies: 1 });
  exposed = await GatewayUnderTest.start({ controllers: [Items] });
});
afterAll(async () => {
  await trusting.stop();
  await exposed.stop();
});
afterEach(() => {
  for (const app of [trusting, exposed]) app.shop.requests.splice(0);
});

/** The headers that the upstream gets for a request with these lines. */
async function passedOn(
  app: GatewayUnderTest,
  headers: TraceCase['headers'],
): Promise<Readonly<Record<string, string>>> {
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  const answer = await app.send(`GET /item HTTP/1.1\r\nhost: x\r\nconnection: close\r\n${lines}\r\n`);
  expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  return app.shop.requests.at(-1)?.headers ?? {};
}

/** As a receiver reads it: OWS around members means nothing. */
const members = (state: string | undefined): readonly string[] | undefined =>
  state?.split(',').map((member) => member.replaceAll(/^[ \t]+|[ \t]+$/g, ''));
const expectedMembers = (state: string | undefined): readonly string[] | undefined => state?.split(',');
const idOf = (traceparent = ''): string => traceparent.split('-')[1] ?? '';
const sentId = '12345678901234567890123456789012';
const wellFormed = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-0[0-3]$/;

describe.each([
  ['of the public validation suite', suiteCases],
  ['besides', furtherCases],
])('W3C Trace Context from a trusted proxy, cases %s', (_, cases) => {
  it.each(cases)('$name', async ({ headers, continues = false, state }) => {
    const sent = await passedOn(trusting, headers);
    expect(sent['traceparent']).toMatch(wellFormed);
    expect(sent['traceparent']).not.toContain('1234567890123456-');
    if (continues) expect(idOf(sent['traceparent'])).toBe(sentId);
    else for (const [, value] of headers) expect(value).not.toContain(idOf(sent['traceparent']));
    expect(members(sent['tracestate'])).toEqual(expectedMembers(state));
  });

  it('are all a new trace, without flag and state, from any other sender', async () => {
    for (const { headers } of cases) {
      const sent = await passedOn(exposed, headers);
      expect(sent['traceparent']).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
      for (const [, value] of headers) expect(value).not.toContain(idOf(sent['traceparent']));
      expect(sent['tracestate']).toBeUndefined();
    }
  });
});

describe('the sampled flag', () => {
  it.each([
    ['00', '00'],
    ['01', '01'],
    ['02', '02'],
    ['03', '03'],
    ['fc', '00'],
    ['ff', '03'],
  ])('%s of a trusted proxy goes on as %s, with the flag of a random id', async (flags, expected) => {
    const sent = await passedOn(trusting, [['traceparent', `00-${sentId}-1234567890123456-${flags}`]]);
    expect(sent['traceparent']).toMatch(new RegExp(`-${expected}$`));
  });

  it('of an untrusted sender exports nothing at a sample ratio of 0; the log names the trace of the sender', async () => {
    const exported: string[] = [];
    const log = new PassThrough();
    const tracing = await startTracing({
      app: 'spec',
      log: { destination: log },
      spans: {
        sampleRatio: 0,
        exporter: {
          export: (spans, done) => {
            exported.push(...spans.map((span) => span.spanContext().traceId));
            done({ code: ExportResultCode.SUCCESS });
          },
          shutdown: () => Promise.resolve(),
        },
      },
    });
    const headers = [['traceparent', `00-${sentId}-1234567890123456-01`]] as const;
    for (let i = 0; i < 5; i++) await passedOn(exposed, headers);
    await passedOn(trusting, headers);
    await expect.poll(() => String(log.read() ?? '')).toContain(`"senderTraceId":"${sentId}"`);
    await tracing.stop();
    expect(new Set(exported)).toEqual(new Set([sentId]));
    expect(exported.length).toBe(2); // the request of the trusted proxy, and its call
  });

  it('and the ids of an untrusted sender become a link of the span where it is kept for another reason', async () => {
    const links: unknown[] = [];
    const tracing = await startTracing({
      app: 'spec',
      log: { level: 'silent' },
      spans: {
        exporter: {
          export: (spans, done) => {
            links.push(...spans.flatMap((span) => span.links));
            done({ code: ExportResultCode.SUCCESS });
          },
          shutdown: () => Promise.resolve(),
        },
      },
    });
    const context = new RequestContext('r-1', 0, 'GET', '192.0.2.1', {});
    Object.assign(context, {
      traceId: 'f'.repeat(32),
      spanId: 'a'.repeat(16),
      senderTrace: { traceId: sentId, spanId: '1234567890123456' },
    });
    channels.requestEnded.publish({
      context,
      endedAt: 1,
      status: 500,
      code: undefined,
      clientGone: false,
      error: undefined,
    });
    await tracing.stop();
    expect(links).toMatchObject([{ context: { traceId: sentId, spanId: '1234567890123456', traceFlags: 0 } }]);
  });
});
