import { closedLoop } from '../load/closed-loop.js';
import { endProfile, startProfile } from '../load/probe.js';
import { scenarios } from '../scenarios/scenarios.js';
import { otherCore } from './child.js';
import type { Support } from './support.js';
import { profiled, startTargets, stopTargets } from './targets.js';
import { startUpstreams } from './upstreams.js';
import { warmUp } from './warm-up.js';

export interface ProfileResult {
  readonly name: string;
  /** CPU time per request under the profiler, which takes a share of it. */
  readonly busyUs: number;
  /** Per request, the dearest first. */
  readonly functions: readonly { readonly name: string; readonly selfUs: number }[];
}

const seconds = 8;
const connections = 64;

/** The time of home-5 by function, one server after the other. */
export async function measureProfile(
  support: Support,
  folder: string,
  progress: (text: string) => void,
): Promise<ProfileResult[]> {
  const [home] = scenarios;
  if (home === undefined) return [];
  const upstreams = await startUpstreams(home, 0);
  const world = { scenario: home, support, folder, upstreamUrl: upstreams.url, upstreamConnections: connections };
  const targets = await startTargets(world, profiled);
  const results: ProfileResult[] = [];
  try {
    await upstreams.vary();
    await warmUp(targets, connections, progress);
    for (const target of targets) {
      progress(`profile of ${target.name}`);
      await startProfile(target.child);
      const { requests } = await closedLoop(target, { seconds, connections, core: otherCore });
      const { busyUs, functions } = await endProfile(target.child);
      results.push({
        name: target.name,
        busyUs: busyUs / requests,
        functions: functions.map(({ name, selfUs }) => ({ name, selfUs: selfUs / requests })),
      });
    }
  } finally {
    stopTargets(targets);
    upstreams.stop();
  }
  return results;
}
