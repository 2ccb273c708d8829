import type { Growth, MemoryResult } from '../runs/memory.js';
import type { ProfileResult } from '../runs/profile.js';
import type { SettingResult } from '../runs/results.js';
import type { StartupResult } from '../runs/startup.js';
import { fixed, table } from './table.js';

export function startupText(results: readonly StartupResult[]): string {
  const rows = results.map(({ name, ms, ratio }) => [
    name,
    fixed(ratio.median, 2),
    `${fixed(ratio.low, 2)}-${fixed(ratio.high, 2)}`,
    fixed(ms.median, 0),
  ]);
  return `\ntime until ready, wanted <= 1.4 packed and <= 1.9 as frontage serve\n${table(['', 'ratio', 'quartiles', 'ms'], rows)}`;
}

export function memoryText(result: MemoryResult): string {
  const { rate, idleBytes, connections, failed, samples, heap, rss, young, old, external } = result;
  const row = (name: string, { meanBytes, bytesPerMinute, error, isFlat }: Growth): string[] => [
    name,
    fixed(meanBytes / 2 ** 20, 1),
    fixed(bytesPerMinute / 1024, 1),
    fixed(error / 1024, 1),
    isFlat === undefined ? 'too few samples to say' : isFlat ? 'flat' : 'GROWS',
  ];
  const minutes = samples.at(-1)?.minutes;
  return `\nmemory with everything on, ${fixed(rate, 0)} requests/s over ${connections} connections for ${fixed(minutes, 1)} minutes, ${failed} failed\n${table(
    ['', 'mean MB', 'kB/minute', '+-', ''],
    [
      row('heap after a collection', heap),
      row('resident', rss),
      ['resident before any load', fixed(idleBytes / 2 ** 20, 1), '', '', ''],
      row('of it young objects', young),
      row('of it other objects', old),
      row('of it buffers', external),
    ],
  )}`;
}

/** The CPU time of a further call: from 1 to 10 calls, and from 10 to 50. */
export function linearText(results: readonly SettingResult[]): string {
  const settings = results.filter(({ latencyMs, bytes }) => latencyMs === 0 && bytes === results[0]?.bytes);
  const cpuUs = (calls: number, server: string): number =>
    settings.find(({ scenario }) => scenario === `calls-${calls}`)?.servers.find(({ name }) => name === server)?.cpuUs
      .median ?? Number.NaN;
  const names = settings.find(({ scenario }) => scenario === 'calls-1')?.servers.map(({ name }) => name) ?? [];
  const rows = names.map((name) => {
    const [one, ten, fifty] = [cpuUs(1, name), cpuUs(10, name), cpuUs(50, name)];
    const [first, later] = [(ten - one) / 9, (fifty - ten) / 40];
    return [
      name,
      fixed(one, 0),
      fixed(ten, 0),
      fixed(fifty, 0),
      fixed(first, 1),
      fixed(later, 1),
      fixed(later / first, 2),
    ];
  });
  const head = ['', '1 call', '10 calls', '50 calls', 'per call to 10', 'per call to 50', 'ratio'];
  return rows.every((row) => row.at(-1) === '-')
    ? ''
    : `\ncpu us per request by calls; linear: a ratio of 1\n${table(head, rows)}`;
}

/** CPU time per request of two processes over that of one. */
export function processesText(results: readonly SettingResult[]): string {
  const rows = results.flatMap(({ servers }) => {
    const [one, two] = servers;
    return one === undefined || two === undefined
      ? []
      : [
          [
            two.name,
            fixed(1 / two.cpuRatio.median, 3),
            `${fixed(1 / two.cpuRatio.high, 3)}-${fixed(1 / two.cpuRatio.low, 3)}`,
          ],
        ];
  });
  return `\ncpu per request over that of one process, wanted <= 1.05\n${table(['', 'ratio', 'quartiles'], rows)}`;
}

const shownCosts = 20;

/** The twenty dearest functions of each server. */
export function profileText(results: readonly ProfileResult[]): string {
  return results
    .map(({ name, busyUs, functions }) => {
      const rows = functions
        .slice(0, shownCosts)
        .map((cost) => [cost.name, fixed(cost.selfUs, 1), `${fixed((100 * cost.selfUs) / busyUs, 1)} %`]);
      return `\n${name}: ${fixed(busyUs, 0)} us per request, the profiler's share in it\n${table(['', 'us', ''], rows)}`;
    })
    .join('');
}
