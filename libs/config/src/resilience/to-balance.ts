import { given, on } from '../access/policy-members.js';
import type { BalanceConfig, HealthConfig } from '../blocks/balance-config.js';
import { isService } from './service-url.js';
import type { Policy } from '../schema/bff.schema.js';

type Upstream = Policy['upstreams'][string];

/** The balancing of one upstream; absent where it has one address, for which all of it means nothing. */
export function toBalance({ urls, balance, health }: Upstream): { balance?: BalanceConfig; health?: HealthConfig } {
  const checks = on(health);
  if (urls.length === 1 && !isService(urls[0])) return {};
  return {
    ...(balance && { balance: balanceOf(balance) }),
    ...(checks && {
      health: {
        path: checks.path,
        everyMs: checks.every,
        timeoutMs: checks.timeout,
        healthyAfter: checks.healthyAfter,
        unhealthyAfter: checks.unhealthyAfter,
      },
    }),
  };
}

function balanceOf(balance: NonNullable<Upstream['balance']>): BalanceConfig {
  const { by, on: key, weights, slowStart, panic, eject, groups, choose } = balance;
  return {
    by,
    ...(key !== undefined && { on: keyOf(key) }),
    ...given('weights', weights),
    slowStartMs: slowStart,
    panicRatio: panic,
    eject: eject === 'off' ? 'off' : ejectOf(eject),
    ...given('groups', groups),
    ...(choose && { choose: { header: choose.header, ...given('key', choose.key) } }),
  };
}

function keyOf(written: string): NonNullable<BalanceConfig['on']> {
  const [place = '', name = ''] = written.split(':');
  return place === 'caller' ? 'caller' : { [place]: name };
}

function ejectOf(eject: Exclude<NonNullable<Upstream['balance']>['eject'], 'off'>): BalanceConfig['eject'] {
  const { failures, for: forMs, maxFor, maxShare, successRate } = eject;
  return {
    failures,
    forMs,
    maxForMs: maxFor,
    maxRatio: maxShare,
    successRate:
      successRate === 'off'
        ? 'off'
        : {
            everyMs: successRate.every,
            minimumCalls: successRate.minimumCalls,
            minimumAddresses: successRate.minimumAddresses,
          },
  };
}
