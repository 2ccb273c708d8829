import type { Mark } from '../invalidation/marks.js';

/** An entry of a shared store: the value and its expiry (milliseconds since 1970, the same for all processes). */
export interface SharedValue {
  readonly value: unknown;
  readonly expiresAt: number;
}

/** A lookup of one response. */
export interface SharedQuestion {
  readonly key: string;
  /** The marks with which the response is invalidated. */
  readonly marks: readonly Mark[];
  /** Time that the response may be used, in milliseconds; above 0. */
  readonly ttlMs: number;
}

/** The place of a response that its load may write, as it was when the load began; it takes no value once one of its marks is invalidated. */
export interface SharedPlace extends SharedQuestion {
  /** The present token of each mark. */
  readonly tokens: string;
  /** The sign of an invalidation of this key; empty without one. */
  readonly seen: string;
  /** The holder of the lock of the key; empty where nobody asked for it. */
  readonly holder: string;
}

/**
 * Outcome of a lookup: a value, with the place for the next one; no value, with the place for it where the store takes one; another process that
 * loads it; or a failure of the store.
 */
export type SharedLookup =
  | { readonly state: 'found'; readonly found: SharedValue; readonly place: SharedPlace }
  | { readonly state: 'absent'; readonly place?: SharedPlace }
  | { readonly state: 'loading' }
  | { readonly state: 'failed' };

/** The tier that processes share. A request never waits for it long: an operation that it cannot perform now is dropped. */
export interface SharedTier {
  /**
   * @param withinMs longest time that the request can wait
   * @param lockMs where there is no value, take the lock of the key for so long; 0 takes none, and so does a store without locks
   */
  find(question: SharedQuestion, withinMs: number, lockMs: number): Promise<SharedLookup>;
  /** Stores in the background, and gives the lock back; never throws. */
  keep(place: SharedPlace, value: unknown): void;
  /** Gives the lock back in the background: the load brought nothing to keep. Never throws. */
  release(place: SharedPlace): void;
  /** Forgets in the background; never throws. */
  delete(key: string): void;
  /**
   * Makes what was written with one of these marks invalid, and what loads under way write. Rejects where the store did not do it. Absent where
   * whoever tells other processes does it.
   */
  readonly invalidate?: (marks: readonly Mark[]) => Promise<void>;
  stop(): void | Promise<void>;
}
