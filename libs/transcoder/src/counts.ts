/** What all projections of a process did since it began: plain numbers, read when metrics are scraped. */
export interface TranscoderCounts {
  /** Texts that were projected, those that repeat among them. */
  projected: number;
  /** Texts that were declined. */
  declined: number;
  /** Texts with the same bytes as the one before, answered from memory. */
  repeated: number;
  /** Texts that were not. */
  differing: number;
}

export const transcoderCounts: TranscoderCounts = { projected: 0, declined: 0, repeated: 0, differing: 0 };
