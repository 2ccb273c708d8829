import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { CheckFailed } from '../terminal/command.errors.js';
import type { UpgradeTarget } from './upgrade-target.js';

const run = promisify(execFile);

/**
 * Checks that an upgrade can be undone with git: everything in the folder is committed.
 * @throws {CheckFailed} that names the files, or says how to make a repository
 */
export async function checkClean(root: string, { shown, app }: UpgradeTarget): Promise<void> {
  const places = app === undefined ? ['.', ':(exclude)apps'] : [shown];
  const status = await git(root, 'status', '--porcelain=v1', '-z', '--untracked-files=all', '--', ...places).catch(
    (cause: unknown) => {
      throw new CheckFailed(
        `${root} is in no repository of git (${firstLine(cause)}), so an upgrade could not be undone. Type git init && git add -A && git commit -m start, and then the command again.`,
      );
    },
  );
  const files = status
    .split('\0')
    .filter((entry) => /^.{2} /.test(entry))
    .map((entry) => entry.slice(3));
  if (files.length === 0) return;
  const more = files.length > 10 ? `\n  and ${files.length - 10} more` : '';
  throw new CheckFailed(
    `${shown === '.' ? 'the workspace' : shown} has changes that are not committed:\n  ${files.slice(0, 10).join('\n  ')}${more}\nCommit them, or put them away with git stash -u, and type the command again. Nothing was changed.`,
    { uncommitted: files },
  );
}

/** The command that undoes an upgrade. @param further files outside of the folder that it has changed */
export function undoCommand({ shown, app }: UpgradeTarget, further: readonly string[] = []): string {
  const places = app === undefined ? ". ':!apps'" : shown;
  return `git restore --staged --worktree -- ${[places, ...further].join(' ')} && git clean -fd -- ${places}`;
}

async function git(cwd: string, ...args: readonly string[]): Promise<string> {
  // Another `cwd` of a repository in the environment, as in a hook, is not the one of the workspace.
  const { GIT_DIR: _, GIT_WORK_TREE: __, GIT_INDEX_FILE: ___, ...env } = process.env;
  const { stdout } = await run('git', args, { cwd, env, maxBuffer: 1 << 26 });
  return stdout;
}

function firstLine(cause: unknown): string {
  const text =
    cause instanceof Error && 'stderr' in cause && cause.stderr !== '' ? String(cause.stderr) : String(cause);
  return text.split('\n')[0] ?? '';
}
