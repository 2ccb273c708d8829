/**
 * Whether a `pattern` of somebody's contract may be run on somebody's input: it compiles, and it cannot take exponential time.
 * Refused are repetitions whose body itself repeats without a fixed separator (`(a+)+`, `(a|a)*`, `(.*)*`) and overlong patterns:
 * stricter than needed, since a lost `pattern` costs little and a hanging process everything.
 * @returns why not, in words; undefined when it is safe
 */
export function unsafePattern(pattern: string): string | undefined {
  if (pattern.length > maxLength) return `the pattern has more than ${maxLength} characters`;
  if (!compiles(pattern)) return 'the pattern is not a regular expression of ECMA-262';
  if (/\\[1-9]|\\k</.test(pattern)) return 'the pattern refers back to a group, which cannot be checked in linear time';
  return hasNestedRepetition(pattern)
    ? 'the pattern repeats a repetition or a choice, which can take exponential time'
    : undefined;
}

const maxLength = 1_000;

function compiles(pattern: string): boolean {
  try {
    return new RegExp(pattern, 'u').unicode;
  } catch {
    return false;
  }
}

interface Group {
  /** Something inside may match texts of different lengths or in different ways. */
  varies: boolean;
}

function hasNestedRepetition(pattern: string): boolean {
  const stack: Group[] = [{ varies: false }];
  let last: Group = { varies: false };
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at];
    const current = stack.at(-1);
    if (current === undefined) return true;
    if (char === '\\') {
      at++;
      last = { varies: false };
    } else if (char === '[') {
      for (at++; at < pattern.length && pattern[at] !== ']'; at++) if (pattern[at] === '\\') at++;
      last = { varies: false };
    } else if (char === '(') {
      stack.push({ varies: false });
    } else if (char === ')') {
      last = stack.pop() ?? last;
      const outer = stack.at(-1);
      if (outer !== undefined && last.varies) outer.varies = true;
    } else if (char === '|') {
      current.varies = true;
    } else {
      const repetition = repetitionAt(pattern, at);
      if (repetition === undefined) last = { varies: false };
      else {
        if (repetition.max > 1 && last.varies) return true;
        if (repetition.max !== repetition.min) current.varies = true;
        at += repetition.length - 1;
      }
    }
  }
  return false;
}

function repetitionAt(pattern: string, at: number): { min: number; max: number; length: number } | undefined {
  const lazy = (length: number): number => (pattern[at + length] === '?' ? length + 1 : length);
  if (pattern[at] === '*') return { min: 0, max: Infinity, length: lazy(1) };
  if (pattern[at] === '+') return { min: 1, max: Infinity, length: lazy(1) };
  if (pattern[at] === '?') return pattern[at - 1] === '(' ? undefined : { min: 0, max: 1, length: lazy(1) };
  const braces = /^\{(\d+)(,(\d*))?\}/.exec(pattern.slice(at, at + 24));
  if (braces === null) return undefined;
  const min = Number(braces[1]);
  const max = braces[2] === undefined ? min : braces[3] === '' ? Infinity : Number(braces[3]);
  return { min, max, length: lazy(braces[0].length) };
}
