import { CallFailures } from '@frontage/context';
import { channels, SchemaTable, type OperationInfo, type Warning } from '@frontage/core';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { InMemorySpanExporter } from '@opentelemetry/sdk-trace';
import { call, clock, ended, pendingCall, SPAN_ID, START_MS, TRACE_ID } from '../fixtures/ended-request.js';
import { startTracing, type SpanOptions, type Tracing, type TracingOptions } from '../index.js';

let tracing: Tracing | undefined;
async function start(options: Partial<TracingOptions> = {}): Promise<Tracing> {
  return (tracing = await startTracing({ app: 'mobile', log: { level: 'silent' }, ...options }));
}
afterEach(() => tracing?.stop());

interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Reads the text format as Prometheus does, and fails on every text that Prometheus would refuse. */
function parse(text: string): Sample[] {
  expect(text.endsWith('\n')).toBe(true);
  const types = new Map<string, string>();
  const seen = new Set<string>();
  return text
    .slice(0, -1)
    .split('\n')
    .flatMap((line) => {
      const head = /^# (HELP|TYPE) ([a-zA-Z_:][\w:]*) (.+)$/.exec(line);
      if (head) {
        const [, kind = '', name = '', rest = ''] = head;
        expect(types.has(name) && kind === 'HELP').toBe(false);
        if (kind === 'TYPE') expect(['counter', 'gauge', 'histogram']).toContain(rest);
        if (kind === 'TYPE') types.set(name, rest);
        return [];
      }
      const parts = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (-?[\d.e+-]+)$/.exec(line);
      if (!parts) throw new Error(`not a sample: ${line}`);
      const [, name = '', labelText = '', value = ''] = parts;
      const labels: Record<string, string> = {};
      const rest = labelText.replaceAll(
        /([a-zA-Z_]\w*)="((?:[^"\\\n]|\\[\\n"])*)"(?:,|$)/g,
        (_all, label: string, raw: string) => {
          labels[label] = raw.replaceAll(/\\(.)/g, (_escape, char: string) => (char === 'n' ? '\n' : char));
          return '';
        },
      );
      expect(rest).toBe('');
      expect(types.has(name) || types.get(name.replace(/_(bucket|sum|count)$/, '')) === 'histogram').toBe(true);
      const series = `${name}{${labelText}}`;
      expect(seen.has(series)).toBe(false);
      seen.add(series);
      return [{ name, labels, value: Number(value) }];
    });
}

function valueOf(samples: readonly Sample[], name: string, labels: Record<string, string> = {}): number | undefined {
  return samples.find(
    (sample) =>
      sample.name === name && Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
  )?.value;
}

const ofCalls = {
  upstream: 'orders',
  operation: 'listOrders',
  http_request_method: 'GET',
  server_address: '10.0.0.7',
  server_port: '8080',
};

describe('metrics', () => {
  it('count requests by route, method and status code, with cumulative buckets', async () => {
    const { metrics } = await start();
    for (const endedAt of [104, 105, 180, 12_000]) channels.requestEnded.publish(ended({ endedAt }));
    channels.requestEnded.publish(ended({ status: 503 }));
    const samples = parse(metrics());
    const ok = { http_route: '/orders/{id}', http_request_method: 'GET', http_response_status_code: '200' };
    const bucket = (le: string) => valueOf(samples, 'http_server_request_duration_seconds_bucket', { ...ok, le });
    expect([bucket('0.005'), bucket('0.01'), bucket('0.1'), bucket('10.0'), bucket('+Inf')]).toEqual([2, 2, 3, 3, 4]);
    expect(valueOf(samples, 'http_server_request_duration_seconds_count', ok)).toBe(4);
    expect(valueOf(samples, 'http_server_request_duration_seconds_sum', ok)).toBeCloseTo(0.004 + 0.005 + 0.08 + 11.9);
    const failed = { ...ok, http_response_status_code: '503' };
    expect(valueOf(samples, 'http_server_request_duration_seconds_count', failed)).toBe(1);
  });

  it('say of a request that failed which error it was, and of one without a response that it had none', async () => {
    const { metrics } = await start();
    channels.requestEnded.publish(ended({ status: 504, code: 'GW_UPSTREAM_TIMEOUT' }));
    channels.requestEnded.publish(ended({ status: 500 }));
    channels.requestEnded.publish(ended({ status: 404, code: 'GW_NOT_FOUND' }));
    channels.requestEnded.publish(ended({ status: 0, clientGone: true }));
    channels.requestEnded.publish(ended({ status: 0 }));
    const counts = parse(metrics()).filter(({ name }) => name === 'http_server_request_duration_seconds_count');
    expect(counts.map(({ labels }) => [labels['http_response_status_code'], labels['error_type']])).toEqual([
      ['504', 'GW_UPSTREAM_TIMEOUT'],
      ['500', '500'],
      ['404', undefined],
      [undefined, 'client_gone'],
      [undefined, 'no_response'],
    ]);
  });

  it('name the addresses of upstreams, and no more than they have room for', async () => {
    const { metrics } = await start();
    const { context } = ended();
    const addresses = ['http://a.test', 'https://b.test', 'http://[::1]:81', 'nonsense'];
    for (const address of addresses) channels.callEnded.publish({ context, record: call({ address }) });
    for (let pod = 0; pod < 5_000; pod++)
      channels.callEnded.publish({ context, record: call({ address: `http://pod-${pod}.test` }) });
    const named = parse(metrics())
      .filter(({ name }) => name === 'http_client_request_duration_seconds_count')
      .map(({ labels, value }) => [labels['server_address'], labels['server_port'], value]);
    expect(named.slice(0, 4)).toEqual([
      ['a.test', '80', 1],
      ['b.test', '443', 1],
      ['[::1]', '81', 1],
      ['nonsense', undefined, 1],
    ]);
    expect(named).toHaveLength(65);
    expect(named.at(-1)).toEqual(['other', undefined, 4_940]);
  });

  it('link buckets to the requests and calls whose trace is exported, as OpenMetrics', async () => {
    const spans: SpanOptions = { exporter: new InMemorySpanExporter(), sampleRatio: 0 };
    const { metrics } = await start({ clock, spans });
    const calls = [call(), pendingCall({ operation: 'running' })];
    channels.callEnded.publish({ context: ended().context, record: call() });
    channels.requestEnded.publish(ended({ endedAt: 3_100, context: { traceId: TRACE_ID, calls } }));
    channels.requestEnded.publish(ended({ context: { calls } }));
    const text = metrics('openMetrics');
    const seconds = START_MS / 1_000;
    const linked = text.split('\n').filter((line) => line.includes(' # {'));
    expect(linked.map((line) => line.slice(line.indexOf('le=')))).toEqual([
      `le="5.0"} 2 # {trace_id="${TRACE_ID}",span_id="${SPAN_ID}"} 3 ${seconds + 3}.100`,
      `le="0.05"} 1 # {trace_id="${TRACE_ID}",span_id="aaaaaaaaaaaaaaa1"} 0.04 ${seconds}.150`,
    ]);
    expect(text.endsWith('\n# EOF\n')).toBe(true);
    expect(metrics()).not.toContain('trace_id');
    expect(parse(metrics())).toBeDefined();
  });

  it('link to nothing without a collector', async () => {
    const { metrics } = await start();
    channels.requestEnded.publish(ended({ status: 500, context: { traceId: TRACE_ID } }));
    expect(metrics('openMetrics')).not.toContain('trace_id');
  });

  it('have a bucket for each bound that is asked for, between the others', async () => {
    const { metrics } = await start({ requestBoundsMs: [420, 100] });
    channels.requestEnded.publish(ended({ endedAt: 519 }));
    channels.requestEnded.publish(ended({ endedAt: 521 }));
    const bounds = [...metrics().matchAll(/^http_server_request_duration_seconds_bucket\{.*le="([^"]+)"\} (\d+)$/gm)];
    expect(bounds.map(([, le]) => le)).toEqual(
      '0.005 0.01 0.025 0.05 0.075 0.1 0.15 0.2 0.25 0.3 0.4 0.42 0.5 0.6 0.75 1.0 2.5 5.0 7.5 10.0 +Inf'.split(' '),
    );
    expect(bounds.find(([, le]) => le === '0.42')?.[2]).toBe('1');
  });

  it('count calls, cache lookups, changes of breakers, partial and rate limited responses', async () => {
    const { metrics } = await start({ activeRequests: () => 7 });
    const context = ended().context;
    channels.callEnded.publish({ context, record: call() });
    channels.callEnded.publish({ context, record: call({ outcome: 'timeout', status: 0 }) });
    channels.cacheUsed.publish({ upstream: 'orders', operation: 'listOrders', result: 'hit' });
    channels.breakerChanged.publish({ upstream: 'orders', state: 'open' });
    channels.breakerChanged.publish({ upstream: 'orders', state: 'half_open' });
    channels.breakerChanged.publish({ upstream: 'users', operation: 'getUser', state: 'open' });
    channels.unaskedBytes.publish({ upstream: 'orders', origin: 'http://10.0.0.7:80' });
    channels.requestEnded.publish(ended({ context: { missingParts: 2 } }));
    channels.requestEnded.publish(ended({ status: 429, code: 'GW_RATE_LIMITED' }));
    const broken = { upstream: 'orders', operation: 'listOrders', keyword: 'required', pointer: '/items/7' };
    channels.contractBroken.publish(broken);
    const samples = parse(metrics());
    expect(valueOf(samples, 'frontage_contract_broken_total', { operation: 'listOrders', keyword: 'required' })).toBe(
      1,
    );
    expect(
      samples
        .filter(({ name }) => name === 'http_client_request_duration_seconds_count')
        .map(({ labels, value }) => [labels, value]),
    ).toEqual([
      [{ ...ofCalls, http_response_status_code: '200' }, 1],
      [{ ...ofCalls, error_type: 'timeout' }, 1],
    ]);
    expect(valueOf(samples, 'frontage_cache_lookups_total', { upstream: 'orders', result: 'hit' })).toBe(1);
    expect(valueOf(samples, 'frontage_breaker_changes_total', { upstream: 'orders', state: 'open' })).toBe(1);
    expect(valueOf(samples, 'frontage_upstream_unasked_closes_total', { upstream: 'orders' })).toBe(1);
    const states = samples.filter((sample) => sample.name === 'frontage_breaker_state');
    expect(
      states.map(({ labels, value }) => [labels['upstream'], labels['operation'], labels['state'], value]),
    ).toEqual([
      ['orders', '*', 'closed', 0],
      ['orders', '*', 'half_open', 1],
      ['orders', '*', 'open', 0],
      ['users', 'getUser', 'closed', 0],
      ['users', 'getUser', 'half_open', 0],
      ['users', 'getUser', 'open', 1],
    ]);
    expect(
      valueOf(samples, 'frontage_partial_responses_total', { http_request_method: 'GET', http_route: '/orders/{id}' }),
    ).toBe(1);
    expect(valueOf(samples, 'frontage_rate_limited_requests_total', { http_route: '/orders/{id}' })).toBe(1);
    expect(valueOf(samples, 'http_server_active_requests')).toBe(7);
  });

  it('read on scrape how often something served again, several of one name added up', async () => {
    const { metrics, countReuse } = await start();
    expect(metrics()).not.toContain('frontage_reuse_total');
    let hit = 1;
    countReuse('token', () => ({ hit, miss: 2 }));
    countReuse('bytes', () => ({ hit: 10, miss: 1, parsed: 3 }));
    countReuse('bytes', () => ({ hit: 5, miss: 1, parsed: 0 }));
    hit = 7;
    expect(
      parse(metrics())
        .filter(({ name }) => name === 'frontage_reuse_total')
        .map(({ labels, value }) => [labels['reuse'], labels['result'], value]),
    ).toEqual([
      ['token', 'hit', 7],
      ['token', 'miss', 2],
      ['bytes', 'hit', 15],
      ['bytes', 'miss', 2],
      ['bytes', 'parsed', 3],
    ]);
    expect(metrics()).toContain('# TYPE frontage_reuse_total counter');
  });

  it('tell of hedges, of calls that were shed, and how many calls each upstream takes', async () => {
    const { metrics } = await start({
      upstreamCalls: () => [
        { upstream: 'orders', active: 3, queued: 1, limit: 20 },
        { upstream: 'users', active: 0, queued: 0, limit: 64 },
      ],
    });
    channels.callHedged.publish({ upstream: 'orders', operation: 'listOrders', result: 'won' });
    channels.callHedged.publish({ upstream: 'orders', operation: 'listOrders', result: 'lost' });
    channels.callShed.publish({ upstream: 'orders', operation: 'listOrders', need: 'optional' });
    const samples = parse(metrics());
    expect(valueOf(samples, 'frontage_hedges_total', { operation: 'listOrders', result: 'won' })).toBe(1);
    expect(valueOf(samples, 'frontage_shed_calls_total', { operation: 'listOrders', need: 'optional' })).toBe(1);
    expect(valueOf(samples, 'frontage_upstream_concurrency_limit', { upstream: 'orders' })).toBe(20);
    expect(valueOf(samples, 'frontage_upstream_calls', { upstream: 'orders', state: 'queued' })).toBe(1);
    expect(valueOf(samples, 'frontage_upstream_calls', { upstream: 'users', state: 'active' })).toBe(0);
  });

  it('tell of the connections to each address, and of further ones together', async () => {
    const pods = Array.from({ length: 100 }, (_, pod) => ({
      upstream: 'orders',
      address: `http://pod-${pod}.test:8080`,
      active: 2,
      idle: 1,
      waiting: pod === 0 ? 7 : 0,
    }));
    const { metrics } = await start({ upstreamConnections: () => pods });
    const samples = parse(metrics());
    const open = samples.filter(({ name }) => name === 'http_client_open_connections');
    expect(open).toHaveLength(130);
    const first = { upstream: 'orders', server_address: 'pod-0.test', server_port: '8080' };
    expect(valueOf(open, 'http_client_open_connections', { ...first, http_connection_state: 'active' })).toBe(2);
    const others = { server_address: 'other', http_connection_state: 'idle' };
    expect(valueOf(open, 'http_client_open_connections', others)).toBe(36);
    expect(valueOf(samples, 'frontage_upstream_connection_queue', first)).toBe(7);
  });

  it('count sizes of bodies by route, where they are known', async () => {
    const { metrics } = await start();
    channels.requestEnded.publish(ended({ requestBytes: 300, responseBytes: 5_000 }));
    channels.requestEnded.publish(ended({ responseBytes: 0 }));
    channels.requestEnded.publish(ended());
    const samples = parse(metrics());
    const route = { http_route: '/orders/{id}', http_response_status_code: '200' };
    const bucket = (of: string, le: string) =>
      valueOf(samples, `http_server_${of}_body_size_bytes_bucket`, { ...route, le });
    expect(['256.0', '1024.0', '+Inf'].map((le) => bucket('request', le))).toEqual([0, 1, 1]);
    expect(['256.0', '4096.0', '16384.0', '+Inf'].map((le) => bucket('response', le))).toEqual([1, 1, 2, 2]);
    expect(valueOf(samples, 'http_server_response_body_size_bytes_sum', route)).toBe(5_000);
  });

  it('name the parts that failed with their reasons, each as often as it did', async () => {
    const { metrics } = await start();
    const failures = new CallFailures();
    const contract = { upstream: 'reviews', title: 'Reviews', version: '1', schemas: new SchemaTable([]) };
    const reviews: OperationInfo = { contract, id: 'listReviews', method: 'GET', path: '/', responses: [] };
    for (let item = 0; item < 3; item++)
      failures.note([], 'reviews', reviews, {
        ok: false,
        status: 'timeout',
        code: 'GW_UPSTREAM_TIMEOUT',
        detail: 'after 50 ms',
      });
    failures.note([], 'banners', reviews, {
      ok: false,
      status: 'open_circuit',
      code: 'GW_UPSTREAM_FAILED',
      detail: 'open',
    });
    failures.note([], '', reviews, {
      ok: false,
      status: 'error',
      code: 'GW_UPSTREAM_FAILED',
      detail: 'outside of a plan',
    });
    channels.requestEnded.publish(ended({ context: { failures } }));
    channels.requestEnded.publish(ended({ context: { failures } }));
    const parts = parse(metrics()).filter(({ name }) => name === 'frontage_failed_parts_total');
    expect(parts.map(({ labels, value }) => [labels['http_route'], labels['part'], labels['reason'], value])).toEqual([
      ['/orders/{id}', 'reviews', 'timeout', 6],
      ['/orders/{id}', 'banners', 'open_circuit', 2],
    ]);
  });

  it('count attempts after the first one of a call', async () => {
    const { metrics } = await start();
    const { context } = ended();
    for (const attempt of [1, 2, 3, 1]) channels.callEnded.publish({ context, record: call({ attempt }) });
    expect(valueOf(parse(metrics()), 'frontage_repeated_attempts_total', { upstream: 'orders' })).toBe(2);
  });

  it('tell of the addresses of upstreams, and of those that went out', async () => {
    const { metrics } = await start({
      upstreamAddresses: () => [{ upstream: 'orders', states: ['in_use', 'in_use', 'ejected'], isPanic: true }],
    });
    channels.addressOut.publish({ upstream: 'orders', address: 'http://10.0.0.7', reason: 'failures' });
    const samples = parse(metrics());
    expect(valueOf(samples, 'frontage_upstream_addresses', { upstream: 'orders', state: 'in_use' })).toBe(2);
    expect(valueOf(samples, 'frontage_upstream_addresses', { upstream: 'orders', state: 'ejected' })).toBe(1);
    expect(valueOf(samples, 'frontage_upstream_addresses', { upstream: 'orders', state: 'unhealthy' })).toBe(0);
    expect(valueOf(samples, 'frontage_upstream_panic', { upstream: 'orders' })).toBe(1);
    expect(valueOf(samples, 'frontage_address_ejections_total', { upstream: 'orders', reason: 'failures' })).toBe(1);
  });

  it('tell how the process is', async () => {
    const { metrics } = await start();
    // A scrape starts the monitor over, and what it measures it has only when the loop turns again: block and ask by turns.
    let turn = 0;
    await expect
      .poll(() => {
        if (turn++ % 2 === 1) return valueOf(parse(metrics()), 'nodejs_eventloop_lag_max_seconds');
        const blockedUntil = performance.now() + 60;
        while (performance.now() < blockedUntil);
        return 0;
      })
      .toBeGreaterThan(0.03);
    const samples = parse(metrics());
    expect(valueOf(samples, 'process_resident_memory_bytes')).toBeGreaterThan(10_000_000);
    expect(valueOf(samples, 'nodejs_heap_size_used_bytes')).toBeGreaterThan(1_000_000);
    expect(valueOf(samples, 'nodejs_eventloop_utilization_ratio')).toBeLessThanOrEqual(1);
  });

  it('stay within their series, and say so once (R5)', async () => {
    const warnings: unknown[] = [];
    const hear = (message: unknown) => void warnings.push(message);
    channels.warning.subscribe(hear);
    const { metrics } = await start({ maxSeries: 100 });
    for (let i = 0; i < 5_000; i++) {
      channels.requestEnded.publish(ended({ context: { route: `/r${i}`, method: `M${i}` } }));
      channels.breakerChanged.publish({ upstream: `u${i}`, state: 'open' });
    }
    channels.warning.unsubscribe(hear);
    const samples = parse(metrics());
    const routes = samples.filter((sample) => sample.name === 'http_server_request_duration_seconds_count');
    expect(routes).toHaveLength(101);
    expect(valueOf(samples, 'http_server_request_duration_seconds_count', { http_route: 'other' })).toBe(4_900);
    expect(new Set(routes.map((sample) => sample.labels['http_request_method']))).toEqual(new Set(['_OTHER', 'other']));
    expect(samples.filter((sample) => sample.name === 'frontage_breaker_state')).toHaveLength(300);
    const about = warnings.filter((each) => (each as Warning).message.includes('http_server_request_duration_seconds'));
    expect(about).toHaveLength(1);
  });

  it('are readable with every value of a label', async () => {
    const { metrics } = await start();
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }).filter((text) => !/[\r\u2028\u2029]/.test(text) && text !== ''),
        (route) => {
          channels.requestEnded.publish(ended({ context: { route } }));
          expect(
            valueOf(parse(metrics()), 'http_server_request_duration_seconds_count', { http_route: route }),
          ).toBeGreaterThan(0);
        },
      ),
      { numRuns: 50 },
    );
  });
});
