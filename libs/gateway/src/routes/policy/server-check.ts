import { callsOf } from '@frontage/aggregation';
import type { BffConfig, PolicyMistake } from '@frontage/config';
import type { Route } from '../routes.js';

/** Operations that a screen calls, that their contract serves at other addresses, and of which the policy says nothing. */
export function* servedElsewhere(config: BffConfig, routes: readonly Route[]): Generator<PolicyMistake> {
  const told = new Set<string>();
  for (const { screen } of routes) {
    for (const { operation } of (screen?.plan.parts ?? []).flatMap(({ node }) => callsOf(node))) {
      const { id, servers = [], contract } = operation;
      const { upstream } = contract;
      const policy = config.upstreams[upstream];
      if (servers.length === 0 || policy?.contractServers !== 'refuse' || told.has(`${upstream}.${id}`)) continue;
      if (policy.operations[id]?.urls !== undefined) continue;
      told.add(`${upstream}.${id}`);
      const message = `the contract of "${upstream}" serves ${id} at ${servers.join(', ')}; add operations: { ${id}: { urls: [...] } }, or say with contractServers whether to use or ignore these servers`;
      yield { path: ['upstreams', upstream], want: 'key', message };
    }
  }
}
