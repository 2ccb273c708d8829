import { relative } from 'node:path';

/** One mistake, at the key or value that has to change. */
export interface ConfigIssue {
  /** Absolute path. */
  readonly file: string;
  /** Starts at 1. */
  readonly line: number;
  /** Starts at 1. */
  readonly column: number;
  /** What was found and what to write instead, in one line. */
  readonly message: string;
  /** The line as it stands in the file. Absent where it would print a secret. */
  readonly source?: string;
  /** How many characters of the line are meant. @default 1 */
  readonly width?: number;
}

/** The configuration cannot be used. `message` is the whole report as a person reads it, `issues` the same for tools. */
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
 * a caret. Paths are shown from the working directory.
 */
export function renderConfigError(issues: readonly ConfigIssue[]): string {
  const count = issues.length === 1 ? 'a mistake' : `${issues.length} mistakes`;
  return [`the configuration has ${count}:`, ...issues.map(renderIssue)].join('\n\n');
}

function renderIssue(issue: ConfigIssue): string {
  const head = `${shownPath(issue.file)}:${issue.line}:${issue.column}  ${issue.message}`;
  if (issue.source === undefined) return head;
  const number = String(issue.line);
  const gutter = ' '.repeat(number.length);
  // Tabs are kept before the caret, so that it stands below its column whatever their width.
  const indent = issue.source.slice(0, issue.column - 1).replace(/[^\t]/g, ' ');
  const carets = '^'.repeat(Math.max(1, issue.width ?? 1));
  return `${head}\n  ${number} | ${issue.source}\n  ${gutter} | ${indent}${carets}`;
}

/** From the working directory where the file is below it or near it, else absolute. */
export function shownPath(file: string): string {
  const path = relative(process.cwd(), file);
  return path === '' || path.startsWith('../../..') ? file : path;
}
