const indexBits = 8;
const registers = 1 << indexBits;
const alpha = 0.7213 / (1 + 1.079 / registers);

/**
 * Estimates how many different values were added, in 256 bytes (HyperLogLog, Flajolet et al. 2007). The standard error is 6.5 %, and less than
 * one value up to about twenty.
 */
export class DistinctCount {
  readonly #ranks: Uint8Array = new Uint8Array(registers);

  /** @param hash of the value, evenly spread from 0 to 2^48 - 1 */
  add(hash: number): void {
    const index = hash % registers;
    const rest = Math.floor(hash / registers);
    // The place of the first bit that is set; the upper bits first, because a shift takes 32.
    const high = Math.floor(rest / 0x1_00_00_00_00);
    const rank = high > 0 ? Math.clz32(high) - 23 : Math.clz32(rest) + 9;
    if (rank > (this.#ranks[index] ?? 0)) this.#ranks[index] = rank;
  }

  /** The estimate of both together. */
  static union(one: DistinctCount, other: DistinctCount | undefined): number {
    const others = other === undefined ? one.#ranks : other.#ranks;
    let sum = 0;
    let empty = 0;
    for (let i = 0; i < registers; i++) {
      const rank = Math.max(one.#ranks[i] ?? 0, others[i] ?? 0);
      sum += 2 ** -rank;
      if (rank === 0) empty++;
    }
    const estimate = (alpha * registers * registers) / sum;
    // Few values are counted by the registers that they have left empty.
    return Math.round(estimate <= 2.5 * registers && empty > 0 ? registers * Math.log(registers / empty) : estimate);
  }
}
