import { everything, type Invalidated, type Mark } from './marks.js';

/** A place in the order of invalidations of this process. */
export type LogPosition = number;

/**
 * The last invalidation of each mark, for loads that began before it. It is bounded: where older ones are forgotten, a load that began before
 * them counts as invalidated.
 */
export class InvalidationLog {
  readonly #lastOf = new Map<Mark, LogPosition>();
  readonly #maxMarks: number;
  #position: LogPosition = 0;
  /** All that began before it is invalid. */
  #floor: LogPosition = 0;

  /** @param maxMarks a whole number, 1 or more */
  constructor(maxMarks = 10_000) {
    this.#maxMarks = maxMarks;
  }

  /** The place of a load that begins now. */
  get position(): LogPosition {
    return this.#position;
  }

  /** Marks that are known, at most `maxMarks`. */
  get size(): number {
    return this.#lastOf.size;
  }

  note(invalidated: Invalidated): void {
    this.#position++;
    if (invalidated === everything) {
      this.#floor = this.#position;
      this.#lastOf.clear();
      return;
    }
    for (const mark of invalidated) {
      // The order of the map is that of the last invalidations.
      this.#lastOf.delete(mark);
      this.#lastOf.set(mark, this.#position);
    }
    for (const [mark, position] of this.#lastOf) {
      if (this.#lastOf.size <= this.#maxMarks) return;
      this.#floor = Math.max(this.#floor, position);
      this.#lastOf.delete(mark);
    }
  }

  /** True if none of the marks has been invalidated since. */
  isCurrent(since: LogPosition, marks: readonly Mark[]): boolean {
    if (since === this.#position) return true;
    return since >= this.#floor && marks.every((mark) => (this.#lastOf.get(mark) ?? 0) <= since);
  }
}
