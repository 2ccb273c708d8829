import { closedLoop, type Round } from '../load/closed-loop.js';
import { endCounting, startCounting } from '../load/probe.js';
import { median, medianRange, spread, verdictOf } from '../statistics.js';
import { otherCore } from './child.js';
import type { ServerResult, ToTheirs } from './results.js';
import { between, scrapeReuses } from './reuses.js';
import { nameOfTheirs, usageNow, type Running } from './targets.js';
import type { Upstreams } from './upstreams.js';
import { warmUp } from './warm-up.js';

export interface Effort {
  readonly rounds: number;
  readonly seconds: number;
  /** Of the load. */
  readonly connections: number;
}

interface Measured extends Round {
  /** CPU time of the server per request. */
  readonly cpuUs: number;
}

export type Rounds = ReadonlyMap<Running, readonly Measured[]>;

const countingSeconds = 1;

/** Rounds of all servers in turn and in reverse turn: other work of the machine affects all of them alike. */
export async function measureRates(
  targets: readonly Running[],
  effort: Effort,
  progress: (text: string) => void,
  upstreams: Pick<Upstreams, 'requests'>,
): Promise<ServerResult[]> {
  const { connections } = effort;
  const load = (target: Running, seconds: number): Promise<Round> =>
    closedLoop(target, { seconds, connections, core: otherCore });
  await warmUp(targets, connections, progress);
  const reusesBefore = await Promise.all(targets.map(({ adminUrl }) => scrapeReuses(adminUrl)));
  const rounds = new Map<Running, Measured[]>(targets.map((target) => [target, []]));
  for (let i = 0; i < effort.rounds; i++) {
    progress(`round ${i + 1} of ${effort.rounds}`);
    for (const target of i % 2 === 0 ? targets : targets.toReversed()) {
      const { cpuUs } = await usageNow(target);
      const round = await load(target, effort.seconds);
      rounds.get(target)?.push({ ...round, cpuUs: ((await usageNow(target)).cpuUs - cpuUs) / round.requests });
    }
  }
  const results: ServerResult[] = [];
  for (const [i, target] of targets.entries()) {
    progress(`counting what ${target.name} allocates`);
    const { rssBytes } = await usageNow(target);
    const reuses = between(reusesBefore[i] ?? [], await scrapeReuses(target.adminUrl));
    const counted = target.hasProbe ? await count(target, load) : {};
    const before = await upstreams.requests();
    const { requests } = await load(target, countingSeconds);
    const after = await upstreams.requests();
    const asked = before !== undefined && after !== undefined && { upstreamRequests: (after - before - 1) / requests };
    results.push({ ...summary(target, targets, rounds), rssBytes, reuses, ...counted, ...asked });
  }
  return results;
}

/** A round of its own: to be counted costs something. */
async function count(
  { child, ...target }: Running,
  load: (target: Running, seconds: number) => Promise<Round>,
): Promise<{ readonly allocatedBytes: number; readonly gcUs: number }> {
  await startCounting(child);
  const { requests } = await load({ child, ...target }, countingSeconds);
  const { allocatedBytes, gcUs } = await endCounting(child);
  return { allocatedBytes: allocatedBytes / requests, gcUs: gcUs / requests };
}

/** The cost that a change may have before it counts. */
const acceptedCost = 1.02;

function cpuTo(own: readonly Measured[], theirs: readonly Measured[]): Pick<ToTheirs, 'cpu' | 'verdict'> {
  const cpu = medianRange(own.map((round, i) => round.cpuUs / (theirs[i]?.cpuUs ?? Number.NaN)));
  return { cpu, verdict: verdictOf(cpu, acceptedCost) };
}

function summary(
  target: Running,
  targets: readonly Running[],
  rounds: Rounds,
): Omit<ServerResult, 'rssBytes' | 'reuses'> {
  const own = rounds.get(target) ?? [];
  const of = (name: string): readonly Measured[] | undefined => {
    const other = targets.find((target) => target.name === name);
    return other && rounds.get(other);
  };
  const first = (targets[0] && rounds.get(targets[0])) ?? [];
  const nest = of('nest-axios');
  const theirs = of(nameOfTheirs(target.name));
  const ratioTo = (others: readonly Measured[]) =>
    spread(own.map((round, i) => round.rps / (others[i]?.rps ?? Number.NaN)));
  const cpuRatioTo = (others: readonly Measured[]) =>
    spread(own.map((round, i) => (others[i]?.cpuUs ?? Number.NaN) / round.cpuUs));
  return {
    name: target.name,
    ratio: ratioTo(first),
    ...(nest !== undefined && { toNest: ratioTo(nest) }),
    ...(theirs !== undefined && { toTheirs: { ratio: ratioTo(theirs), ...cpuTo(own, theirs) } }),
    cpuRatio: cpuRatioTo(first),
    rps: spread(own.map(({ rps }) => rps)),
    cpuUs: spread(own.map(({ cpuUs }) => cpuUs)),
    p50Ms: median(own.map(({ p50Ms }) => p50Ms)),
    p99Ms: median(own.map(({ p99Ms }) => p99Ms)),
    failed: own.reduce((sum, { failed }) => sum + failed, 0),
  };
}
