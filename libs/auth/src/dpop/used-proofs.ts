/**
 * Proofs that were taken, so that none is taken twice (RFC 9449 section 11.1). They are kept by the second of their `iat`, for as long as one of
 * that second may come. Where there are too many, those of the oldest second are forgotten, and no proof as old is taken any more: the table
 * has a bound, and nothing that it has forgotten can be used again.
 */
export class UsedProofs {
  readonly #bound: number;
  readonly #keepSeconds: number;
  readonly #bySecond = new Map<number, Set<string>>();
  #size = 0;
  #sweptAt = Number.NEGATIVE_INFINITY;
  /** Proofs of this second and of those before it are refused. */
  #floor = Number.NEGATIVE_INFINITY;

  /** @param keepSeconds longest time between `iat` of a proof and its use */
  constructor(bound: number, keepSeconds: number) {
    this.#bound = bound;
    this.#keepSeconds = keepSeconds;
  }

  get size(): number {
    return this.#size;
  }

  /**
   * @param id of the proof and its key
   * @param iat seconds since 1970
   * @param now seconds since 1970
   * @throws Error for a proof that was taken before, or that could have been
   */
  take(id: string, iat: number, now: number): void {
    this.#sweep(now);
    const second = Math.floor(iat);
    if (second <= this.#floor) throw new Error('the proof is as old as proofs that are forgotten already');
    const ids = this.#bySecond.get(second) ?? new Set();
    if (ids.has(id)) throw new Error('the proof was used before ("jti")');
    this.#bySecond.set(second, ids.add(id));
    this.#size++;
    while (this.#size > this.#bound) this.#forget(Math.min(...this.#bySecond.keys()));
    if (second <= this.#floor) throw new Error('there are too many proofs of this second');
  }

  #forget(second: number): void {
    this.#drop(second);
    this.#floor = Math.max(this.#floor, second);
  }

  #sweep(now: number): void {
    if (now - this.#sweptAt < 1) return;
    this.#sweptAt = now;
    for (const second of this.#bySecond.keys()) if (second + 1 + this.#keepSeconds < now) this.#drop(second);
  }

  #drop(second: number): void {
    this.#size -= this.#bySecond.get(second)?.size ?? 0;
    this.#bySecond.delete(second);
  }
}
