import { AdaptiveLimit, Bulkhead } from '@frontage/breaker';
import type { Clock } from '@frontage/core';
import { AttemptPolicies } from './attempt-policies.js';
import type { CallPolicy } from './call-stack.js';
import { HealthChecks } from './health-checks.js';
import { balancerOf } from './policy/balancers.js';
import { Circuits } from './policy/circuits.js';
import { resolveUpstreamOptions, type UpstreamOptions } from './policy/upstream.options.js';
import { balanceTerms } from './request/balance-terms.js';
import { DeadlineWatch } from './request/deadline-watch.js';
import { Discovery } from './request/discovery.js';
import { transportOf } from './transport-of.js';
import type { UpstreamDependencies } from './upstream-api.js';

/** The state of one upstream, which its operations share. */
export interface UpstreamParts {
  readonly policy: CallPolicy;
  /** Absent without health checks. */
  readonly checks: HealthChecks | undefined;
}

/** @throws RangeError or TypeError for options that make no sense, naming upstream and option */
export function upstreamParts(name: string, options: UpstreamOptions, deps: UpstreamDependencies): UpstreamParts {
  const resolved = resolveUpstreamOptions(name, options);
  const { clock, pressure, tierOf, random } = deps;
  const { concurrency, queue } = resolved;
  const limit = typeof concurrency === 'object' ? new AdaptiveLimit(concurrency.adaptive) : undefined;
  const maxConcurrent = typeof concurrency === 'number' ? concurrency : limit?.limit;
  const addresses = balancerOf(name, resolved.addresses, resolved, { clock, random });
  const policy: CallPolicy = {
    options: resolved,
    clock,
    watch: new DeadlineWatch(clock),
    carrier: transportOf(name, resolved, deps),
    attempts: new AttemptPolicies(resolved, clock),
    circuits: circuitsOf(name, resolved, clock),
    places:
      maxConcurrent === undefined ? undefined : new Bulkhead({ maxConcurrent, maxQueued: queue, pressure }, clock),
    limit,
    pressure,
    tierOf,
    addresses,
    terms: balanceTerms(resolved.balance ?? {}, clock),
    discovery: undefined,
  };
  const { service } = resolved;
  if (addresses === undefined) return { policy, checks: undefined };
  const checks = resolved.health && new HealthChecks(name, policy, addresses, random ?? Math.random);
  if (service === undefined) {
    checks?.watch(resolved.addresses);
    return { policy, checks };
  }
  if (deps.names === undefined) throw new TypeError(`${name}: urls names a service, which needs names`);
  const discovery = new Discovery(name, service, {
    clock,
    names: deps.names,
    onChange(targets, left) {
      const found = targets.map(({ target }) => target);
      policy.carrier.reach(found);
      addresses.replace(targets);
      checks?.watch(found);
      policy.carrier.leave(left);
    },
  });
  return { policy: { ...policy, discovery }, checks };
}

function circuitsOf(name: string, { breaker, operations = {} }: UpstreamOptions, clock: Clock): Circuits | undefined {
  const own = Object.fromEntries(
    Object.entries(operations).flatMap(([id, { breaker: one }]) => (one === undefined ? [] : [[id, one] as const])),
  );
  return breaker === undefined && Object.values(own).every((one) => one === 'off')
    ? undefined
    : new Circuits(name, breaker, own, clock);
}
