import { diffComm } from 'node-diff3';

/** Lines around a change. */
const context = 3;

interface Change {
  /** Index of its first line in the old text, and in the new one. */
  readonly at: number;
  readonly freshAt: number;
  readonly removed: readonly string[];
  readonly added: readonly string[];
}

/** The difference of two texts, as `git apply` takes it; empty where there is none. @param path from the root of the workspace */
export function unifiedDiff(path: string, before: string, after: string): string {
  const old = linesOf(before);
  const groups: Change[][] = [];
  for (const change of changesOf(old, linesOf(after))) {
    const last = groups.at(-1)?.at(-1);
    if (last !== undefined && change.at - endOf(last) <= 2 * context) groups.at(-1)?.push(change);
    else groups.push([change]);
  }
  const hunks = groups.map((group) => hunkOf(group, old));
  return hunks.length === 0 ? '' : `--- a/${path}\n+++ b/${path}\n${hunks.join('')}`;
}

function changesOf(old: readonly string[], fresh: readonly string[]): readonly Change[] {
  let [at, freshAt] = [0, 0];
  return diffComm([...old], [...fresh]).flatMap((piece): readonly Change[] => {
    if ('common' in piece && piece.common !== undefined) {
      at += piece.common.length;
      freshAt += piece.common.length;
      return [];
    }
    const [removed = [], added = []] = 'buffer1' in piece ? [piece.buffer1, piece.buffer2] : [];
    const change = { at, freshAt, removed, added };
    at += removed.length;
    freshAt += added.length;
    return [change];
  });
}

const endOf = ({ at, removed }: Change): number => at + removed.length;

function hunkOf(group: readonly Change[], old: readonly string[]): string {
  const from = Math.max(0, (group[0]?.at ?? 0) - context);
  const lines: string[] = [];
  let at = from;
  let growth = 0;
  for (const change of group) {
    lines.push(...old.slice(at, change.at).map((line) => ` ${line}`));
    lines.push(...change.removed.map((line) => `-${line}`), ...change.added.map((line) => `+${line}`));
    at = endOf(change);
    growth += change.added.length - change.removed.length;
  }
  const to = Math.min(old.length, at + context);
  lines.push(...old.slice(at, to).map((line) => ` ${line}`));
  const freshFrom = from + (group[0]?.freshAt ?? 0) - (group[0]?.at ?? 0);
  return `@@ -${from + 1},${to - from} +${freshFrom + 1},${to - from + growth} @@\n${lines.join('\n')}\n`;
}

/** Without the empty text behind the last line break. */
function linesOf(text: string): string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}
