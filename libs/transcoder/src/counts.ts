/** Counts of all projections of a process since it began: plain numbers, read when metrics are scraped. */
export interface TranscoderCounts {
  /** Texts that were projected, repeated ones included. */
  readonly projected: number;
  /** Texts that fell back to parsing. */
  readonly leftToParser: number;
  /** Texts with the same bytes as the one before, projected from memory. */
  readonly repeated: number;
  /** Texts with other bytes than the one before. */
  readonly differing: number;
  /** Objects with the same keys as those before them, which makes them quick to read. In WebAssembly alone. */
  readonly foreseen: number;
  /** Objects that were read key by key. In WebAssembly alone. */
  readonly unforeseen: number;
}
