import { measureRates, type Effort } from './rates.js';
import type { ServerResult, SettingResult } from './results.js';
import type { Support } from './support.js';
import { measureTails, type Loaded } from './tails.js';
import { startTargets, stopTargets, type Running, type Server, type Setting } from './targets.js';
import { startUpstreams } from './upstreams.js';

export interface SettingPlan extends Setting {
  readonly servers: readonly Server[];
  readonly effort: Omit<Effort, 'connections'>;
  /** Names of the servers whose p99 at a constant rate is measured. */
  readonly tailsOf: ReadonlySet<string>;
  /** Also at half of their own peaks. */
  readonly ownTails: boolean;
}

const tailRounds = 5;
const ownTailRounds = 3;
const tailSeconds = 2;

/** Everything about one scenario with one kind of bytes and one latency: servers up, measured, down. */
export async function measureSetting(
  plan: SettingPlan,
  deps: { readonly support: Support; readonly folder: string; readonly progress: (text: string) => void },
): Promise<SettingResult> {
  const { scenario, bytes, latencyMs } = plan;
  const name = `${scenario.name}, bytes ${bytes}, latency ${latencyMs} ms`;
  const progress = (text: string): void => deps.progress(`${name}: ${text}`);
  const upstreams = await startUpstreams(scenario, latencyMs);
  let targets: Running[] = [];
  try {
    const { support, folder } = deps;
    const world = { scenario, support, folder, upstreamUrl: upstreams.url, ...connectionsOf(plan) };
    progress('starting');
    targets = await startTargets(world, plan.servers);
    if (bytes === 'differ') await upstreams.vary();
    const results = await measureRates(
      targets,
      { ...plan.effort, connections: world.connections },
      progress,
      upstreams,
    );
    const servers = await withTails(plan, targets, results, progress);
    return { scenario: scenario.name, calls: scenario.calls, bytes, latencyMs, servers };
  } finally {
    stopTargets(targets);
    upstreams.stop();
  }
}

/**
 * Enough to keep a core busy: where upstreams take their time, more requests have to be under way, and more connections carry them.
 */
function connectionsOf({ scenario, latencyMs }: Setting): { connections: number; upstreamConnections: number } {
  if (latencyMs === 0) return { connections: 64, upstreamConnections: 64 };
  return { connections: scenario.calls <= 5 ? 128 : 64, upstreamConnections: 1024 };
}

async function withTails(
  { tailsOf, ownTails: isWithOwn }: SettingPlan,
  targets: readonly Running[],
  results: readonly ServerResult[],
  progress: (text: string) => void,
): Promise<ServerResult[]> {
  if (tailsOf.size === 0) return [...results];
  const peak = (name: string): number => results.find((result) => result.name === name)?.rps.median ?? Number.NaN;
  const chosen = targets.filter(({ name }) => tailsOf.has(name));
  const load = (rateOf: (name: string) => number): Loaded[] =>
    chosen.map((target) => ({ target, rate: rateOf(target.name) / 2 }));
  const seconds = tailSeconds;
  const tails = await measureTails(
    load(() => peak('bare')),
    { rounds: tailRounds, seconds },
    progress,
  );
  const ownTails = isWithOwn ? await measureTails(load(peak), { rounds: ownTailRounds, seconds }, progress) : undefined;
  return results.map((result) => {
    const [tail, ownTail] = [tails.get(result.name), ownTails?.get(result.name)];
    return { ...result, ...(tail && { tail }), ...(ownTail && { ownTail }) };
  });
}
