import { existsSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { linesText } from './terminal.js';

/** A file that a command writes, changes or deletes. */
export interface FileChange {
  /** From the root of the workspace, with `/`. */
  readonly path: string;
  readonly change: 'write' | 'change' | 'delete';
}

/** A line that the reader types next: a command, or a line of a file. */
export interface NextStep {
  readonly type: string;
  readonly why?: string;
}

/** The result of a command. */
export interface CommandResult {
  /** The whole text for people. */
  readonly text: string;
  readonly files?: readonly FileChange[];
  /** `--dry-run`: the files are those that would be written. */
  readonly isDryRun?: boolean;
  readonly next?: readonly NextStep[];
  /** Further members of the JSON object. */
  readonly data?: Readonly<Record<string, unknown>>;
  /** The object stands on one line, because further lines follow while the command runs. @default false */
  readonly isOneLine?: boolean;
}

/** The JSON object of a command that failed. */
export interface CommandFailure {
  readonly kind: 'usage' | 'check' | 'contract' | 'failure' | 'fault';
  readonly message: string;
  /** Further members of the JSON object, beside `error`. */
  readonly data?: Readonly<Record<string, unknown>>;
}

/** Files that would be written: `change` where there is one already. Called before they are written. */
export function fileChanges(root: string, paths: Iterable<string>): FileChange[] {
  return [...paths].map((path) => ({
    path: relative(root, path).replaceAll(sep, '/'),
    change: existsSync(path) ? 'change' : 'write',
  }));
}

/** One line per file: `  write   apps/tv/bff.yaml`. */
export function filesText(files: readonly FileChange[]): string {
  return linesText(files.map(({ path, change }) => `  ${change.padEnd(6)}  ${path}`));
}

/** The lines to type next, with their reasons in a column; empty where there are none. */
export function nextText(steps: readonly NextStep[]): string {
  if (steps.length === 0) return '';
  const width = Math.max(...steps.map(({ type }) => type.length));
  const lines = steps.map(({ type, why }) => (why === undefined ? `  ${type}` : `  ${type.padEnd(width)}   ${why}`));
  return `Next:\n\n${linesText(lines)}`;
}

/** The JSON object of a result. */
export function resultJson(command: string, { files, isDryRun, next, data, isOneLine }: CommandResult): string {
  const result = {
    command,
    ok: true,
    exitCode: 0,
    ...(isDryRun === true && { dryRun: true }),
    ...(files !== undefined && { files }),
    ...(next !== undefined && next.length > 0 && { next }),
    ...data,
  };
  return `${JSON.stringify(result, null, isOneLine === true ? undefined : 2)}\n`;
}

/** The JSON object of a failure. */
export function failureJson(command: string, exitCode: number, { data, ...error }: CommandFailure): string {
  return `${JSON.stringify({ command, ok: false, exitCode, error, ...data }, null, 2)}\n`;
}
