import type { CodePoints } from './code-points.js';

/** Why a pattern is not run. */
export class Superlinear extends Error {}

/** Text that is always read: so many characters of a set. */
export interface Fixed {
  readonly set: CodePoints;
  readonly count: number;
}

/** A place where a pattern may go on in more than one way. */
export interface Variation {
  /** What it may read. */
  readonly set: CodePoints;
  /** How many ways there are; Infinity where the text decides. */
  readonly ways: number;
  /** What is always read between it and the beginning, and the end, of the part it is in. */
  readonly before: readonly Fixed[];
  readonly after: readonly Fixed[];
  /** Whether something behind it, in the part it is in, may not match. */
  readonly mayFail: boolean;
}

/** A part of a pattern as what is around it sees it. */
export interface PatternShape {
  readonly variations: readonly Variation[];
  readonly always: readonly Fixed[];
  /** All that it may read. */
  readonly all: CodePoints;
  readonly first: CodePoints;
  readonly last: CodePoints;
  readonly mayBeEmpty: boolean;
  readonly mayFail: boolean;
  /** The ways in which one text may be read, where they are bounded. */
  readonly ways: number;
  /** It looks ahead or back over as much text as there is. */
  readonly looksFar: boolean;
  /** It takes long where something behind it does not match. */
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
