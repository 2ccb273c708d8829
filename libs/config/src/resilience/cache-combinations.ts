import type { CacheConfig } from '../blocks/cache-config.js';
import type { Path } from '../document/tree.js';

type Refuse = (path: Path, message: string) => void;

interface CachedUpstream {
  readonly cache: Readonly<Record<string, CacheConfig>>;
  readonly cacheGroups: boolean;
  readonly forwardHeaders: readonly string[];
}

/** Keys that a response says itself where it is followed, by their names in the policy. */
const withTtl = {
  staleWhileRevalidateMs: 'staleWhileRevalidate',
  staleIfErrorMs: 'staleIfError',
  negativeMs: 'negative',
  warm: 'warm',
} as const;

/** Refuses values of the cache rules of one upstream that contradict each other. */
export function checkCache(path: Path, { cache, cacheGroups, forwardHeaders }: CachedUpstream, refuse: Refuse): void {
  if (cacheGroups && Object.keys(cache).length === 0)
    refuse([...path, 'cacheGroups'], 'no response of this upstream is cached; list operations under "cache"');
  for (const [operation, rule] of Object.entries(cache)) {
    const { vary, warm, scope, ttlMs, follow, targets } = rule;
    const at = [...path, 'cache', operation];
    if ((ttlMs === undefined) === (follow === undefined))
      refuse(at, 'takes either "ttl" (how long a response is fresh) or "follow: upstream" (it says so itself)');
    for (const [key, name] of Object.entries(withTtl)) {
      if (follow !== undefined && rule[key as keyof typeof withTtl] !== undefined)
        refuse([...at, name], `"${name}" is not used with "follow": the upstream says it in its responses`);
    }
    if (follow !== undefined && cacheGroups)
      refuse([...at, 'follow'], 'responses that are followed have no groups; write "ttl", or remove "cacheGroups"');
    if (follow === undefined && targets !== undefined)
      refuse([...at, 'targets'], '"targets" is not used without "follow"');
    for (const name of Object.keys(vary ?? {})) {
      if (!forwardHeaders.includes(name))
        refuse([...at, 'vary', name], `"${name}" is not sent to this upstream; add it to forwardHeaders`);
    }
    if (warm === undefined) continue;
    if (scope !== 'public') refuse([...at, 'warm'], 'there is no caller at the start; it needs "scope: public"');
    if (vary === undefined && forwardHeaders.length > 0)
      refuse([...at, 'warm'], `its requests differ by ${forwardHeaders.join(' and ')}; list the values under "vary"`);
    const combinations = Object.values(vary ?? {}).reduce((count, values) => count * values.length, 1);
    if (combinations > mostCombinations)
      refuse(
        [...at, 'warm'],
        `"vary" has ${combinations} combinations, each of which would be loaded; ${mostCombinations} is the most`,
      );
  }
}

/** Requests at the start for one operation. */
const mostCombinations = 64;
