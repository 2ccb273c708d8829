import type { Clock } from '@frontage/core';
import { LRUCache } from 'lru-cache';
import type { NewSession, SessionStore, Unlock } from './session-store.js';

interface Entry {
  bytes: Buffer;
  readonly groups: readonly string[];
  /** Monotonic milliseconds. */
  idleUntil: number;
  readonly endsAt: number;
}

/** Sessions in the memory of one process. They end with it. Beyond the bound, the one that was used least recently ends. */
export class MemorySessions implements SessionStore {
  readonly #clock: Clock;
  readonly #entries: LRUCache<string, Entry>;
  readonly #groups = new Map<string, Set<string>>();
  readonly #locks = new Map<string, number>();

  /** @param maxSessions 1 or more */
  constructor(maxSessions: number, clock: Clock) {
    this.#clock = clock;
    this.#entries = new LRUCache<string, Entry>({
      max: maxSessions,
      dispose: ({ groups }, name) => this.#leave(groups, name),
    });
  }

  get size(): number {
    return this.#entries.size;
  }

  get groupCount(): number {
    return this.#groups.size;
  }

  async read(name: string, extendMs?: number): Promise<Buffer | undefined> {
    const entry = this.#live(name);
    if (entry === undefined) return undefined;
    if (extendMs !== undefined) entry.idleUntil = this.#clock.now() + extendMs;
    return entry.bytes;
  }

  async create(name: string, bytes: Buffer, { idleMs, lifetimeMs, groups }: NewSession): Promise<void> {
    const now = this.#clock.now();
    this.#entries.set(name, { bytes, groups, idleUntil: now + idleMs, endsAt: now + lifetimeMs });
    for (const group of groups) {
      const names = this.#groups.get(group) ?? new Set();
      this.#groups.set(group, names.add(name));
    }
  }

  async replace(name: string, bytes: Buffer): Promise<boolean> {
    const entry = this.#live(name);
    if (entry === undefined) return false;
    entry.bytes = bytes;
    return true;
  }

  async remove(names: readonly string[]): Promise<void> {
    for (const name of names) this.#entries.delete(name);
  }

  async find(group: string): Promise<readonly string[]> {
    return [...(this.#groups.get(group) ?? [])];
  }

  async lock(name: string, ms: number): Promise<Unlock | undefined> {
    const now = this.#clock.now();
    if ((this.#locks.get(name) ?? 0) > now) return undefined;
    const until = now + ms;
    this.#locks.set(name, until);
    return async () => {
      if (this.#locks.get(name) === until) this.#locks.delete(name);
    };
  }

  #live(name: string): Entry | undefined {
    const entry = this.#entries.get(name);
    const now = this.#clock.now();
    if (entry === undefined || (entry.idleUntil > now && entry.endsAt > now)) return entry;
    this.#entries.delete(name);
    return undefined;
  }

  #leave(groups: readonly string[], name: string): void {
    for (const group of groups) {
      const names = this.#groups.get(group);
      names?.delete(name);
      if (names?.size === 0) this.#groups.delete(group);
    }
  }
}
