const BUCKETS = 10;

/**
 * Counts of the last `windowMs`, in ten buckets. Recording takes constant time, and calls older than the window never count, also after a long
 * pause.
 */
export class FailureWindow {
  readonly #bucketMs: number;
  readonly #calls = new Uint32Array(BUCKETS);
  readonly #failures = new Uint32Array(BUCKETS);
  readonly #slow = new Uint32Array(BUCKETS);
  #epoch = 0;
  #totalCalls = 0;
  #totalFailures = 0;
  #totalSlow = 0;

  constructor(windowMs: number) {
    this.#bucketMs = windowMs / BUCKETS;
  }

  get calls(): number {
    return this.#totalCalls;
  }

  get failures(): number {
    return this.#totalFailures;
  }

  get slow(): number {
    return this.#totalSlow;
  }

  /** Number of calls within the window now. */
  callsAt(now: number): number {
    this.#dropExpired(now);
    return this.#totalCalls;
  }

  record(now: number, failed: boolean, slow: boolean): void {
    this.#dropExpired(now);
    const bucket = this.#epoch % BUCKETS;
    this.#calls[bucket] = (this.#calls[bucket] ?? 0) + 1;
    this.#totalCalls++;
    if (failed) {
      this.#failures[bucket] = (this.#failures[bucket] ?? 0) + 1;
      this.#totalFailures++;
    }
    if (slow) {
      this.#slow[bucket] = (this.#slow[bucket] ?? 0) + 1;
      this.#totalSlow++;
    }
  }

  reset(): void {
    this.#calls.fill(0);
    this.#failures.fill(0);
    this.#slow.fill(0);
    this.#totalCalls = this.#totalFailures = this.#totalSlow = 0;
  }

  #dropExpired(now: number): void {
    const epoch = Math.floor(now / this.#bucketMs);
    if (epoch <= this.#epoch) return;
    if (epoch - this.#epoch >= BUCKETS) {
      this.reset();
    } else {
      for (let expired = this.#epoch + 1; expired <= epoch; expired++) {
        const bucket = expired % BUCKETS;
        this.#totalCalls -= this.#calls[bucket] ?? 0;
        this.#totalFailures -= this.#failures[bucket] ?? 0;
        this.#totalSlow -= this.#slow[bucket] ?? 0;
        this.#calls[bucket] = this.#failures[bucket] = this.#slow[bucket] = 0;
      }
    }
    this.#epoch = epoch;
  }
}
