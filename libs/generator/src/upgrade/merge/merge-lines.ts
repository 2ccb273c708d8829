import { diff3Merge, diffComm } from 'node-diff3';

/** The names of the three texts, behind the markers of a conflict. */
export interface MergeLabels {
  /** `yours` */
  readonly yours: string;
  /** `template 0.1.0+3f9a21c4`: the version from which the file was made; left out where that text is lost. */
  readonly before?: string;
  /** `template 0.2.0+77b0e915` */
  readonly now: string;
}

export interface MergedLines {
  readonly text: string;
  /** The places with markers. */
  readonly conflicts: number;
}

/**
 * Merges lines: those that one side has changed are taken from it, and places that both have changed are marked, with all three texts.
 * @param before the text that both come from; undefined where it is lost: every difference is marked then, with both texts
 */
export function mergeLines(yours: string, before: string | undefined, now: string, labels: MergeLabels): MergedLines {
  const lines: string[] = [];
  let conflicts = 0;
  const marked = (mine: readonly string[], base: readonly string[] | undefined, theirs: readonly string[]): void => {
    conflicts += 1;
    lines.push(...markers(labels, mine, base, theirs));
  };
  if (before === undefined) {
    for (const { common, buffer1, buffer2 } of diffComm(linesOf(yours), linesOf(now)))
      if (common === undefined) marked(buffer1, undefined, buffer2);
      else lines.push(...common);
  } else {
    const options = { excludeFalseConflicts: true };
    for (const { ok, conflict } of diff3Merge(linesOf(yours), linesOf(before), linesOf(now), options)) {
      if (ok !== undefined) lines.push(...ok);
      if (conflict !== undefined) marked(conflict.a, conflict.o, conflict.b);
    }
  }
  return { text: lines.length === 0 ? '' : `${lines.join('\n')}\n`, conflicts };
}

/**
 * Marks the one region in which three texts differ, from their first difference to their last one. Each resolution is one of the texts, so
 * that data stays data: lines of two members that look alike are not mixed.
 */
export function markedRegion(yours: string, before: string, now: string, labels: MergeLabels): MergedLines {
  const texts = [yours, before, now].map(linesOf);
  const [mine = [], base = [], theirs = []] = texts;
  const shortest = Math.min(...texts.map(({ length }) => length));
  const isCommon = (from: (lines: readonly string[]) => string | undefined): boolean =>
    texts.every((lines) => from(lines) === from(mine));
  let first = 0;
  while (first < shortest && isCommon((lines) => lines[first])) first++;
  let last = 0;
  while (last < shortest - first && isCommon((lines) => lines.at(-1 - last))) last++;
  const region = (lines: readonly string[]): readonly string[] => lines.slice(first, lines.length - last);
  const lines = [
    ...mine.slice(0, first),
    ...markers(labels, region(mine), region(base), region(theirs)),
    ...mine.slice(mine.length - last),
  ];
  return { text: `${lines.join('\n')}\n`, conflicts: 1 };
}

/** The lines of a conflict. */
const markers = (
  { yours, before = 'template', now }: MergeLabels,
  mine: readonly string[],
  base: readonly string[] | undefined,
  theirs: readonly string[],
): string[] => [
  `<<<<<<< ${yours}`,
  ...mine,
  ...(base === undefined ? [] : [`||||||| ${before}`, ...base]),
  '=======',
  ...theirs,
  `>>>>>>> ${now}`,
];

/** True where a text has the markers of a conflict that nobody has resolved. */
export const hasMarkers = (text: string): boolean =>
  /^<<<<<<< [^\n]*$/m.test(text) && /^=======\r?$/m.test(text) && /^>>>>>>> [^\n]*$/m.test(text);

/** A share from 0 to 1 of the lines that two texts have in common; indentation and empty lines do not count. */
export function similarity(one: string, other: string): number {
  const count = (text: string): Map<string, number> => {
    const counts = new Map<string, number>();
    for (const line of text.split('\n').map((each) => each.trim()))
      if (line !== '') counts.set(line, (counts.get(line) ?? 0) + 1);
    return counts;
  };
  const [left, right] = [count(one), count(other)];
  const sum = (counts: Map<string, number>): number => counts.values().reduce((total, each) => total + each, 0);
  const all = sum(left) + sum(right);
  if (all === 0) return 1;
  const common = left.entries().reduce((total, [line, times]) => total + Math.min(times, right.get(line) ?? 0), 0);
  return (2 * common) / all;
}

/** The last line break ends a line and begins none. */
const linesOf = (text: string): string[] => (text === '' ? [] : text.replace(/\n$/, '').split('\n'));
