import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Controller, Get } from '@nestjs/common';
import { pick, plan, required, screen } from '@frontage/aggregation';
import { Public } from '@frontage/auth';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { GatewayUnderTest, type AppParts } from '../fixtures/gateway-under-test.js';
import { getItem } from '../fixtures/shop.js';
import { Screen } from '../screens/screen.decorator.js';

const page = screen(
  plan('spec.page', { deadlineMs: 2000 }, () => ({ item: required(getItem, { path: { id: 'i-1' } }) })),
  ({ item }) => pick(item, 'id'),
);

@Public()
@Controller()
class Pages {
  @Get('page')
  @Screen(page)
  page() {
    return {};
  }
  @Get('other')
  other(): string {
    return 'other';
  }
}

interface Export {
  readonly path: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

const exports: Export[] = [];
const receiver = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    exports.push({ path: request.url, headers: request.headers, text: Buffer.concat(chunks).toString('latin1') });
    response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
  });
});
let url: string;
beforeAll(async () => {
  receiver.listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`; // the address of a TCP server that listens
});
afterAll(() => new Promise((resolve) => receiver.close(resolve)));
afterEach(() => {
  vi.restoreAllMocks();
  exports.length = 0;
});

/** The `traceparent` that the upstream got, and what was written to standard error; the exports are those of all spans. */
async function run(parts: Partial<AppParts>, headers: Readonly<Record<string, string>> = {}) {
  const said: string[] = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(String(text)) > 0);
  const app = await GatewayUnderTest.start({ controllers: [Pages], ...parts });
  for (const path of ['/page', '/other']) expect((await app.ask(path, { headers })).status).toBe(200);
  const sent = app.shop.requests.at(-1)?.headers ?? {};
  await app.stop();
  return { sent, said };
}

describe('the variables of OpenTelemetry', () => {
  const env = () => ({ OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_TRACES_SAMPLER: 'always_on' });

  it('have spans exported under the name of the service, and its services keep the same traces', async () => {
    const { sent, said } = await run({
      env: {
        ...env(),
        OTEL_SERVICE_NAME: 'shop-of-env',
        OTEL_EXPORTER_OTLP_HEADERS: 'x-key=k%201',
        OTEL_PROPAGATORS: 'b3',
      },
    });
    expect(exports.map(({ path, headers }) => [path, headers['x-key']])).toEqual([['/v1/traces', 'k 1']]);
    expect(exports[0]?.text).toMatch(/shop-of-env[^]*GET \/page[^]*GET \/other/);
    expect(sent['traceparent']).toMatch(/-01$/);
    expect(said).toEqual([expect.stringContaining('warning: OTEL_PROPAGATORS=b3')]);
  });

  it('give way to policy', async () => {
    await run({ env: env(), policy: 'tracing: { otlp: off }\n' });
    expect(exports).toEqual([]);
    const own = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', OTEL_SDK_DISABLED: 'true', OTEL_TRACES_SAMPLER: 'always_on' }; // prettier-ignore
    const { sent, said } = await run({
      env: own,
      policy: `tracing: { otlp: { url: '${url}' }, sampleRatio: 0%, always: { routes: [GET /other] } }\n`,
    });
    expect(exports[0]?.text).toMatch(/GET \/other/);
    expect(exports[0]?.text).not.toMatch(/GET \/page/);
    expect(sent['traceparent']).toMatch(/-00$/);
    expect(said).toEqual([expect.stringContaining('the environment switches spans off')]);
  });

  it('stop the start where spans would go where nobody takes them', async () => {
    await expect(run({ env: { ...env(), OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' } })).rejects.toThrow(
      'OTEL_EXPORTER_OTLP_PROTOCOL=grpc: spans are sent as http/protobuf alone',
    );
  });
});

it('a route whose spans are always kept is one of the app', async () => {
  await expect(run({ policy: 'tracing: { always: { routes: [GET /othr] } }\n' })).rejects.toThrow(
    'this app has no route GET /othr; did you mean GET /other?',
  );
});

describe('baggage', () => {
  const upstreams = "  shop: { urls: ['${SHOP_URL}'], forwardHeaders: [baggage] }";
  it('goes to an upstream that declares it, from a proxy that is trusted', async () => {
    const { sent } = await run({ upstreams, trustedProxies: 1 }, { baggage: 'team=shop' });
    expect(sent['baggage']).toBe('team=shop');
  });

  it.each([
    ['from a stranger', { upstreams }],
    ['to an upstream that does not declare it', { trustedProxies: 1 }],
  ])('goes nowhere %s', async (_how, parts) => {
    expect(Object.keys((await run(parts, { baggage: 'team=shop' })).sent)).not.toContain('baggage');
  });
});
