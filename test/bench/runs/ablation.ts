import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { closedLoop } from '../load/closed-loop.js';
import type { Scenario } from '../scenarios/scenarios.js';
import { medianRange, type Spread } from '../statistics.js';
import { ablationConfig, ablationPolicies, type AblationPolicy } from './ablation-policies.js';
import { otherCore } from './child.js';
import { logIn } from './open-id.js';
import type { Support } from './support.js';
import { configuredServer, startTargets, stopTargets, usageNow, type Running, type Server } from './targets.js';
import { startUpstreams } from './upstreams.js';
import { warmUp } from './warm-up.js';

export type AblationTransport = 'undici' | 'direct';

/** The cost of a policy, in microseconds of CPU per request: medians, and where they lie 95 times of 100. */
export interface AblationRow {
  readonly name: string;
  /** Alone, over nothing on; absent for everything at once. */
  readonly alone?: Spread;
  /** The kernel's share of the former. */
  readonly aloneSystem?: Spread;
  /** Everything on, over the same without it; absent for what is not part of everything. */
  readonly amongAll?: Spread;
}

export interface AblationResult {
  /** Name of the scenario. */
  readonly scenario: string;
  readonly transport: AblationTransport;
  readonly calls: number;
  readonly nothingUs: number;
  readonly everythingUs: number;
  /** Everything on over nothing on. */
  readonly together: Spread;
  readonly togetherSystem: Spread;
  /** A second server of the same policies: what is not 0 here is no cost of a policy. */
  readonly control: AblationRow;
  readonly rows: readonly AblationRow[];
}

interface Effort {
  readonly rounds: number;
  readonly seconds: number;
}

interface World {
  readonly support: Support;
  readonly folder: string;
  readonly progress: (text: string) => void;
}

/** CPU time per request. */
interface Cost {
  readonly us: number;
  readonly systemUs: number;
}

interface Difference {
  readonly us: Spread;
  readonly systemUs: Spread;
  readonly baseUs: number;
}

const connections = 64;
/** Servers that are up at once, beside the one they are compared with. */
const groupSize = 5;
const sameTwice = '(the same twice)';

const usual = ablationPolicies.filter(({ isUsual }) => isUsual);

/** A scenario with each policy alone and with all but it, in rounds that take turns with the server they are compared with. */
export async function measureAblation(
  scenario: Scenario,
  transport: AblationTransport,
  chosen: readonly AblationPolicy[],
  effort: Effort,
  world: World,
): Promise<AblationResult> {
  const upstreams = await startUpstreams(scenario, 0);
  try {
    let isVaried = false;
    const differences = async (
      base: readonly AblationPolicy[],
      variants: readonly (readonly AblationPolicy[])[],
    ): Promise<Difference[]> => {
      const results: Difference[] = [];
      for (let at = 0; at < variants.length; at += groupSize) {
        const sets = [base, ...variants.slice(at, at + groupSize)];
        const servers = sets.map((policies, i) => serverOf(scenario, policies, transport, i, world.folder));
        const { support, folder } = world;
        const targets = await startTargets(
          { scenario, support, folder, upstreamUrl: upstreams.url, upstreamConnections: connections },
          servers,
          !isVaried,
        );
        try {
          if (!isVaried) await upstreams.vary();
          isVaried = true;
          world.progress(
            `${scenario.name}, ${transport}: ${results.length} of ${variants.length} compared with ${base.length} policies`,
          );
          results.push(...(await compareWithFirst(targets, effort)));
        } finally {
          stopTargets(targets);
        }
      }
      return results;
    };
    const alone = await differences([], [usual, [], ...chosen.map((policy) => [policy])]);
    const parts = chosen.filter(({ isUsual }) => isUsual);
    const without = await differences(usual, [
      usual,
      ...parts.map((part) => usual.filter((policy) => policy !== part)),
    ]);
    const [together, nothingAgain, ...each] = alone;
    const [everythingAgain, ...left] = without;
    if (together === undefined || nothingAgain === undefined || everythingAgain === undefined)
      throw new Error('nothing was measured');
    return {
      scenario: scenario.name,
      transport,
      calls: scenario.calls,
      nothingUs: together.baseUs,
      everythingUs: together.baseUs + together.us.median,
      together: together.us,
      togetherSystem: together.systemUs,
      control: {
        name: sameTwice,
        alone: nothingAgain.us,
        aloneSystem: nothingAgain.systemUs,
        amongAll: negated(everythingAgain.us),
      },
      rows: chosen.map((policy, i) => {
        const difference = left[parts.indexOf(policy)];
        return {
          name: policy.name,
          ...(each[i] && { alone: each[i].us, aloneSystem: each[i].systemUs }),
          ...(difference && { amongAll: negated(difference.us) }),
        };
      }),
    };
  } finally {
    upstreams.stop();
  }
}

/** All servers in turn and in reverse turn, as often as each other; differences are taken within a round. */
async function compareWithFirst(targets: readonly Running[], { rounds, seconds }: Effort): Promise<Difference[]> {
  const [base, ...others] = targets;
  if (base === undefined) return [];
  await warmUp(targets, connections);
  const costs = new Map<Running, Cost[]>(targets.map((target) => [target, []]));
  for (let round = 0; round < rounds; round++) {
    for (const target of round % 2 === 0 ? targets : targets.toReversed()) {
      const before = await usageNow(target);
      const { requests } = await closedLoop(target, { seconds, connections, core: otherCore });
      const after = await usageNow(target);
      costs.get(target)?.push({
        us: (after.cpuUs - before.cpuUs) / requests,
        systemUs: ((after.systemUs ?? Number.NaN) - (before.systemUs ?? Number.NaN)) / requests,
      });
    }
  }
  const ofBase = costs.get(base) ?? [];
  const overBase = (target: Running, read: (cost: Cost) => number): Spread =>
    medianRange((costs.get(target) ?? []).map((cost, i) => read(cost) - (ofBase[i] ? read(ofBase[i]) : Number.NaN)));
  return others.map((target) => ({
    us: overBase(target, ({ us }) => us),
    systemUs: overBase(target, ({ systemUs }) => systemUs),
    baseUs: medianRange(ofBase.map(({ us }) => us)).median,
  }));
}

function serverOf(
  scenario: Scenario,
  policies: readonly AblationPolicy[],
  transport: AblationTransport,
  index: number,
  folder: string,
): Server {
  const config = join(folder, `ablation-${index}.yaml`);
  writeFileSync(config, ablationConfig(scenario, policies, transport));
  const credential = policies.find((policy) => policy.credential !== undefined)?.credential;
  return configuredServer(
    `server ${index}`,
    { CONFIG: config, PARTS: policies.flatMap(({ part }) => part ?? []).join(',') },
    credential && (async ({ url }, { apiKey }) => (credential === 'session' ? logIn(url) : { 'x-api-key': apiKey })),
  );
}

const negated = ({ median, low, high }: Spread): Spread => ({ median: -median, low: -high, high: -low });
