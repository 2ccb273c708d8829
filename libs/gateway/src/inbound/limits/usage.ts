import type { BffConfig } from '@frontage/config';
import type { RequestContext } from '@frontage/context';
import type { LimitUsage, RateLimiter, UsageLook } from '@frontage/throttling';

/** Tells a caller what it has used of its limits. */
export type UsageOf = (context: RequestContext) => Promise<readonly LimitUsage[]>;

/**
 * Compiles the looks at the limits of the classes that routes have, and at that of an address. A caller with a quota of its own has the
 * quota in place of the limits per caller of each class.
 * @param classes names of the rate classes of routes
 */
export function compileUsage(
  { rateClasses, addressLimit }: Pick<BffConfig, 'rateClasses' | 'addressLimit'>,
  limiter: RateLimiter,
  classes: ReadonlySet<string>,
): UsageOf {
  const ofClass = new Map(
    Object.entries(rateClasses).map(([name, limits]) => [name, limiter.compileLook(name, limits)] as const),
  );
  const ofAddress = addressLimit && limiter.compileAddressLook(addressLimit);
  const used = [...ofClass].filter(([name]) => classes.has(name));
  return async (context) => {
    const quota = context.caller?.quota;
    const isOwn = ({ per }: LimitUsage): boolean => quota === undefined || per === 'address';
    const look = async (one: UsageLook | undefined): Promise<readonly LimitUsage[]> => (await one?.(context)) ?? [];
    const ofQuota = quota === undefined ? [] : await look(ofClass.get(quota));
    const rest = await Promise.all(used.filter(([name]) => name !== quota).map(([, one]) => look(one)));
    return [...ofQuota, ...rest.flat().filter(isOwn), ...(await look(ofAddress))];
  };
}
