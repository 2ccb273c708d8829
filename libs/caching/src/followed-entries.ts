import { hash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { FollowedEntry } from './http/entry-of.js';
import { namesIn } from './http/fields.js';
import type { Sent } from './http/followed.options.js';
import { valuesOf } from './http/vary.js';
import type { Mark } from './invalidation/marks.js';
import type { MemoryEntry, MemoryStore } from './memory-store.js';

/** Lists of names in `Vary` that are remembered for one key. */
const mostLists = 4;
/** Keys whose responses have a `Vary` field; those of others are found without a look at it. */
const mostVaried = 10_000;

/**
 * The stored responses of one operation in memory. A response with `Vary` has a key of its own for the values that were sent of the headers
 * which it names (RFC 9111 section 4.1).
 */
export class FollowedEntries {
  readonly #memory: MemoryStore;
  /** Lists of names by key, the latest first. */
  readonly #varied = new LRUCache<string, readonly (readonly string[])[]>({ max: mostVaried });

  constructor(memory: MemoryStore) {
    this.#memory = memory;
  }

  /** The latest response of a key that fits the headers of a request. */
  find(key: string, sent: Sent, now: number): FollowedEntry | undefined {
    const lists = this.#varied.get(key);
    if (lists === undefined) return this.#entryAt(key, now);
    let latest: FollowedEntry | undefined;
    for (const names of lists) {
      const entry = this.#entryAt(variantKey(key, names, sent), now);
      if (entry !== undefined && (latest === undefined || entry.head.receivedAt >= latest.head.receivedAt))
        latest = entry;
    }
    return latest;
  }

  /** @param marks it is invalidated with each of them */
  keep(key: string, sent: Sent, entry: FollowedEntry, marks: readonly Mark[]): void {
    const names = namesIn(entry.head.fields, 'vary');
    const lists = this.#varied.get(key);
    if (names.length > 0 || lists !== undefined) {
      const others = (lists ?? []).filter((list) => list.join() !== names.join());
      this.#varied.set(key, [names, ...others].slice(0, mostLists));
    }
    this.#memory.set(variantKey(key, names, sent), { ...entry, marks });
  }

  /** Forgets all responses of a key that fit the headers of a request. */
  drop(key: string, sent: Sent): void {
    for (const names of this.#varied.get(key) ?? [[]]) this.#memory.delete(variantKey(key, names, sent));
  }

  #entryAt(key: string, now: number): FollowedEntry | undefined {
    const entry = this.#memory.find(key, now);
    return entry !== undefined && isFollowed(entry) ? entry : undefined;
  }
}

const isFollowed = (entry: MemoryEntry): entry is MemoryEntry & FollowedEntry => 'head' in entry;

const variantKey = (key: string, names: readonly string[], sent: Sent): string =>
  names.length === 0 ? key : `${key}/${hash('sha256', JSON.stringify(valuesOf(names, sent)), 'base64url')}`;
