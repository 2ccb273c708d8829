/** What a shared store holds: the value, and until when it may be used (milliseconds since 1970, for all processes). */
export interface SharedValue {
  readonly value: unknown;
  readonly expiresAt: number;
}

/** Outcome of a lookup: a value, none, or no word from the store. */
export type SharedLookup = SharedValue | 'none' | 'failed';

/** The tier that processes share. It is a convenience and never a reason to wait: what it cannot do now is not done. */
export interface SharedTier {
  /** @param withinMs how long the request can wait at most */
  get(key: string, withinMs: number): Promise<SharedLookup>;
  /** Stores in the background; never throws. */
  set(key: string, value: unknown, ttlMs: number): void;
  stop(): void | Promise<void>;
}
