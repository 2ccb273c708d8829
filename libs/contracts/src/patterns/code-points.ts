/** A set of code points as ranges, ascending and apart; or more than the set that is meant, never less. */
export type CodePoints = readonly (readonly [first: number, last: number])[];

const lastCodePoint = 0x10_ff_ff;

export const anyCodePoint: CodePoints = [[0, lastCodePoint]];

/** `\d`, `\w`, `\s` and `.` of ECMA-262. */
export const digits: CodePoints = [[0x30, 0x39]];
export const wordCharacters: CodePoints = union(digits, [
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
]);
export const blanks: CodePoints = union(
  [
    [0x09, 0x0d],
    [0x20, 0x20],
    [0xa0, 0xa0],
    [0x1680, 0x1680],
    [0x2000, 0x200a],
  ],
  [
    [0x2028, 0x2029],
    [0x202f, 0x202f],
    [0x205f, 0x205f],
    [0x3000, 0x3000],
    [0xfeff, 0xfeff],
  ],
);
export const notLineEnds: CodePoints = complement([
  [0x0a, 0x0a],
  [0x0d, 0x0d],
  [0x2028, 0x2029],
]);

export function union(...sets: readonly CodePoints[]): CodePoints {
  const made: [number, number][] = [];
  for (const [first, last] of sets.flat().toSorted(([a], [b]) => a - b)) {
    const before = made.at(-1);
    if (before !== undefined && first <= before[1] + 1) before[1] = Math.max(before[1], last);
    else made.push([first, last]);
  }
  return made;
}

export function complement(set: CodePoints): CodePoints {
  const made: [number, number][] = [];
  let next = 0;
  for (const [first, last] of set) {
    if (first > next) made.push([next, first - 1]);
    next = last + 1;
  }
  if (next <= lastCodePoint) made.push([next, lastCodePoint]);
  return made;
}

export function intersection(one: CodePoints, other: CodePoints): CodePoints {
  return one.flatMap(([first, last]) =>
    other.flatMap(([from, to]): CodePoints => {
      const [start, end] = [Math.max(first, from), Math.min(last, to)];
      return start <= end ? [[start, end]] : [];
    }),
  );
}

export const overlap = (one: CodePoints, other: CodePoints): boolean => intersection(one, other).length > 0;
