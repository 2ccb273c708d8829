import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { NewSession, SessionStore } from '../stores/session-store.js';
import type { KeyRing } from './key-ring.js';
import type { LiveKeys } from './live-keys.js';
import { decodeRecord, encodeRecord, type SessionRecord } from './session-record.js';

/** Names a session in the store by the digest of its id: what can be read there opens no session. */
export const nameOf = (id: string): string => hash('sha256', id, 'base64url');

/** Records that were decrypted a moment ago, of which the store gives the same bytes again. */
const maxOpened = 1_000;

interface Opened {
  readonly sealed: Buffer;
  readonly ring: KeyRing;
  readonly record: SessionRecord;
}

/**
 * The sessions of a store as records, which are encrypted there. A record is decrypted once as long as its bytes are the same, down to the
 * tag that authenticates them: that is most of the cost of a session.
 */
export class SealedRecords {
  readonly store: SessionStore;
  readonly #keys: LiveKeys;
  readonly #opened = new LRUCache<string, Opened>({ max: maxOpened });

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
    const record = sealed && this.#open(name, sealed);
    return record !== undefined && record.endsAt > now ? record : undefined;
  }

  create(name: string, record: SessionRecord, session: NewSession): Promise<void> {
    return this.store.create(name, this.#seal(name, record), session);
  }

  /** @returns whether the session still exists */
  replace(name: string, record: SessionRecord): Promise<boolean> {
    return this.store.replace(name, this.#seal(name, record));
  }

  #open(name: string, sealed: Buffer): SessionRecord | undefined {
    const { ring } = this.#keys;
    const known = this.#opened.get(name);
    if (known?.ring === ring && known.sealed.equals(sealed)) return known.record;
    const bytes = ring.open(sealed, purposeOf(name));
    const record = bytes && decodeRecord(bytes);
    if (record !== undefined) this.#opened.set(name, { sealed, ring, record });
    return record;
  }

  #seal(name: string, record: SessionRecord): Buffer {
    return this.#keys.ring.seal(encodeRecord(record), purposeOf(name));
  }
}

const purposeOf = (name: string): string => `session ${name}`;
