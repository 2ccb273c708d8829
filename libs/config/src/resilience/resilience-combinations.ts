import type { AccessConfig } from '../access/access-config.js';
import type { ResilienceConfig, TierConfig } from '../blocks/resilience-config.js';
import type { Path } from '../document/tree.js';

type Refuse = (path: Path, message: string) => void;
type Has = (path: Path) => boolean;

/** Refuses values of one upstream that contradict each other. */
export function checkResilience(
  path: Path,
  { breaker, concurrency, queue }: ResilienceConfig,
  refuse: Refuse,
  has: Has,
): void {
  if (queue !== undefined && concurrency === undefined) {
    refuse([...path, 'queue'], '"queue" is not used without "concurrency"');
  }
  if (typeof concurrency === 'object' && concurrency.adaptive.min > concurrency.adaptive.max) {
    const { min, max } = concurrency.adaptive;
    const at = [...path, 'concurrency', 'adaptive'];
    refuse([...at, has([...at, 'min']) ? 'min' : 'max'], `min (${min}) is more than max (${max})`);
  }
  for (const key of ['failureRatio', 'openFor'] as const) {
    if (breaker?.mode === 'throttle' && has([...path, 'breaker', key]))
      refuse([...path, 'breaker', key], `"${key}" is not used with "mode: throttle"`);
  }
}

/** Refuses tiers that no caller can be of. */
export function checkTiers(tiers: readonly TierConfig[], access: AccessConfig | undefined, refuse: Refuse): void {
  const issuers = [access?.jwt, access?.introspection, ...Object.values(access?.issuers ?? {})];
  const claims = new Set(issuers.flatMap((issuer) => Object.keys(issuer?.claims ?? {})));
  for (const [index, { role, claim, is, quota }] of tiers.entries()) {
    const path = ['tiers', index];
    if ([role, claim, quota].filter((one) => one !== undefined).length !== 1) {
      refuse(path, 'takes one of "role", "claim" (with "is") and "quota"');
      continue;
    }
    if ((claim === undefined) !== (is === undefined))
      refuse(
        path,
        claim === undefined ? '"is" is not used without "claim"' : '"claim" needs "is", the values that count',
      );
    if (access === undefined) refuse(path, 'with "access: off" all callers are alike; remove this tier');
    else if (claim !== undefined && !claims.has(claim))
      refuse([...path, 'claim'], `the policy names no claim "${claim}"; add it to access.jwt.claims`);
    else if (quota !== undefined && access.apiKeys === undefined)
      refuse([...path, 'quota'], '"quota" is a class of API keys, and access has no "apiKeys"');
  }
}
