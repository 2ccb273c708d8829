import type { CacheConfig } from '../blocks/cache-config.js';
import type { Path } from '../document/tree.js';

type Refuse = (path: Path, message: string) => void;

interface CachedUpstream {
  readonly cache: Readonly<Record<string, CacheConfig>>;
  readonly forwardHeaders: readonly string[];
}

/** Refuses values of the cache rules of one upstream that contradict each other. */
export function checkCache(path: Path, { cache, forwardHeaders }: CachedUpstream, refuse: Refuse): void {
  for (const [operation, { vary, warm, scope }] of Object.entries(cache)) {
    const at = [...path, 'cache', operation];
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
