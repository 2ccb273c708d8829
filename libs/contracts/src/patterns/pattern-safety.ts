import { anyCodePoint } from './code-points.js';
import { sequence, shapeOf } from './pattern-shape.js';
import { readPattern, type PatternNode } from './pattern-syntax.js';
import { empty, Superlinear, type PatternShape } from './shape.js';

/**
 * Whether a `pattern` of somebody's contract may be run on somebody's input: it compiles, and the time that it takes grows no faster than
 * the text, whatever the text is. Refused are repetitions that can share one text in many ways: within each other (`(a+)+`), one after the
 * other (`a*a*b`, `^.*@.*$`), or with the search for a beginning (`[a-z]+$`, which begins anew at every character: `^[a-z]+$` does not).
 * Stricter than needed, since a lost `pattern` costs little and a hanging process everything.
 * @returns why not, in words; undefined when it is safe
 */
export function unsafePattern(pattern: string): string | undefined {
  if (pattern.length > maxLength) return `the pattern has more than ${maxLength} characters`;
  if (!compiles(pattern)) return 'the pattern is not a regular expression of ECMA-262';
  if (/\\[1-9]|\\k</.test(pattern)) return 'the pattern refers back to a group, which cannot be checked in linear time';
  const node = readPattern(pattern);
  if (node === undefined) return 'the pattern uses what is not known here, such as modifiers';
  try {
    const branches = node.kind === 'choice' ? node.branches : [node];
    const ways = branches.reduce((sum, branch) => sum + waysOf(branch), 0);
    return ways > maxWays ? `the pattern can read one text in ${ways} ways; at most ${maxWays} are run` : undefined;
  } catch (error) {
    if (error instanceof Superlinear) return `the pattern is too slow for some texts: ${error.message}`;
    throw error;
  }
}

const maxLength = 1_000;
const maxWays = 64;

function compiles(pattern: string): boolean {
  try {
    return new RegExp(pattern, 'u').unicode;
  } catch {
    return false;
  }
}

/** @throws Superlinear */
function waysOf(branch: PatternNode): number {
  const shape = shapeOf(branch);
  return isAnchored(branch) ? shape.ways : sequence([search, shape]).ways;
}

/** A pattern is looked for from every character on, unless it begins with `^`. */
function isAnchored(branch: PatternNode): boolean {
  if (branch.kind === 'sequence') {
    const first = branch.items.find((item) => item.kind !== 'assertion' || item.looksAt === undefined);
    return first !== undefined && isAnchored(first);
  }
  if (branch.kind === 'choice') return branch.branches.every(isAnchored);
  return branch.kind === 'assertion' && branch.at === 'start';
}

const search: PatternShape = {
  ...empty,
  variations: [{ set: anyCodePoint, ways: Infinity, before: [], after: [], mayFail: false }],
  all: anyCodePoint,
  first: anyCodePoint,
  last: anyCodePoint,
};
