/** What all projections of a process did since it began: plain numbers, read when metrics are scraped. */
export interface TranscoderCounts {
  /** Texts that were projected, those that repeat among them. */
  readonly projected: number;
  /** Texts that were declined. */
  readonly leftToParser: number;
  /** Texts with the same bytes as the one before, answered from memory. */
  readonly repeated: number;
  /** Texts that were not. */
  readonly differing: number;
  /** Objects whose keys stood as in those before them, which makes them quick to read. In WebAssembly alone. */
  readonly foreseen: number;
  /** Objects that were read key by key. In WebAssembly alone. */
  readonly unforeseen: number;
}
