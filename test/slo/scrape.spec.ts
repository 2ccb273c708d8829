import { spawnSync } from 'node:child_process';
import { Controller, Get } from '@nestjs/common';
import { Public } from '@frontage/auth';
import { channels } from '@frontage/core';
import type { RequestEnded } from '@frontage/context';
import { rawReplies } from '@frontage/testing/raw-replies';
import { RawServer } from '@frontage/testing/raw-server';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { GatewayUnderTest, policyFile } from '../../libs/gateway/src/fixtures/gateway-under-test.js';
import { AppProcess } from '../process/app-process.js';
import { PrometheusProcess } from './prometheus-process.js';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 90_000 });

@Public()
@Controller()
class Own {
  @Get('own')
  own() {
    return {};
  }
}

interface Result {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [at: number, value: string];
}
interface ExemplarResult {
  readonly seriesLabels: Readonly<Record<string, string>>;
  readonly exemplars: readonly { readonly labels: Readonly<Record<string, string>>; readonly value: string }[];
}

// The API of Prometheus is documented: https://prometheus.io/docs/prometheus/latest/querying/api/
const resultsIn = (data: unknown): readonly Result[] =>
  (data as { result?: readonly Result[] } | undefined)?.result ?? [];
const exemplarsIn = (data: unknown): readonly ExemplarResult[] => (data ?? []) as readonly ExemplarResult[];

describe.runIf(PrometheusProcess.isInstalled)('a Prometheus that scrapes', () => {
  const adminUrls = new Map<string, string>();
  let app: GatewayUnderTest;
  let prometheus: PrometheusProcess;
  const traceIds: string[] = [];
  const note = (ended: unknown): void => void traceIds.push((ended as RequestEnded).context.traceId);

  const stops: (() => Promise<unknown>)[] = [];

  beforeAll(async () => {
    const collector = await RawServer.start((socket, request) => rawReplies.json({})(socket, request));
    stops.push(() => collector.stop());
    const tracing = `tracing: { otlp: { url: '${collector.url}' }, sampleRatio: 100% }\n`;
    app = await GatewayUnderTest.start({ controllers: [Own], policy: `access: off\n${tracing}`, upstreams: '' });
    stops.push(() => app.stop());
    const served = new AppProcess({
      script: 'libs/generator/src/main.ts',
      args: ['serve', 'test/process/fixtures/shop.main.ts', '--processes', '2'],
      env: {
        SHOP_POLICY: policyFile(
          `bff: shop\nlisten: { port: 0, adminPort: 0 }\naccess: off\naddressLimit: off\nrateClasses: { few: [{ per: app, limit: 9, window: 1h }] }\nmetrics: { topClients: 5 }\nlog: { requests: false }\n${tracing}`,
        ),
      },
    });
    stops.push(() => {
      served.signal('SIGTERM');
      return served.ended;
    });
    const { url, adminUrl } = await served.ready();
    channels.requestEnded.subscribe(note);
    for (let request = 0; request < 5; request++) {
      await (await app.ask('/own')).text();
      // A connection each, so that both processes serve some.
      await (await fetch(`${url}/who`, { headers: { connection: 'close' } })).text();
    }
    channels.requestEnded.unsubscribe(note);
    adminUrls.set('one', app.adminUrl).set('several', adminUrl);
    prometheus = await PrometheusProcess.start(Object.fromEntries(adminUrls));
    stops.push(() => prometheus.stop());
  });
  afterAll(async () => {
    for (const stop of stops.toReversed()) await stop();
  });

  const valueOf = async (query: string): Promise<number | undefined> => {
    const [result] = resultsIn(await prometheus.read('query', { query }));
    return result === undefined ? undefined : Number(result.value[1]);
  };

  it.each(['one', 'several'])('takes all that %s has, as OpenMetrics', async (job) => {
    await expect.poll(() => valueOf(`up{job="${job}"}`), { timeout: 20_000 }).toBe(1);
    const route = job === 'one' ? '/own' : '/who';
    const labels = `job="${job}",http_route="${route}"`;
    expect(await valueOf(`http_server_request_duration_seconds_count{${labels}}`)).toBe(5);
    expect(await valueOf(`http_server_request_duration_seconds_bucket{${labels},le="10.0"}`)).toBe(5);
    // A unit is said in OpenMetrics alone.
    const metadata = await prometheus.read('metadata', { metric: 'http_server_request_duration_seconds' });
    expect(metadata).toMatchObject({ http_server_request_duration_seconds: [{ type: 'histogram', unit: 'seconds' }] });
  });

  it.each(['one', 'several'])('and promtool has nothing to say about the names of %s', async (job) => {
    const text = await (await fetch(`${adminUrls.get(job)}/metrics`)).text();
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
    expect({ status, said: stdout + stderr }).toEqual({ status: 0, said: '' });
  });

  it('is told of no client; several processes name theirs together on a page of its own', async () => {
    const response = await fetch(`${adminUrls.get('several')}/clients`);
    expect(await response.json()).toMatchObject({
      requests: 5,
      clients: [{ kind: 'address', requests: 5, atLeast: 5 }],
    });
    expect((await fetch(`${adminUrls.get('one')}/clients`)).status).toBe(404);
  });

  it.each(['one', 'several'])('finds the traces of requests of %s', async (job) => {
    const now = Date.now() / 1_000;
    const read = async (): Promise<readonly ExemplarResult[]> =>
      exemplarsIn(
        await prometheus.read('query_exemplars', {
          query: `http_server_request_duration_seconds_bucket{job="${job}"}`,
          start: String(now - 600),
          end: String(now + 600),
        }),
      );
    await expect.poll(async () => (await read()).length, { timeout: 20_000 }).toBeGreaterThan(0);
    for (const { exemplars } of await read())
      for (const { labels, value } of exemplars) {
        expect(labels).toEqual({
          trace_id: expect.stringMatching(/^[0-9a-f]{32}$/),
          span_id: expect.stringMatching(/^[0-9a-f]{16}$/),
        });
        expect(Number(value)).toBeGreaterThan(0);
        if (job === 'one') expect(traceIds).toContain(labels['trace_id']);
      }
  });
});
