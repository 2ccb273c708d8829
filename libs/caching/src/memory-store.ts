import type { Failure, Success } from '@frontage/core';
import { LRUCache } from 'lru-cache';
import { MarkIndex } from './invalidation/mark-index.js';
import type { Mark } from './invalidation/marks.js';
import { estimateBytes } from './bodies/estimated-bytes.js';
import { KeptBody } from './bodies/kept-body.js';

/** A response, or the failure that says there is none, and its times in monotonic milliseconds. */
export interface MemoryEntry<R = Success<unknown> | Failure> {
  readonly response: R;
  /** It is fresh until then. */
  readonly expiresAt: number;
  /** It is kept until then, and stale after `expiresAt`. */
  readonly keptUntil: number;
  /** The time that its load took, in milliseconds; 0 where another process loaded it. */
  readonly loadMs: number;
  /** It is invalidated with each of them. */
  readonly marks: readonly Mark[];
}

const ENTRY_OVERHEAD_BYTES = 200;

/** Failures take at most this share of the entries: requests for things that do not exist drive out few responses. */
const FAILURES_SHARE = 0.1;

/** Responses in the memory of this process, bounded by entries and by bytes. The least recently used entry is evicted first. */
export class MemoryStore {
  readonly #entries: LRUCache<string, MemoryEntry>;
  /** Keys whose entry is a failure. */
  readonly #failures: LRUCache<string, true>;
  readonly #index = new MarkIndex();
  readonly #maxBytes: number;

  /**
   * @param maxEntries a whole number, 1 or more
   * @param maxBytes estimated size of all entries, a whole number, 1 or more
   * @throws RangeError for another number
   */
  constructor(maxEntries: number, maxBytes: number) {
    // lru-cache takes 0 as "no bound".
    for (const [name, bound] of Object.entries({ maxEntries, maxBytes })) {
      if (!Number.isSafeInteger(bound) || bound < 1)
        throw new RangeError(`${name}: found ${bound}; write a whole number from 1`);
    }
    this.#entries = new LRUCache({
      max: maxEntries,
      maxSize: maxBytes,
      dispose: ({ marks }, key) => this.#index.remove(key, marks),
    });
    this.#failures = new LRUCache({
      max: Math.ceil(maxEntries * FAILURES_SHARE),
      dispose: (_, key, reason) => void (reason === 'evict' && this.#entries.delete(key)),
    });
    this.#maxBytes = maxBytes;
  }

  get size(): number {
    return this.#entries.size;
  }

  get bytes(): number {
    return this.#entries.calculatedSize;
  }

  /** The stored object itself, which requests share: use `handOut` before a request gets it. */
  find(key: string, now: number): MemoryEntry | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined || entry.keptUntil > now) return entry;
    this.#entries.delete(key);
    return undefined;
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }

  /** Forgets all responses of a mark. */
  invalidate(mark: Mark): void {
    const name = mark.slice(mark.indexOf(':') + 1);
    if (mark.startsWith('key:')) this.delete(name);
    else if (mark.startsWith('operation:')) this.#deleteOf(name);
    else for (const key of this.#index.keys(mark)) this.#entries.delete(key);
  }

  /** Looks at all keys: operators do that, requests do not. */
  #deleteOf(operation: string): void {
    const beginning = `${operation.replace('.', '/')}/`;
    for (const key of this.#entries.keys()) if (key.startsWith(beginning)) this.#entries.delete(key);
  }

  clear(): void {
    this.#entries.clear();
  }

  /** Marks that some response has. */
  get marks(): number {
    return this.#index.size;
  }

  /** Stores a response, unless it alone is larger than the bound; then the key has no entry. */
  set(key: string, entry: MemoryEntry): void {
    const { response } = entry;
    const value = response.ok ? response.value : response;
    const size = this.#sizeOf(key, value);
    // First, so that a failure takes the place of an older one and not that of a response.
    if (response.ok) this.#failures.delete(key);
    else this.#failures.set(key, true);
    this.#entries.set(key, entry, { size });
    if (entry.marks.length > 0 && this.#entries.peek(key) === entry) this.#index.add(key, entry.marks);
    if (value instanceof KeptBody) value.whenGrown(() => this.#grown(key, value));
  }

  #sizeOf(key: string, value: unknown): number {
    const bytes = value instanceof KeptBody ? value.size : estimateBytes(value, this.#maxBytes);
    return ENTRY_OVERHEAD_BYTES + 2 * key.length + bytes;
  }

  /** A reader has read the body of an entry, and what it made of it stays in memory. */
  #grown(key: string, body: KeptBody): void {
    const entry = this.#entries.peek(key);
    if (entry?.response.ok !== true || entry.response.value !== body) return;
    const size = this.#sizeOf(key, body);
    // Its bytes alone have their place.
    if (size > this.#maxBytes) return body.forget();
    // lru-cache takes another size with another value alone.
    this.#entries.set(key, { ...entry }, { size, noDisposeOnSet: true });
  }
}
