import { resolve } from 'node:path';
import { given, on } from '../access/policy-members.js';
import type { AddressListsConfig, RatesConfig, SignalConfig } from '../blocks/rates-config.js';
import { mapByName } from '../document/tree.js';
import type { Policy } from '../schema/bff.schema.js';

/**
 * The policies of how much clients may send.
 * @param folder of the policy
 */
export function toRates(policy: Policy, folder: string): RatesConfig {
  const addressLists = on(policy.addressLists);
  const addressLimit = on(policy.addressLimit);
  return {
    ...(addressLists && { addressLists: toAddressLists(addressLists, folder) }),
    ...(addressLimit && {
      addressLimit: {
        limit: addressLimit.limit,
        windowMs: addressLimit.window,
        ...given('burst', addressLimit.burst),
      },
    }),
    rateClasses: mapByName(policy.rateClasses, (rules) =>
      rules.map(({ per, limit, window, burst, role }) => ({
        per,
        limit,
        windowMs: window,
        ...given('burst', burst),
        ...given('role', role),
      })),
    ),
    rateStore: { whenDown: policy.rateStore.whenDown },
    signals: mapByName(policy.signals, toSignal),
    ...given('usage', on(policy.usage)),
  };
}

function toAddressLists(
  { deny, allow, reload }: Exclude<Policy['addressLists'], 'off' | undefined>,
  folder: string,
): AddressListsConfig {
  return {
    ...given('deny', deny && resolve(folder, deny)),
    ...given('allow', allow && resolve(folder, allow)),
    reloadMs: reload,
  };
}

function toSignal(rule: Policy['signals'][string]): SignalConfig {
  const { watch, per = 'address', window, share, atLeast, above, route, after, action, rateClass } = rule;
  return {
    watch,
    per,
    windowMs: window,
    ...given('share', share),
    ...given('atLeast', atLeast),
    ...given('above', above),
    ...given('route', route),
    ...given('after', after),
    ...given('withinMs', watch === 'sequence' ? (rule.within ?? 1_800_000) : undefined),
    action,
    forMs: rule.for,
    ...given('rateClass', rateClass),
  };
}
