/** Time in which the count of a caller halves, in milliseconds. */
const HALF_LIFE_MS = 10_000;
/** Callers that are known at once; the one that was seen longest ago is forgotten. */
const MAX_CALLERS = 1_000;

interface Usage {
  count: number;
  at: number;
}

/** The permits that each caller got lately. Bounded, and used only while calls wait. */
export class CallerUsage {
  readonly #usages = new Map<string, Usage>();

  get size(): number {
    return this.#usages.size;
  }

  /** A permit was given to the caller. */
  add(caller: string, now: number): void {
    const count = this.of(caller, now) + 1;
    this.#usages.delete(caller);
    this.#usages.set(caller, { count, at: now });
    if (this.#usages.size <= MAX_CALLERS) return;
    for (const oldest of this.#usages.keys()) {
      this.#usages.delete(oldest);
      return;
    }
  }

  /** Permits of the last seconds, each counting half after ten seconds. */
  of(caller: string, now: number): number {
    const usage = this.#usages.get(caller);
    return usage === undefined ? 0 : usage.count * 2 ** ((usage.at - now) / HALF_LIFE_MS);
  }
}
