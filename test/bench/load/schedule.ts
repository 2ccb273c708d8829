/**
 * The times at which requests of an open loop are meant to be sent: at even distances from the start, whether or not answers have come. Latency is
 * counted from these times, so a server that stalls does not make its own load wait for it (coordinated omission).
 */
export class Schedule {
  readonly #startMs: number;
  readonly #distanceMs: number;
  readonly count: number;
  #next = 0;

  /** @param rate requests per second, above 0 */
  constructor(startMs: number, rate: number, seconds: number) {
    if (!(rate > 0) || !(seconds > 0))
      throw new RangeError(`a rate and a time above 0 are needed: ${rate}, ${seconds}`);
    this.#startMs = startMs;
    this.#distanceMs = 1000 / rate;
    this.count = Math.max(1, Math.floor(rate * seconds));
  }

  /** The intended time of the next request if it has come; each is given once. */
  due(nowMs: number): number | undefined {
    const at = this.nextMs;
    if (at === undefined || at > nowMs) return undefined;
    this.#next++;
    return at;
  }

  /** The intended time of the next request; undefined after the last one. */
  get nextMs(): number | undefined {
    return this.#next < this.count ? this.#startMs + this.#next * this.#distanceMs : undefined;
  }
}
