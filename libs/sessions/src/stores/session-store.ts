/** Ends the exclusive right that {@link SessionStore.lock} gave. */
export type Unlock = () => Promise<void>;

/**
 * The place of sessions. Names are digests, and bytes are encrypted: nothing in a store is of use without the keys of the app.
 * Each method rejects where the store cannot be used.
 */
export interface SessionStore {
  /** @param extendMs the session ends after this time without another read; absent: nothing changes */
  read(name: string, extendMs?: number): Promise<Buffer | undefined>;
  /** @param groups names under which the session can be found: see {@link find} */
  create(name: string, bytes: Buffer, session: NewSession): Promise<void>;
  /** Replaces the bytes of a session that exists. @returns whether it does: one that was ended meanwhile stays ended */
  replace(name: string, bytes: Buffer): Promise<boolean>;
  remove(names: readonly string[]): Promise<void>;
  /** The sessions of a group; some of them may have ended. */
  find(group: string): Promise<readonly string[]>;
  /**
   * Gives one caller among all processes the right to change a session.
   * @param ms the right ends by itself after this time
   * @returns undefined where another one has it
   */
  lock(name: string, ms: number): Promise<Unlock | undefined>;
}

export interface NewSession {
  readonly idleMs: number;
  /** Milliseconds from now. */
  readonly lifetimeMs: number;
  readonly groups: readonly string[];
}
