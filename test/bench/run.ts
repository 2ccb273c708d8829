import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startUpstreams } from './home-5/upstreams.js';
import { startSupport } from './issuer.js';
import { load, median, type Round } from './load.js';
import { startTargets, type Running, type Variant } from './targets.js';

const help = `npm run bench -- [options]

  --scenario home-5    the only one so far
  --rounds N           rounds per server, in turn and in reverse turn (default 12)
  --seconds S          length of a round (default 2)
  --bytes WHICH        differ, repeat or both (default both)
  --json FILE          also write the results as JSON
`;

interface Result {
  readonly name: string;
  readonly rps: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly cpuUs: number;
  /** Median of requests/s over those of bare in the same round, with the quartiles. */
  readonly ratio: number;
  readonly ratioLow: number;
  readonly ratioHigh: number;
  readonly cpuRatio: number;
}

const { values: options } = parseArgs({
  options: {
    scenario: { type: 'string', default: 'home-5' },
    rounds: { type: 'string', default: '12' },
    seconds: { type: 'string', default: '2' },
    bytes: { type: 'string', default: 'both' },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

if (options.help) process.stdout.write(help);
else await main();

async function main(): Promise<void> {
  const obstacle = missing();
  if (obstacle !== undefined) {
    process.stderr.write(`${obstacle}\n`);
    process.exitCode = 2;
    return;
  }
  const variants: Variant[] = options.bytes === 'both' ? ['differ', 'repeat'] : [options.bytes as Variant];
  const serverCpu = '0';
  const otherCpu = '1';
  const folder = mkdtempSync(join(tmpdir(), 'frontage-bench-log-'));
  const upstreams = await startUpstreams(otherCpu, 4990);
  const support = await startSupport();
  let targets: Running[] = [];
  try {
    targets = await startTargets({ upstreams, ...support, logFolder: folder }, variants, serverCpu, 4900);
    process.stdout.write(`warming up ${targets.length} servers\n`);
    for (const target of targets) await load(target, 3, otherCpu);
    const rounds = await measure(targets, Number(options.rounds), Number(options.seconds), otherCpu);
    const results = targets.map((target) => summary(target, targets, rounds));
    process.stdout.write(table(results));
    if (options.json !== undefined) writeFileSync(options.json, `${JSON.stringify({ results }, null, 2)}\n`);
  } finally {
    for (const { child } of targets) child.kill('SIGKILL');
    upstreams.stop();
    support.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function missing(): string | undefined {
  if (options.scenario !== 'home-5') return `there is no scenario '${options.scenario}': home-5 is the only one`;
  const absent = ['nginx', 'wrk', 'taskset'].filter((tool) => spawnSync('which', [tool]).status !== 0);
  if (absent.length > 0) return `the benchmark needs ${absent.join(' and ')}: apt-get install nginx wrk util-linux`;
  return availableParallelism() < 2
    ? 'the benchmark needs two cores: one for the server, one for load and upstreams'
    : undefined;
}

/** Short rounds in turn and in reverse turn: what the machine does meanwhile hits all of them alike. */
async function measure(
  targets: readonly Running[],
  count: number,
  seconds: number,
  cpu: string,
): Promise<Map<Running, Round[]>> {
  const rounds = new Map<Running, Round[]>(targets.map((target) => [target, []]));
  for (let round = 0; round < count; round++) {
    for (const target of round % 2 === 0 ? targets : targets.toReversed())
      rounds.get(target)?.push(await load(target, seconds, cpu));
    process.stdout.write(`round ${round + 1} of ${count}\n`);
  }
  return rounds;
}

function summary(target: Running, targets: readonly Running[], rounds: ReadonlyMap<Running, readonly Round[]>): Result {
  const own = rounds.get(target) ?? [];
  const base = targets.find(({ variant }) => variant === target.variant);
  const bare = (base && rounds.get(base)) ?? [];
  const ratios = own.map((round, i) => round.rps / (bare[i]?.rps ?? Number.NaN)).toSorted((a, b) => a - b);
  return {
    name: target.name,
    rps: median(own.map(({ rps }) => rps)),
    p50Ms: median(own.map(({ p50Ms }) => p50Ms)),
    p99Ms: median(own.map(({ p99Ms }) => p99Ms)),
    cpuUs: median(own.map(({ cpuUs }) => cpuUs)),
    ratio: median(ratios),
    ratioLow: ratios[Math.floor(ratios.length / 4)] ?? Number.NaN,
    ratioHigh: ratios[Math.floor((ratios.length * 3) / 4)] ?? Number.NaN,
    cpuRatio: median(own.map((round, i) => (bare[i]?.cpuUs ?? Number.NaN) / round.cpuUs)),
  };
}

function table(results: readonly Result[]): string {
  const rows = results.map((r) => [
    r.name,
    r.ratio.toFixed(2),
    `${r.ratioLow.toFixed(2)}-${r.ratioHigh.toFixed(2)}`,
    r.cpuRatio.toFixed(2),
    r.rps.toFixed(0),
    r.cpuUs.toFixed(0),
    r.p50Ms.toFixed(1),
    r.p99Ms.toFixed(1),
  ]);
  const all = [['', 'ratio', 'quartiles', 'cpu ratio', 'req/s', 'cpu us/req', 'p50 ms', 'p99 ms'], ...rows];
  const widths = all[0]?.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0))) ?? [];
  const line = (row: readonly string[]): string =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('   ');
  const noisy = results.filter((r) => r.ratioHigh - r.ratioLow > 0.2 * r.ratio).map((r) => r.name);
  return `\n${all.map(line).join('\n')}\n\nratio: requests/s over bare in the same round, median.${noisy.length > 0 ? ` Too noisy to trust: ${noisy.join(', ')}.` : ''}\n`;
}
