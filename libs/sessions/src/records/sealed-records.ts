import { hash } from 'node:crypto';
import type { NewSession, SessionStore } from '../stores/session-store.js';
import type { LiveKeys } from './live-keys.js';
import { decodeRecord, encodeRecord, type SessionRecord } from './session-record.js';

/** Names a session in the store by the digest of its id: what can be read there opens no session. */
export const nameOf = (id: string): string => hash('sha256', id, 'base64url');

/** The sessions of a store as records, which are encrypted there. */
export class SealedRecords {
  readonly store: SessionStore;
  readonly #keys: LiveKeys;

  constructor(store: SessionStore, keys: LiveKeys) {
    this.store = store;
    this.#keys = keys;
  }

  /**
   * @param now milliseconds since 1970
   * @param extendMs the session ends after this time without another read; absent: nothing changes
   * @returns undefined for a session that is over, or that this release and its keys cannot read
   */
  async read(name: string, now: number, extendMs?: number): Promise<SessionRecord | undefined> {
    const sealed = await this.store.read(name, extendMs);
    const bytes = sealed && this.#keys.ring.open(sealed, purposeOf(name));
    const record = bytes && decodeRecord(bytes);
    return record !== undefined && record.endsAt > now ? record : undefined;
  }

  create(name: string, record: SessionRecord, session: NewSession): Promise<void> {
    return this.store.create(name, this.#seal(name, record), session);
  }

  /** @returns whether the session still exists */
  replace(name: string, record: SessionRecord): Promise<boolean> {
    return this.store.replace(name, this.#seal(name, record));
  }

  #seal(name: string, record: SessionRecord): Buffer {
    return this.#keys.ring.seal(encodeRecord(record), purposeOf(name));
  }
}

const purposeOf = (name: string): string => `session ${name}`;
