import { setTimeout as delay } from 'node:timers/promises';
import { StoreDownError, type StoreRecords } from '@frontage/store';
import type { NewSession, SessionStore, Unlock } from './session-store.js';

/** A command is short, but a process may pause: one that times out is sent again, as long as the store counts as up. */
const attempts = 4;
const betweenMs = 10;

/** Sessions in the shared store, which all processes of the app use. */
export class SharedSessions implements SessionStore {
  readonly #records: StoreRecords;

  constructor(records: StoreRecords) {
    this.#records = records;
  }

  read(name: string, extendMs?: number): Promise<Buffer | undefined> {
    return this.#again(() => this.#records.read(`session:${name}`, extendMs));
  }

  async create(name: string, bytes: Buffer, { idleMs, lifetimeMs, groups }: NewSession): Promise<void> {
    // First the groups: a session that cannot be found by a logout must not exist.
    for (const group of groups) await this.#again(() => this.#records.join(`group:${group}`, name, lifetimeMs));
    await this.#again(() => this.#records.write(`session:${name}`, bytes, Math.min(idleMs, lifetimeMs)));
  }

  replace(name: string, bytes: Buffer): Promise<boolean> {
    return this.#again(() => this.#records.replace(`session:${name}`, bytes));
  }

  async remove(names: readonly string[]): Promise<void> {
    for (const name of names) await this.#again(() => this.#records.remove(`session:${name}`));
  }

  find(group: string): Promise<readonly string[]> {
    return this.#again(() => this.#records.members(`group:${group}`));
  }

  /** Sent once: an attempt that timed out may have got the lock, which then ends by itself. */
  async lock(name: string, ms: number): Promise<Unlock | undefined> {
    const unlock = await this.#records.lock(`lock:${name}`, ms);
    return unlock && (() => this.#again(unlock));
  }

  async #again<T>(command: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await command();
      } catch (error) {
        if (!(error instanceof StoreDownError) || !this.#records.isUp || attempt === attempts) throw error;
        await delay(betweenMs);
      }
    }
  }
}
