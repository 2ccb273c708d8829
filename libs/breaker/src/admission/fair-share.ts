/** Callers that are known at once; those beyond share one count. */
const MAX_CALLERS = 1_000;
const OTHERS = '';
/** The share of the last window in the rate of a caller. */
const WEIGHT = 0.3;
/** A caller whose rate is below this many requests per window is forgotten. */
const FORGOTTEN = 0.01;

interface Use {
  rate: number;
  count: number;
}

/**
 * Divides what is admitted of one rank among its callers, so that a caller that asks for little gets all of it, and those that ask for much get the
 * same (max-min fairness). Bounded, and used only while requests are shed.
 */
export class FairShare {
  readonly #uses = new Map<string, Use>();
  #share = 1;
  /** Requests per window that a caller gets; unknown before the first window has ended. */
  #most: number | undefined;

  get size(): number {
    return this.#uses.size;
  }

  /** A request of this caller has come. */
  count(caller: string): void {
    const known = this.#uses.get(caller);
    if (known !== undefined) known.count++;
    else if (this.#uses.size < MAX_CALLERS) this.#uses.set(caller, { rate: 0, count: 1 });
    else if (caller !== OTHERS) this.count(OTHERS);
  }

  /**
   * A window has ended.
   * @param share of all requests that is admitted in the next one, 0 to 1
   */
  roll(share: number): void {
    this.#share = share;
    for (const [caller, use] of this.#uses) {
      use.rate = use.rate * (1 - WEIGHT) + use.count * WEIGHT;
      use.count = 0;
      if (use.rate < FORGOTTEN) this.#uses.delete(caller);
    }
    this.#most = this.#level(share);
  }

  /** The probability with which a request of this caller is admitted. */
  chance(caller: string): number {
    if (this.#most === undefined) return this.#share;
    const rate = Math.max((this.#uses.get(caller) ?? this.#uses.get(OTHERS))?.rate ?? 0, WEIGHT);
    return rate <= this.#most ? 1 : this.#most / rate;
  }

  clear(share: number): void {
    this.#uses.clear();
    this.#most = undefined;
    this.#share = share;
  }

  /** The rate up to which callers are served, so that the sum of what they get is the share of all. */
  #level(share: number): number | undefined {
    const rates = Array.from(this.#uses.values(), ({ rate }) => rate).toSorted((a, b) => a - b);
    if (rates.length === 0) return undefined;
    let left = rates.reduce((sum, rate) => sum + rate, 0) * share;
    for (const [index, rate] of rates.entries()) {
      const level = left / (rates.length - index);
      if (rate >= level) return level;
      left -= rate;
    }
    return Number.POSITIVE_INFINITY;
  }
}
