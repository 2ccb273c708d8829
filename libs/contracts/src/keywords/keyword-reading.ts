/** The value of a keyword as its kind has it, and what to tell the author; without a value, the keyword is left out. */
export interface KeywordReading {
  readonly value?: unknown;
  /** The form that was found, and the one that is used instead. */
  readonly note?: string;
}
