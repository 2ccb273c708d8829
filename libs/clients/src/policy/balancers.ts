import { AddressBalancer, type BalancedTarget } from '@frontage/balancing';
import { channels, type AddressOut, type Clock } from '@frontage/core';
import { addressesOf, type Address } from './address.js';
import type { ResolvedUpstreamOptions } from './upstream.options.js';

export interface BalancerSettings {
  readonly clock: Clock;
  /** From 0 up to 1. */
  readonly random: (() => number) | undefined;
}

const nameOf = ({ origin, prefix }: Address): string => origin + prefix;

/**
 * The balancer of addresses of one upstream. Operations that are served elsewhere have addresses of their own, to which no weight, no group and no health
 * check belongs.
 * @returns undefined for a single address: calls to it have no such stage
 * @throws RangeError or TypeError for an option that makes no sense
 */
export function balancerOf(
  upstream: string,
  addresses: readonly Address[],
  options: ResolvedUpstreamOptions,
  { clock, random }: BalancerSettings,
): AddressBalancer<Address> | undefined {
  const { by, slowStartMs, panicRatio, eject, groups, weights } = options.balance ?? {};
  const areOwn = addresses !== options.addresses;
  if (!areOwn) checkLists(upstream, options);
  const isService = !areOwn && options.service !== undefined;
  const byName = new Map(addresses.map((address, index) => [nameOf(address), { address, index }]));
  if (byName.size === 1 && !isService) return undefined;
  const groupOf = areOwn || groups === undefined ? undefined : groupTable(upstream, options);
  const targets = Array.from(byName, ([name, { address, index }]): BalancedTarget<Address> => {
    const group = groupOf?.get(name);
    return {
      target: address,
      name,
      ...(!areOwn && weights !== undefined && { weight: weights[index] ?? 1 }),
      ...(group !== undefined && { group }),
    };
  });
  const { healthyAfter, unhealthyAfter } = options.health ?? {};
  const how = {
    ...(by !== undefined && { by }),
    ...(slowStartMs !== undefined && { slowStartMs }),
    ...(panicRatio !== undefined && { panicRatio }),
    ...(eject !== undefined && { eject }),
    ...(groupOf && { groups: sharesOf(groups) }),
    health: {
      ...(healthyAfter !== undefined && { healthyAfter }),
      ...(unhealthyAfter !== undefined && { unhealthyAfter }),
    },
  };
  const onOut = (address: Address, reason: AddressOut['reason']): void => {
    if (channels.addressOut.hasSubscribers)
      channels.addressOut.publish({ upstream, address: nameOf(address), reason } satisfies AddressOut);
  };
  // Those of a service come later.
  return new AddressBalancer(isService ? [] : targets, how, { clock, onOut, ...(random && { random }) });
}

const sharesOf = (groups: NonNullable<ResolvedUpstreamOptions['balance']>['groups'] = {}): Record<string, number> =>
  Object.fromEntries(Object.entries(groups).map(([name, { weight }]) => [name, weight]));

function checkLists(upstream: string, { urls, service, balance = {} }: ResolvedUpstreamOptions): void {
  const { by, on, weights, groups, choose } = balance;
  if (service !== undefined && (weights !== undefined || groups !== undefined))
    throw new TypeError(`${upstream}: balance.weights and balance.groups are not used with a service`);
  if (weights !== undefined && weights.length !== urls.length)
    throw new RangeError(`${upstream}: balance.weights has ${weights.length} weights for ${urls.length} addresses`);
  if (by === 'hash' && on === undefined) throw new TypeError(`${upstream}: balance.by hash needs balance.on`);
  if (choose !== undefined && groups === undefined)
    throw new TypeError(`${upstream}: balance.choose is not used without balance.groups`);
}

/** The group of each address by the name of the address. */
function groupTable(upstream: string, { addresses, balance }: ResolvedUpstreamOptions): ReadonlyMap<string, string> {
  const table = new Map<string, string>();
  const known = new Set(addresses.map(nameOf));
  for (const [group, { urls }] of Object.entries(balance?.groups ?? {})) {
    for (const name of addressesOf(`${upstream}: balance.groups.${group}`, urls).map(nameOf)) {
      if (!known.has(name))
        throw new TypeError(`${upstream}: balance.groups.${group} names ${name}, which is not in urls`);
      const other = table.get(name);
      if (other !== undefined) throw new TypeError(`${upstream}: ${name} is in the groups ${other} and ${group}`);
      table.set(name, group);
    }
  }
  const left = [...known].find((name) => !table.has(name));
  if (left !== undefined) throw new TypeError(`${upstream}: ${left} belongs to no group`);
  return table;
}
