import { linesText } from '../terminal/terminal.js';
import type { Tuning } from './tune.js';
import { unifiedDiff } from './unified-diff.js';

/** The diff, and below it the reason and the effect of each line. @param path of the `bff.yaml`, from the root of the workspace */
export function tuneText({ proposals, notes, before, after }: Tuning, path: string): string {
  const diff = unifiedDiff(path, before, after);
  const reasons = proposals.flatMap(({ upstream, path: key, value, before: old, why, effect, line }) => [
    `${path}:${line}  ${upstream}: ${key.join('.')} ${old === undefined ? '' : `${old} -> `}${value}`,
    `  why     ${why}`,
    `  effect  ${effect}`,
    '',
  ]);
  const none = proposals.length === 0 ? ['nothing to change', ''] : [];
  const rest = notes.length === 0 ? [] : [...notes.map((note) => `note: ${note}`), ''];
  const head = diff === '' ? '' : `${diff}\n`;
  const end =
    diff === ''
      ? []
      : ['Nothing was changed: save the diff and apply it with `git apply`, or write what you agree with.'];
  return head + linesText([...none, ...reasons, ...rest, ...end]);
}
