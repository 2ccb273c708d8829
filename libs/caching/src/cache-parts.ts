import type { Cancellation, Clock, Outcome } from '@frontage/core';
import type { FollowedEntry } from './http/entry-of.js';
import type { Asking, FollowedLoad } from './http/followed.options.js';
import type { ChangeWatch } from './invalidation/change-watch.js';
import type { LogPosition } from './invalidation/invalidation-log.js';
import type { Mark } from './invalidation/marks.js';
import type { Invalidations } from './invalidations.js';
import type { MemoryStore } from './memory-store.js';
import type { SharedTier } from './shared/shared-tier.js';
import type { SingleFlight, Waiter } from './single-flight.js';

/** The parts of a cache that its operations share. */
export interface CacheParts {
  readonly clock: Clock;
  readonly memory: MemoryStore;
  readonly shared: SharedTier | undefined;
  readonly flights: SingleFlight;
  readonly invalidations: Invalidations;
  readonly random: () => number;
}

/**
 * Loads a response. Where the upstream has groups, it tells the fields `Cache-Groups` of the response before it resolves.
 */
export type Load = (flight: Cancellation, noteGroups: (fields: readonly string[]) => void) => Promise<Outcome<unknown>>;

/** One response on its way into the cache. */
export interface Loading {
  readonly key: string;
  readonly tags: readonly Mark[];
  readonly deadlineAt: number;
  readonly noteUse: Waiter['noteUse'];
  readonly load: Load;
  /** The marks of the groups of the response; `undefined` where it has more than can be kept. */
  groups: readonly Mark[] | undefined;
  /** All that the response depends on; any group of the upstream, until its own groups are known. */
  marks: readonly Mark[];
  /** Place in the log of invalidations at which its load began. */
  since: LogPosition;
  /** No invalidation since has named what the response depends on. */
  readonly isCurrent: () => boolean;
}

/** One request on its way through the cache of a followed operation. */
export interface Reading {
  readonly key: string;
  readonly asking: Asking;
  /** A stored response that may be validated. */
  readonly found: FollowedEntry | undefined;
  readonly deadlineAt: number;
  readonly noteUse: Waiter['noteUse'];
  readonly load: FollowedLoad;
  /** Those of its address and its tags. */
  readonly marks: readonly Mark[];
  /** Others may have its response, so that the shared store is asked. */
  readonly isShared: boolean;
  readonly watch: ChangeWatch;
}

/** Only requests with the same headers of the client share a load. */
export const flightKey = (key: string, { forwarded }: Asking): string =>
  forwarded.length === 0 ? key : `${key} ${JSON.stringify(forwarded)}`;
