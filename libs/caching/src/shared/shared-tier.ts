/** An entry of a shared store: the value and its expiry (milliseconds since 1970, the same for all processes). */
export interface SharedValue {
  readonly value: unknown;
  readonly expiresAt: number;
}

/** Outcome of a lookup: a value, no value, or a failure of the store. */
export type SharedLookup = SharedValue | 'none' | 'failed';

/** The tier that processes share. A request never waits for it long: an operation that it cannot perform now is dropped. */
export interface SharedTier {
  /** @param withinMs longest time that the request can wait */
  get(key: string, withinMs: number): Promise<SharedLookup>;
  /** Stores in the background; never throws. */
  set(key: string, value: unknown, ttlMs: number): void;
  /** Forgets in the background; never throws. */
  delete(key: string): void;
  stop(): void | Promise<void>;
}
