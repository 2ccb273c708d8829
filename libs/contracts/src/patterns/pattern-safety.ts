import { anyCodePoint } from './code-points.js';
import { sequence, shapeOf } from './pattern-shape.js';
import { readPattern, type PatternNode } from './pattern-syntax.js';
import { empty, Superlinear, type PatternShape } from './shape.js';

/**
 * Decides whether a `pattern` of a contract may run on untrusted input: it compiles, and its time grows no faster than the text.
 * Repetitions that can share one text in many ways are refused: within each other (`(a+)+`), one after the other (`a*a*b`, `^.*@.*$`),
 * or with the search for a beginning (`[a-z]+$`, which begins anew at every character: `^[a-z]+$` does not). The rule is stricter than
 * needed: a pattern that is not checked costs little, and a process that hangs stops the app.
 * @returns the reason why it may not run; undefined when it is safe
 */
export function unsafePattern(pattern: string): string | undefined {
  if (pattern.length > maxLength) return `the pattern has more than ${maxLength} characters`;
  const mistake = mistakeIn(pattern);
  if (mistake !== undefined) return `the pattern is not a regular expression of ECMA-262 with the flag u (${mistake})`;
  if (/\\[1-9]|\\k</.test(pattern)) return 'the pattern refers back to a group, which cannot be checked in linear time';
  const node = readPattern(pattern);
  if (node === undefined) return 'the pattern uses syntax that is not supported here, such as modifiers';
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

/** The message of the engine without the pattern; undefined for a pattern that compiles. */
function mistakeIn(pattern: string): string | undefined {
  try {
    return new RegExp(pattern, 'u').unicode ? undefined : 'not read with the flag u';
  } catch (error) {
    return error instanceof Error ? error.message.replace(/^.*: /s, '') : String(error);
  }
}

/** @throws Superlinear */
function waysOf(branch: PatternNode): number {
  const shape = shapeOf(branch);
  return isAnchored(branch) ? shape.ways : sequence([search, shape]).ways;
}

/** The engine tries a pattern at every character, unless it begins with `^`. */
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
