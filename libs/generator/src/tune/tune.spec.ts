import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AppDescription } from '../plan/app-description.js';
import { Histogram } from './histogram.js';
import { readMetrics } from './metrics-text.js';
import { mistakeIn, tune } from './tune.js';

let folder = '';
let file = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tune-'));
  file = join(folder, 'bff.yaml');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const app = (deadlineMs: number): AppDescription => ({
  bff: 'tv',
  policy: {},
  endpoints: [
    {
      method: 'GET',
      path: '/home',
      handler: 'HomeController.show',
      access: 'public',
      screen: {
        name: 'tv.home',
        source: 'apps/tv/src/home/home.screen.ts:1:1',
        deadlineMs,
        input: {},
        fields: {},
        parts: {
          first: { kind: 'call', upstream: 'orders', operation: 'listOrders', after: [], reads: [] },
          second: { kind: 'call', upstream: 'users', operation: 'getUser', after: [], reads: ['first'] },
        },
      },
    },
  ],
});

const bounds = [5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000];
/** The text of /metrics after calls that took so long, in ms, in the name of two upstreams. */
function metricsOf(times: readonly number[], timeouts = 0, more = ''): string {
  const lines = ['http_server_request_duration_seconds_count{http_route="/home"} 1', 'process_start_time_seconds 1000'];
  for (const [upstream, operation] of [
    ['orders', 'listOrders'],
    ['users', 'getUser'],
  ] as const) {
    const series = (failure: string, values: readonly number[]): void => {
      const labels = `upstream="${upstream}",operation="${operation}",http_response_status_code="200"${failure}`;
      const name = 'http_client_request_duration_seconds';
      for (const bound of bounds)
        lines.push(`${name}_bucket{${labels},le="${bound / 1000}"} ${values.filter((ms) => ms <= bound).length}`);
      lines.push(`${name}_bucket{${labels},le="+Inf"} ${values.length}`, `${name}_count{${labels}} ${values.length}`);
      lines.push(`${name}_sum{${labels}} ${values.reduce((sum, ms) => sum + ms, 0) / 1000}`);
    };
    series('', times);
    series(
      ',error_type="timeout"',
      Array.from({ length: timeouts }, () => 600),
    );
  }
  return `${lines.join('\n')}\n${more}`;
}
const many = (count: number, ms: number): number[] => Array.from({ length: count }, () => ms);
const policy = (more = ''): string =>
  `bff: tv\nlisten: { port: 0 }\naccess: off\nupstreams:\n  orders: { urls: ['http://127.0.0.1:1'], timeout: 600ms, concurrency: 16${more} }\n  users: { urls: ['http://127.0.0.1:1'], timeout: 600ms, concurrency: 16 }\n`;
async function proposed(metrics: string, { deadlineMs = 1_000, more = '' } = {}): Promise<string[]> {
  await writeFile(file, policy(more));
  const { proposals } = await tune({ file, app: app(deadlineMs), metrics });
  return proposals.map(
    ({ upstream, path, before, value }) => `${upstream} ${path.join('.')} ${before ?? 'none'} ${value}`,
  );
}

describe('a proposal', () => {
  it('is a shorter timeout where a service is fast, above the slowest of a thousand calls', async () => {
    expect(await proposed(metricsOf(many(2_000, 40)))).toEqual([
      'orders timeout 600ms 70ms',
      'users timeout 600ms 70ms',
    ]);
  });

  it('is a longer timeout where it cuts calls off, inside the deadline of the screen', async () => {
    const metrics = metricsOf(many(1_000, 40), 50);
    expect(await proposed(metrics)).toEqual(['orders timeout 600ms 900ms', 'users timeout 600ms 900ms']);
    // A call that waits for another one has less of the deadline left.
    expect(await proposed(metrics, { deadlineMs: 850 })).toEqual([
      'orders timeout 600ms 800ms',
      'users timeout 600ms 800ms',
    ]);
    expect(await proposed(metrics, { deadlineMs: 500 })).toEqual([]);
    const { notes } = await tune({ file, app: app(500), metrics });
    expect(notes[0]).toBe(
      'orders: 4.8% of 1050 calls end in the timeout of 600ms, and the deadline of tv.home leaves no more time: give the screen more, or the part a fallback',
    );
  });

  it('is a hedge where few calls are much slower than the others, and none where calls are shed', async () => {
    const tail = metricsOf([...many(1_960, 20), ...many(40, 400)]);
    expect(await proposed(tail)).toContain('orders hedge.after none 25ms');
    const shed = 'frontage_shed_calls_total{upstream="orders",operation="listOrders",need="optional"} 12\n';
    const lines = await proposed(metricsOf([...many(1_960, 20), ...many(40, 400)], 0, shed));
    expect(lines).not.toContain('orders hedge.after none 25ms');
    expect(lines).toContain('orders concurrency 16 32');
  });

  it('is fewer calls at once where the limit is far above what is needed', async () => {
    await writeFile(file, policy().replaceAll('concurrency: 16', 'concurrency: 256'));
    const metrics = metricsOf(many(3_600, 100));
    const limits = async (seconds?: number): Promise<string[]> => {
      const { proposals } = await tune({ file, app: app(1_000), metrics, ...(seconds !== undefined && { seconds }) });
      return proposals.flatMap(({ path, value }) => (path[0] === 'concurrency' ? [value] : []));
    };
    expect(await limits(60)).toEqual(['64', '64']);
    expect(await limits(7_200)).toEqual([]);
    expect(await limits()).toEqual([]);
  });

  it('is a longer time in the cache where the half of the lookups are hits', async () => {
    const lookups = (result: string, count: number): string =>
      `frontage_cache_lookups_total{upstream="orders",operation="listOrders",result="${result}"} ${count}\n`;
    const metrics = metricsOf(many(2_000, 40), 0, lookups('hit', 1_000) + lookups('miss', 1_000));
    expect(await proposed(metrics, { more: ', cache: { listOrders: { ttl: 10s } }' })).toContain(
      'orders cache.listOrders.ttl 10s 20s',
    );
  });

  it('is none with too few calls, which is said', async () => {
    await writeFile(file, policy());
    const { proposals, notes } = await tune({ file, app: app(1_000), metrics: metricsOf(many(999, 40)) });
    expect(proposals).toEqual([]);
    expect(notes[0]).toBe('orders: 999 calls are too few to say anything; 1000 are needed');
  });

  it('leaves the file as it is, and is refused for a text without metrics', async () => {
    await writeFile(file, policy());
    await tune({ file, app: app(1_000), metrics: metricsOf(many(2_000, 40)) });
    expect(await readFile(file, 'utf8')).toBe(policy());
    await expect(tune({ file, app: app(1_000), metrics: '<html>' })).rejects.toThrow('no metrics of an app');
  });

  it('always makes a policy that the app takes, inside its deadline', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 4_000 }), { minLength: 4, maxLength: 12 }),
        fc.integer({ min: 0, max: 400 }),
        fc.integer({ min: 60, max: 5_000 }),
        async (times, timeouts, deadlineMs) => {
          await writeFile(file, policy());
          const all = Array.from({ length: 1_200 }, (_, at) => times[at % times.length] ?? 1);
          const { after, proposals } = await tune({ file, app: app(deadlineMs), metrics: metricsOf(all, timeouts) });
          expect(await mistakeIn(file, after)).toBeUndefined();
          for (const { path, value } of proposals) {
            const ms = Number.parseFloat(value) * (value.endsWith('ms') ? 1 : 1_000);
            if (path.at(-1) === 'timeout') expect(ms).toBeLessThanOrEqual(deadlineMs);
          }
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe('a histogram', () => {
  it('has a quantile inside the bucket of the true one', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 4_999 }), { minLength: 1 }),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        (times, share) => {
          const samples = readMetrics(metricsOf(times)) ?? new Map();
          const read = Histogram.read(samples, 'http_client_request_duration_seconds', ({ upstream, error_type: failure }) => upstream === 'orders' && failure === undefined); // prettier-ignore
          const sorted = times.toSorted((one, other) => one - other);
          const exact = sorted[Math.ceil(share * sorted.length) - 1] ?? 0;
          const upper = bounds.find((bound) => exact <= bound) ?? Infinity;
          const lower = bounds.findLast((bound) => bound < exact) ?? 0;
          expect(read.quantileMs(share)).toBeGreaterThanOrEqual(lower);
          expect(read.quantileMs(share)).toBeLessThanOrEqual(upper);
          expect(read.count).toBe(times.length);
        },
      ),
    );
  });
});

describe('the text of metrics', () => {
  it('is read with escaped labels, exemplars, times and infinities', () => {
    const text = '# HELP a b\na{x="q\\"\\n\\\\",y="}"} 1 1700000000\na 2 # {trace_id="1"} 0.5\nb +Inf\n';
    expect(readMetrics(text)).toEqual(
      new Map([
        [
          'a',
          [
            { name: 'a', labels: { x: 'q"\n\\', y: '}' }, value: 1 },
            { name: 'a', labels: {}, value: 2 },
          ],
        ],
        ['b', [{ name: 'b', labels: {}, value: Infinity }]],
      ]),
    );
    expect(readMetrics('not metrics at all')).toBeUndefined();
  });
});
