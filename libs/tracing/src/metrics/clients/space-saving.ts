/** An element that a sketch holds. */
export interface Counted<Value> {
  readonly key: string;
  readonly value: Value;
  /** It came this often at most. */
  readonly count: number;
  /** It came this much less often at most. */
  readonly error: number;
}

/**
 * The most frequent elements of a stream, in a place of fixed size: the Space-Saving algorithm (Metwally, Agrawal, El Abbadi: "Efficient
 * Computation of Frequent and Top-k Elements in Data Streams", 2005). Each element that makes up more than 1 / capacity of the stream is held.
 */
export class SpaceSaving<Value> {
  readonly #capacity: number;
  readonly #slots = new Map<string, number>();
  readonly #held: { key: string; value: Value; error: number }[] = [];
  readonly #counts: Float64Array;
  /** Elements that came so far, repetitions included. */
  total = 0;

  /** @param capacity a whole number from 1 */
  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#counts = new Float64Array(capacity);
  }

  /** @param value kept with the key, of the first time since it is held */
  add(key: string, value: Value): void {
    this.total++;
    const slot = this.#slots.get(key) ?? this.#take(key, value);
    this.#counts[slot] = (this.#counts[slot] ?? 0) + 1;
  }

  /** The most that an element which is not held can have come. */
  get least(): number {
    return this.#held.length < this.#capacity ? 0 : (this.#counts[this.#leastSlot()] ?? 0);
  }

  /** All that are held, in no order. */
  entries(): readonly Counted<Value>[] {
    return this.#held.map((held, slot) => ({ ...held, count: this.#counts[slot] ?? 0 }));
  }

  /** A free slot, or that of the rarest element, whose count stays. */
  #take(key: string, value: Value): number {
    const isFull = this.#held.length === this.#capacity;
    const slot = isFull ? this.#leastSlot() : this.#held.length;
    const before = this.#held[slot];
    if (before !== undefined) this.#slots.delete(before.key);
    this.#slots.set(key, slot);
    this.#held[slot] = { key, value, error: this.#counts[slot] ?? 0 };
    return slot;
  }

  #leastSlot(): number {
    let least = 0;
    for (let slot = 1; slot < this.#capacity; slot++)
      if ((this.#counts[slot] ?? 0) < (this.#counts[least] ?? 0)) least = slot;
    return least;
  }
}
