import type { CacheConfig } from '../blocks/cache-config.js';
import type { Path } from '../document/tree.js';

type Refuse = (path: Path, message: string) => void;

interface CachedUpstream {
  readonly cache: Readonly<Record<string, CacheConfig>>;
  readonly forwardHeaders: readonly string[];
}

/** Refuses values of the cache rules of one upstream that contradict each other. */
export function checkCache(path: Path, { cache, forwardHeaders }: CachedUpstream, refuse: Refuse): void {
  for (const [operation, { vary = {} }] of Object.entries(cache)) {
    const at = [...path, 'cache', operation];
    for (const name of Object.keys(vary)) {
      if (!forwardHeaders.includes(name))
        refuse([...at, 'vary', name], `"${name}" is not sent to this upstream; add it to forwardHeaders`);
    }
  }
}
