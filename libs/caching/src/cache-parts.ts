import type { Clock } from '@frontage/core';
import type { LogPosition } from './invalidation/invalidation-log.js';
import type { Mark } from './invalidation/marks.js';
import type { Invalidations } from './invalidations.js';
import type { MemoryStore } from './memory-store.js';
import type { SharedTier } from './shared/shared-tier.js';
import type { Load, SingleFlight, Waiter } from './single-flight.js';

/** The parts of a cache that its operations share. */
export interface CacheParts {
  readonly clock: Clock;
  readonly memory: MemoryStore;
  readonly shared: SharedTier | undefined;
  readonly flights: SingleFlight;
  readonly invalidations: Invalidations;
  readonly random: () => number;
}

/** One response on its way into the cache. */
export interface Loading {
  readonly key: string;
  readonly tags: readonly Mark[];
  readonly deadlineAt: number;
  readonly noteUse: Waiter['noteUse'];
  readonly load: Load;
  /** Place in the log of invalidations at which its load began. */
  since: LogPosition;
  /** Nothing that the response depends on was invalidated since. */
  readonly isCurrent: () => boolean;
}
