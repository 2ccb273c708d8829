import { callsOf } from '@frontage/aggregation';
import { missingSecrets } from '@frontage/clients';
import type { BffConfig, PolicyMistake } from '@frontage/config';
import type { Route } from '../routes.js';

/** Secrets of the policy that no contract asks for, and secrets that an operation of a screen asks for beside those that policy has. */
export function* secretMistakes(config: BffConfig, routes: readonly Route[]): Generator<PolicyMistake> {
  const told = new Set<string>();
  const calls = routes.flatMap(({ screen }) => (screen?.plan.parts ?? []).flatMap(({ node }) => callsOf(node)));
  for (const { operation } of calls) {
    const { upstream, securitySchemes = {} } = operation.contract;
    const policy = config.upstreams[upstream];
    if (policy === undefined || Object.keys(policy.security).length === 0) continue;
    const path = ['upstreams', upstream, 'security'];
    for (const scheme of Object.keys(policy.security)) {
      if (Object.hasOwn(securitySchemes, scheme) || told.has(`${upstream} ${scheme}`)) continue;
      told.add(`${upstream} ${scheme}`);
      const known = Object.keys(securitySchemes).join(', ') || 'none';
      const message = `the contract of "${upstream}" has no security scheme "${scheme}"; there: ${known}`;
      yield { path: [...path, scheme], want: 'key', message };
    }
    const sources = policy.userContext ? [{ header: 'txn-token' }] : [];
    const missing = missingSecrets(operation, { ...policy, sources });
    if (missing === undefined || told.has(missing)) continue;
    told.add(missing);
    yield { path, want: 'key', message: missing };
  }
}
