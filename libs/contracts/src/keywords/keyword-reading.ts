/** The value of a keyword as its kind has it, and what to tell the author; without a value, the keyword is left out. */
export interface KeywordReading {
  readonly value?: unknown;
  /** What was found, and what is used instead. */
  readonly note?: string;
}
