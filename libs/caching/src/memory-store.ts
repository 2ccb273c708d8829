import type { Success } from '@frontage/core';

interface Entry {
  readonly answer: Success<unknown>;
  readonly bytes: number;
  /** Monotonic milliseconds. */
  readonly expiresAt: number;
}

const ENTRY_OVERHEAD_BYTES = 200;

/** What is kept in this process: bounded by entries and by bytes; the least recently used goes first. */
export class MemoryStore {
  readonly #entries = new Map<string, Entry>();
  readonly #maxEntries: number;
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(maxEntries: number, maxBytes: number) {
    this.#maxEntries = maxEntries;
    this.#maxBytes = maxBytes;
  }

  get size(): number {
    return this.#entries.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** What is stored, which is shared: to be handed out, not to be given away. */
  get(key: string, now: number): Success<unknown> | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    this.#entries.delete(key);
    if (entry.expiresAt <= now) {
      this.#bytes -= entry.bytes;
      return undefined;
    }
    // A Map keeps the order of insertion: taking it out and in again makes it the last to be evicted.
    this.#entries.set(key, entry);
    return entry.answer;
  }

  set(key: string, answer: Success<unknown>, expiresAt: number): void {
    const previous = this.#entries.get(key);
    if (previous !== undefined) {
      this.#entries.delete(key);
      this.#bytes -= previous.bytes;
    }
    const bytes = ENTRY_OVERHEAD_BYTES + 2 * key.length + estimateBytes(answer.value, this.#maxBytes);
    if (bytes > this.#maxBytes) return;
    this.#entries.set(key, { answer, bytes, expiresAt });
    this.#bytes += bytes;
    for (const [oldest, entry] of this.#entries) {
      if (this.#entries.size <= this.#maxEntries && this.#bytes <= this.#maxBytes) break;
      this.#entries.delete(oldest);
      this.#bytes -= entry.bytes;
    }
  }
}

/** What a body takes in memory, parsed or binary, roughly and rather too much; stops counting beyond `limit`. No recursion: depth is the upstream's choice. */
function estimateBytes(value: unknown, limit: number): number {
  let bytes = 0;
  const pending: unknown[] = [value];
  while (pending.length > 0 && bytes <= limit) {
    const next = pending.pop();
    if (typeof next === 'string') bytes += 16 + 2 * next.length;
    else if (typeof next !== 'object' || next === null) bytes += 8;
    else if (ArrayBuffer.isView(next)) bytes += 100 + next.byteLength;
    else if (Array.isArray(next)) {
      bytes += 32 + 8 * next.length;
      for (const item of next) pending.push(item);
    } else {
      bytes += 56;
      for (const [name, member] of Object.entries(next)) {
        // Names are shared between objects of one shape, but an upstream that keys objects by id has as many names as values.
        bytes += 8 + 2 * name.length;
        pending.push(member);
      }
    }
  }
  return bytes;
}
