import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CheckFailed, UsageError } from '../terminal/command.errors.js';

const run = promisify(execFile);
const maxBytes = 64 * 1024 * 1024;

/** The files of a workspace at a revision of git. */
export class Revision {
  readonly #root: string;

  private constructor(
    root: string,
    readonly name: string,
    /** The commit: the name may move. */
    readonly commit: string,
  ) {
    this.#root = root;
  }

  /** @throws {UsageError} where git does not know the revision, {CheckFailed} where the workspace is in no repository */
  static async open(root: string, name: string): Promise<Revision> {
    // A name that begins with a dash would be an option of git.
    const found = await run('git', ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`], {
      cwd: root,
    }).catch((cause: NodeJS.ErrnoException & { readonly stderr?: string }) => {
      if (cause.code === 'ENOENT' || cause.stderr?.includes('not a git repository') === true)
        throw new CheckFailed(`${root} is in no repository of git, so there is nothing to compare with`);
      throw new UsageError(`git knows no revision ${name}: name a branch, a tag or a commit with --base`);
    });
    return new Revision(root, name, found.stdout.trim());
  }

  /** The text of a file, by its path from the root of the workspace; undefined where it has none. */
  async read(path: string): Promise<string | undefined> {
    const options = { cwd: this.#root, maxBuffer: maxBytes };
    return run('git', ['show', `${this.commit}:./${path}`], options).then(
      ({ stdout }) => stdout,
      () => undefined,
    );
  }
}

/** The same of the working tree. */
export async function readNow(root: string, path: string): Promise<string | undefined> {
  const file = join(root, path);
  return existsSync(file) ? readFile(file, 'utf8') : undefined;
}
