/** A lookup in the cache of an operation. */
export interface CacheUse {
  /** Name of the part in the plan; empty outside a plan. */
  readonly part: string;
  readonly upstream: string;
  readonly operation: string;
  readonly result: CacheResult;
  /** Monotonic milliseconds. */
  readonly at: number;
}

/**
 * `hit`: fresh; `stale`: its time is over; `miss`: loaded; `coalesced`: loaded by another request at that moment; `negative`: it
 * is known that there is nothing; `error`: the shared store failed.
 */
export type CacheResult = 'hit' | 'stale' | 'miss' | 'coalesced' | 'negative' | 'revalidated' | 'error';

/** The run of a plan. */
export interface PlanNote {
  readonly name: string;
  /** The parts that each part waits for. */
  readonly after: ReadonlyMap<string, readonly string[]>;
  /** Monotonic milliseconds. */
  readonly startedAt: number;
  /** Monotonic milliseconds; undefined while it runs. */
  endedAt: number | undefined;
}

/** Lookups that are noted of one request. */
const maxCacheUses = 100;

/** Facts about a request for its spans and its `Server-Timing`; an app without both keeps none. */
export class RequestNotes {
  plan: PlanNote | undefined = undefined;
  readonly cacheUses: CacheUse[] = [];

  noteCache(part: string, upstream: string, operation: string, result: CacheResult, at: number): void {
    if (this.cacheUses.length < maxCacheUses) this.cacheUses.push({ part, upstream, operation, result, at });
  }
}
