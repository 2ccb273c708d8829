/** What all projections of this process did since it began: plain numbers, read when metrics are scraped. */
export interface TranscoderCounts {
  /** Texts that were projected, those that repeat among them. */
  projected: number;
  /** Texts that were declined. */
  declined: number;
  /** Texts with the same bytes as the one before, answered from memory. */
  repeated: number;
  /** Texts that were compared with the one before in vain. */
  differing: number;
  /** Objects whose keys stood in the order that was learned from objects before them. */
  foreseen: number;
  /** Objects that were read key by key. */
  unforeseen: number;
}
