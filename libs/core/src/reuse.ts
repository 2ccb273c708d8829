/** Counts of values that were made before and served again, since the start. The counts only grow. */
export interface ReuseCounts {
  readonly hit: number;
  /** It had to be made anew. */
  readonly miss: number;
  /** It fell back to parsing. This is not a miss: nothing was looked for. @default not counted */
  readonly parsed?: number;
}
