/** Measurements that are compared: older ones are of another time. */
const KEPT = 16;
/** With fewer of them nothing is concluded. */
const MIN_KEPT = 6;
/** Nearly all of the growth of the load became throughput. */
const PROPORTIONAL_SLOPE = 0.8;
/** Half of the growth of the load became waiting. */
const SATURATED_SLOPE = 0.5;

/**
 * The slope of throughput over the number of calls at once, both as logarithms, in the last measurements. Below the capacity of an upstream,
 * twice the calls are twice the throughput (slope 1); above it they are the same throughput, and each call waits twice as long (slope 0, by
 * Little's law).
 */
export class LoadTrend {
  readonly #inFlight = new Float64Array(KEPT);
  readonly #throughput = new Float64Array(KEPT);
  #count = 0;
  #next = 0;

  /** Both above 0; the unit of the throughput does not matter. */
  add(inFlight: number, throughput: number): void {
    this.#inFlight[this.#next] = Math.log(inFlight);
    this.#throughput[this.#next] = Math.log(throughput);
    this.#next = (this.#next + 1) % KEPT;
    if (this.#count < KEPT) this.#count++;
  }

  /** More calls at once bring more waiting than throughput. */
  get isSaturated(): boolean {
    const slope = this.#slope();
    return slope !== undefined && slope < SATURATED_SLOPE;
  }

  /** Fewer calls at once bring less throughput, and no less waiting. */
  get isProportional(): boolean {
    const slope = this.#slope();
    return slope !== undefined && slope > PROPORTIONAL_SLOPE;
  }

  #slope(): number | undefined {
    const count = this.#count;
    if (count < MIN_KEPT) return undefined;
    const [meanX, meanY] = [meanOf(this.#inFlight, count), meanOf(this.#throughput, count)];
    let [both, ofX] = [0, 0];
    for (let at = 0; at < count; at++) {
      const x = (this.#inFlight[at] ?? 0) - meanX;
      both += x * ((this.#throughput[at] ?? 0) - meanY);
      ofX += x * x;
    }
    // The load did not vary: nothing can be said.
    return ofX / count < 1e-4 ? undefined : both / ofX;
  }
}

function meanOf(values: Float64Array, count: number): number {
  let sum = 0;
  for (let at = 0; at < count; at++) sum += values[at] ?? 0;
  return sum / count;
}
