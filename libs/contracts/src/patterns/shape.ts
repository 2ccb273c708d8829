import type { CodePoints } from './code-points.js';

/** The pattern can take more than linear time; the message says why. */
export class Superlinear extends Error {}

/** Fixed text: a number of characters from a set that are always read. */
export interface Fixed {
  readonly set: CodePoints;
  readonly count: number;
}

/** A point of a pattern at which it can go on in more than one way. */
export interface Variation {
  /** The characters that it may read. */
  readonly set: CodePoints;
  /** Number of ways; Infinity where the text decides. */
  readonly ways: number;
  /** Fixed text between it and the beginning, and the end, of the part that holds it. */
  readonly before: readonly Fixed[];
  readonly after: readonly Fixed[];
  /** True if something behind it, in the part that holds it, may fail to match. */
  readonly mayFail: boolean;
}

/** A part of a pattern as its surroundings see it. */
export interface PatternShape {
  readonly variations: readonly Variation[];
  readonly always: readonly Fixed[];
  /** All characters that it may read. */
  readonly all: CodePoints;
  readonly first: CodePoints;
  readonly last: CodePoints;
  readonly mayBeEmpty: boolean;
  readonly mayFail: boolean;
  /** In how many ways it can read one text, where that is bounded. */
  readonly ways: number;
  /** It looks ahead or back without a bound. */
  readonly looksFar: boolean;
  /** It takes more than linear time where something behind it does not match. */
  readonly waitsForEnd: boolean;
}

export const empty: PatternShape = {
  variations: [],
  always: [],
  all: [],
  first: [],
  last: [],
  mayBeEmpty: true,
  mayFail: false,
  ways: 1,
  looksFar: false,
  waitsForEnd: false,
};
