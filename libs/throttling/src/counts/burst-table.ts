import { LRUCache } from 'lru-cache';
import type { WindowHit } from './sliding-window.js';

/** A limit that lets a burst through and then a steady rate. */
export interface BurstLimit {
  /** Hits at once, 1 or more. */
  readonly burst: number;
  /** Milliseconds between two hits of the steady rate. */
  readonly everyMs: number;
}

/**
 * Counts hits by the generic cell rate algorithm (ITU-T I.371): one number per key, the time at which all of its burst is free again. No
 * more than `burst` hits are admitted at once, and no more than `burst` and the steady rate in any time.
 */
export class BurstTable {
  /** By key, the time at which nothing of its burst is used. */
  readonly #freeAt: LRUCache<string, number>;

  /** @param maxKeys 1 or more; the keys that were hit longest ago are forgotten first */
  constructor(maxKeys: number) {
    this.#freeAt = new LRUCache({ max: maxKeys });
  }

  get size(): number {
    return this.#freeAt.size;
  }

  /**
   * Counts a hit unless the burst is used up; a refused hit does not count.
   * @param now monotonic milliseconds
   * @param weight of the hit; 0 only looks
   */
  hit(key: string, { burst, everyMs }: BurstLimit, now: number, weight: number): WindowHit {
    const before = Math.max(this.#freeAt.get(key) ?? now, now);
    const after = before + weight * everyMs;
    const waitMs = after - now - burst * everyMs;
    // A tenth of a hit is more than what doubles lose, and no caller can tell it.
    const admitted = waitMs <= everyMs / 10;
    if (admitted && weight > 0) this.#freeAt.set(key, after);
    const freeMs = (admitted ? after : before) - now;
    return {
      hits: Math.min(burst, Math.max(0, Math.ceil(freeMs / everyMs - 0.1))),
      admitted,
      nextFreeMs: freeMs,
      retryAfterMs: admitted ? 0 : waitMs,
    };
  }

  /** Makes the state of a key that of another place, which says how long it is until all of its burst is free. */
  level(key: string, freeMs: number, now: number): void {
    if (freeMs > 0) this.#freeAt.set(key, now + freeMs);
    else this.#freeAt.delete(key);
  }

  /** Adds hits that were admitted elsewhere, also beyond the burst. A negative number takes back hits of this moment. */
  add(key: string, everyMs: number, hits: number, now: number): void {
    const after = Math.max(this.#freeAt.get(key) ?? now, now) + hits * everyMs;
    if (after > now) this.#freeAt.set(key, after);
    else this.#freeAt.delete(key);
  }
}
