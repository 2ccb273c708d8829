import type { Reuse, ServerResult, SettingResult, Tail } from '../runs/results.js';
import { isTooWide, type Spread } from '../statistics.js';
import { fixed, table } from './table.js';

/** Ratios first. */
export function settingText(result: SettingResult): string {
  const { scenario, calls, bytes, latencyMs, servers } = result;
  const head = ['', 'ratio', 'quartiles', 'x nest', 'cpu ratio', 'req/s', 'cpu us', 'p50 ms', 'p99 ms'];
  const rows = servers.map((server) => [
    server.name,
    fixed(server.ratio.median, 2),
    quartiles(server.ratio),
    fixed(server.toNest?.median, 1),
    fixed(server.cpuRatio.median, 2),
    fixed(server.rps.median, 0),
    fixed(server.cpuUs.median, 0),
    fixed(server.p50Ms, 1),
    fixed(server.p99Ms, 1),
    fixed(server.allocatedBytes === undefined ? undefined : server.allocatedBytes / 1024, 1),
    fixed(server.gcUs, 0),
    fixed(server.rssBytes / 2 ** 20, 0),
    fixed(server.upstreamRequests, 2),
    server.failed > 0 ? `${server.failed} FAILED` : isTooWide(server.ratio) ? 'spread too wide' : '',
  ]);
  return [
    `\n${scenario}: ${calls} ${calls === 1 ? 'call' : 'calls'}, bytes that ${bytes}, latency ${latencyMs} ms\n`,
    table([...head, 'alloc kB', 'gc us', 'rss MB', 'calls', ''], rows),
    theirsText(servers),
    tailsText(servers),
    reusesText(servers),
  ].join('');
}

const quartiles = ({ low, high }: Spread): string => `${fixed(low, 2)}-${fixed(high, 2)}`;

function theirsText(servers: readonly ServerResult[]): string {
  const rows = servers.flatMap(({ name, toTheirs }) =>
    toTheirs === undefined
      ? []
      : [
          [
            name,
            fixed(toTheirs.cpu.median, 3),
            `${fixed(toTheirs.cpu.low, 3)}-${fixed(toTheirs.cpu.high, 3)}`,
            toTheirs.verdict === 'spread too wide to say' ? 'spread too wide to say: more rounds' : toTheirs.verdict,
            fixed(toTheirs.ratio.median, 3),
            quartiles(toTheirs.ratio),
          ],
        ],
  );
  if (rows.length === 0) return '';
  const head = ['', 'cpu', 'range', 'at 2 %', 'req/s', 'quartiles'];
  return `\nours over theirs, CPU time per request first; the range has the median 95 times of 100\n${table(head, rows)}`;
}

function tailsText(servers: readonly ServerResult[]): string {
  const tails = (title: string, of: (server: ServerResult) => Tail | undefined): string => {
    const rows = servers.flatMap((server) => {
      const tail = of(server);
      return tail === undefined ? [] : [tailRow(server.name, tail)];
    });
    const head = ['', 'p99 ratio', 'quartiles', 'req/s', 'p50 ms', 'p99 ms', 'late ms', ''];
    return rows.length === 0 ? '' : `\nopen loop at half of ${title}\n${table(head, rows)}`;
  };
  return tails('the peak of bare', ({ tail }) => tail) + tails("each server's own peak", ({ ownTail }) => ownTail);
}

const tailRow = (name: string, tail: Tail): string[] => [
  name,
  fixed(tail.ratio.median, 2),
  quartiles(tail.ratio),
  fixed(tail.rate, 0),
  fixed(tail.p50Ms, 2),
  fixed(tail.p99Ms, 2),
  fixed(tail.latenessP99Ms, 2),
  [tail.doubt, isTooWide(tail.ratio) ? 'spread too wide' : undefined].filter(Boolean).join('; '),
];

function reusesText(servers: readonly ServerResult[]): string {
  const rows = servers.flatMap(({ name, reuses }) =>
    reuses.map((reuse) => [`${name}: ${reuse.name}`, ...shares(reuse)]),
  );
  return rows.length === 0 ? '' : `\nreuse\n${table(['', 'hits', 'of', ''], rows)}`;
}

function shares({ results }: Reuse): string[] {
  const total = Object.values(results).reduce((sum, count) => sum + count, 0);
  const others = Object.entries(results).filter(([result, count]) => result !== 'hit' && count > 0);
  return [
    total === 0 ? '-' : `${fixed((100 * (results['hit'] ?? 0)) / total, 1)} %`,
    String(total),
    others.map(([result, count]) => `${result} ${count}`).join(', '),
  ];
}
