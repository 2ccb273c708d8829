import { shownPath } from '@frontage/core';

/** Characters of a line that a message repeats. */
const maxShown = 100;

/** One mistake, with the position of the key or value that has to change. */
export interface ConfigIssue {
  /** Absolute path. */
  readonly file: string;
  /** Starts at 1. */
  readonly line: number;
  /** Starts at 1. */
  readonly column: number;
  /** The value that was found and the correction, in one line. */
  readonly message: string;
  /** The line of the file. Absent where it would print a secret. */
  readonly source?: string;
  /** Number of characters of the line that are marked. @default 1 */
  readonly width?: number;
}

/** The configuration cannot be used. `message` is the whole report for people, `issues` the same for tools. */
export class ConfigError extends Error {
  readonly issues: readonly ConfigIssue[];

  constructor(issues: readonly ConfigIssue[]) {
    super(renderConfigError(issues));
    this.name = 'ConfigError';
    this.issues = issues;
  }
}

/**
 * One line per mistake (`apps/mobile/bff.yaml:12:5  unknown key "timout"; did you mean "timeout"?`), below it the line of the file with
 * a caret. Paths are shown from the workspace.
 */
export function renderConfigError(issues: readonly ConfigIssue[]): string {
  const count = issues.length === 1 ? 'a mistake' : `${issues.length} mistakes`;
  return [`the configuration has ${count}:`, ...issues.map(renderIssue)].join('\n\n');
}

/** `apps/mobile/bff.yaml:3:17  warning: ...`, in one line: a warning does not stop the start. */
export function renderConfigWarning({ file, line, column, message }: ConfigIssue): string {
  return `${shownPath(file)}:${line}:${column}  warning: ${message}`;
}

function renderIssue(issue: ConfigIssue): string {
  const head = `${shownPath(issue.file)}:${issue.line}:${issue.column}  ${issue.message}`;
  if (issue.source === undefined) return head;
  const number = String(issue.line);
  const gutter = ' '.repeat(number.length);
  const { line, start } = clipped(issue.source, issue.column - 1);
  // Tabs are kept before the caret, so that it is below its column with any tab width.
  const indent = line.slice(0, start).replace(/[^\t]/g, ' ');
  const carets = '^'.repeat(Math.max(1, Math.min(issue.width ?? 1, line.length - start)));
  return `${head}\n  ${number} | ${line}\n  ${gutter} | ${indent}${carets}`;
}

/** The part of a long line around the marked characters. */
function clipped(source: string, start: number): { line: string; start: number } {
  if (source.length <= maxShown) return { line: source, start };
  const from = Math.max(0, Math.min(start - maxShown / 2, source.length - maxShown));
  const before = from > 0 ? '...' : '';
  const after = from + maxShown < source.length ? '...' : '';
  return { line: `${before}${source.slice(from, from + maxShown)}${after}`, start: start - from + before.length };
}
