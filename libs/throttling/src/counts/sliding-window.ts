/**
 * Number of slices of a window. A hit counts until the slice after its window ends. So no window of the given length holds more hits than the
 * limit, wherever it begins, and a hit is forgotten at most 1/20 of the window late.
 */
export const slicesPerWindow = 20;
const ringSize = slicesPerWindow + 1;

/** The outcome of one hit. Times are milliseconds from now. */
export interface WindowHit {
  /** Hits that count, with this one if it was admitted. */
  readonly hits: number;
  readonly admitted: boolean;
  /** Time until the oldest hit that counts is forgotten. */
  readonly nextFreeMs: number;
  /** Time until a hit can be admitted again; 0 if this one was admitted. */
  readonly retryAfterMs: number;
}

/** Counters of one generation: for the key in slot n, `ringSize` counts from n * ringSize on. Allocated once and always reused. */
class Generation {
  readonly slots = new Map<string, number>();
  readonly counts: Uint32Array;
  readonly totals: Uint32Array;
  /** Number of the newest slice that the ring of a slot holds. */
  readonly heads: Float64Array;
  readonly blockedUntil: Float64Array;

  constructor(capacity: number) {
    this.counts = new Uint32Array(capacity * ringSize);
    this.totals = new Uint32Array(capacity);
    this.heads = new Float64Array(capacity);
    this.blockedUntil = new Float64Array(capacity);
  }
}

/**
 * Counts hits per key in a sliding window. The time per hit does not grow with the rate, the memory per key does not grow with the limit, and
 * the number of keys is bounded.
 *
 * Two generations keep the bound: when the young one is full, the old one is emptied and becomes the young one. A key that is hit moves to
 * the young one. So a key is forgotten only after hits of at least `maxKeys / 2` other keys, and the longest idle keys go first.
 */
export class SlidingWindowTable {
  readonly #capacity: number;
  #young: Generation;
  #old: Generation;

  /** @param maxKeys 2 or more; a key takes about 110 bytes besides its name */
  constructor(maxKeys: number) {
    this.#capacity = Math.floor(maxKeys / 2);
    this.#young = new Generation(this.#capacity);
    this.#old = new Generation(this.#capacity);
  }

  /** The number of slots that are taken, never more than `maxKeys`; a key that moved between generations takes two until the next turn-over. */
  get size(): number {
    return this.#young.slots.size + this.#old.slots.size;
  }

  clear(): void {
    this.#young.slots.clear();
    this.#old.slots.clear();
  }

  /**
   * Counts a hit unless it goes beyond `limit`; a refused hit does not count. With `blockMs` above 0 the first refusal blocks the key for
   * that long, and a new count starts after it.
   * @param now monotonic milliseconds
   * @param weight of the hit; 0 only looks
   */
  hit(key: string, windowMs: number, limit: number, blockMs: number, now: number, weight = 1): WindowHit {
    const sliceMs = windowMs / slicesPerWindow;
    const slice = Math.floor(now / sliceMs);
    const slot = this.#slotOf(key, slice);
    const { counts, totals, blockedUntil } = this.#young;
    const first = slot * ringSize;

    const block = blockedUntil[slot] ?? 0;
    if (block > now)
      return { hits: totals[slot] ?? 0, admitted: false, nextFreeMs: block - now, retryAfterMs: block - now };
    if (block > 0) this.#restart(slot, slice);
    else this.#advance(slot, slice);

    const total = totals[slot] ?? 0;
    if (total + weight <= limit) {
      const place = first + (slice % ringSize);
      counts[place] = (counts[place] ?? 0) + weight;
      totals[slot] = total + weight;
      return {
        hits: total + weight,
        admitted: true,
        nextFreeMs: this.#oldestLeaves(slot, slice, sliceMs) - now,
        retryAfterMs: 0,
      };
    }
    if (blockMs > 0) {
      blockedUntil[slot] = now + blockMs;
      return { hits: total, admitted: false, nextFreeMs: blockMs, retryAfterMs: blockMs };
    }
    // With a limit of 0 no hit is ever admitted. Clients are told to wait for a window, so that they do not retry at once.
    const freeMs = this.#oldestLeaves(slot, slice, sliceMs) - now;
    return { hits: total, admitted: false, nextFreeMs: freeMs, retryAfterMs: freeMs };
  }

  /** Adds hits that were admitted elsewhere; they count from now on, also beyond the limit. A negative number takes back hits of this moment. */
  add(key: string, windowMs: number, hits: number, now: number): void {
    const slice = Math.floor(now / (windowMs / slicesPerWindow));
    const slot = this.#slotOf(key, slice);
    this.#advance(slot, slice);
    const { counts, totals } = this.#young;
    const place = slot * ringSize + (slice % ringSize);
    counts[place] = (counts[place] ?? 0) + hits;
    totals[slot] = (totals[slot] ?? 0) + hits;
  }

  /**
   * Makes the count of a key that of another place, which says how many hits count now: more are counted from now on, and of fewer the
   * oldest are forgotten.
   */
  level(key: string, windowMs: number, hits: number, now: number): void {
    const slice = Math.floor(now / (windowMs / slicesPerWindow));
    const slot = this.#slotOf(key, slice);
    this.#advance(slot, slice);
    const { counts, totals } = this.#young;
    const first = slot * ringSize;
    const own = totals[slot] ?? 0;
    totals[slot] = hits;
    if (hits >= own) {
      const place = first + (slice % ringSize);
      counts[place] = (counts[place] ?? 0) + hits - own;
      return;
    }
    let less = own - hits;
    for (let at = slice - slicesPerWindow; at <= slice && less > 0; at++) {
      const place = first + ((at + ringSize) % ringSize);
      const taken = Math.min(less, counts[place] ?? 0);
      counts[place] = (counts[place] ?? 0) - taken;
      less -= taken;
    }
  }

  #slotOf(key: string, slice: number): number {
    const known = this.#young.slots.get(key);
    if (known !== undefined) return known;
    const old = this.#old;
    const from = old.slots.get(key);
    if (this.#young.slots.size >= this.#capacity) this.#turnOver();
    const to = this.#young;
    const slot = to.slots.size;
    to.slots.set(key, slot);
    if (from === undefined) {
      this.#restart(slot, slice);
      return slot;
    }
    // After a turn-over `old` is the generation that is young now. Its counters are still there, and slot 0 is the first to be written.
    to.counts.set(old.counts.slice(from * ringSize, (from + 1) * ringSize), slot * ringSize);
    to.totals[slot] = old.totals[from] ?? 0;
    to.heads[slot] = old.heads[from] ?? slice;
    to.blockedUntil[slot] = old.blockedUntil[from] ?? 0;
    return slot;
  }

  #turnOver(): void {
    const emptied = this.#old;
    emptied.slots.clear();
    this.#old = this.#young;
    this.#young = emptied;
  }

  #restart(slot: number, slice: number): void {
    const { counts, totals, heads, blockedUntil } = this.#young;
    counts.fill(0, slot * ringSize, (slot + 1) * ringSize);
    totals[slot] = 0;
    heads[slot] = slice;
    blockedUntil[slot] = 0;
  }

  /** Empties the slices that have left the window since the last hit of the key, at most the whole ring. */
  #advance(slot: number, slice: number): void {
    const { counts, totals, heads } = this.#young;
    const head = heads[slot] ?? slice;
    if (slice <= head) return;
    if (slice - head >= ringSize) {
      this.#restart(slot, slice);
      return;
    }
    let forgotten = 0;
    for (let passed = head + 1; passed <= slice; passed++) {
      const place = slot * ringSize + (passed % ringSize);
      forgotten += counts[place] ?? 0;
      counts[place] = 0;
    }
    totals[slot] = (totals[slot] ?? 0) - forgotten;
    heads[slot] = slice;
  }

  /** Time at which the oldest slice with a hit leaves the window; a window from now without hits. */
  #oldestLeaves(slot: number, slice: number, sliceMs: number): number {
    const { counts } = this.#young;
    for (let at = slice - slicesPerWindow; at <= slice; at++) {
      if (at >= 0 && (counts[slot * ringSize + (at % ringSize)] ?? 0) > 0) return (at + ringSize) * sliceMs;
    }
    return (slice + ringSize) * sliceMs;
  }
}
