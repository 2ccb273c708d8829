import type { TierConfig } from '@frontage/config';
import type { Caller, RequestContext } from '@frontage/context';

/**
 * The tier of a caller by policy, for queues of calls: the first tier of the list is the highest. Callers that fit none, and requests without a
 * caller, are of tier 0.
 * @returns `undefined` where policy has no tiers
 */
export function tiersOf(tiers: readonly TierConfig[]): ((context: RequestContext) => number) | undefined {
  if (tiers.length === 0) return undefined;
  return ({ caller }) => {
    if (caller === undefined) return 0;
    const index = tiers.findIndex((tier) => isOf(tier, caller));
    return index === -1 ? 0 : tiers.length - index;
  };
}

function isOf({ role, claim, is = [], quota }: TierConfig, caller: Caller): boolean {
  if (role !== undefined) return caller.roles.includes(role);
  if (quota !== undefined) return caller.quota === quota;
  const claims = caller.claims ?? {};
  const value = claim !== undefined && Object.hasOwn(claims, claim) ? claims[claim] : undefined;
  if (value === undefined) return false;
  return typeof value === 'object' ? value.some((one) => is.includes(one)) : is.includes(String(value));
}
