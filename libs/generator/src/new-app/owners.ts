import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../terminal/command.errors.js';
import { readIfThere } from '../workspace/upstream-folders.js';

/** Places of the file, in the order in which hosts of repositories look for it. */
const places = ['.github/CODEOWNERS', 'CODEOWNERS', 'docs/CODEOWNERS'];

/**
 * The file that says who reviews changes, with a line for an app; a new one where the workspace has none.
 * @returns undefined where it has a line for the app already
 */
export async function withOwner(
  root: string,
  app: string,
  owner: string,
): Promise<{ readonly path: string; readonly text: string } | undefined> {
  const place = places.find((one) => existsSync(join(root, one))) ?? 'CODEOWNERS';
  const path = join(root, place);
  const text = (await readIfThere(path)) ?? '';
  const folder = `/apps/${app}/`;
  const isNamed = text.split('\n').some((line) => line.trim().split(/\s+/, 1)[0] === folder);
  if (isNamed) return undefined;
  const before = text === '' || text.endsWith('\n') ? text : `${text}\n`;
  return { path, text: `${before}${folder} ${owner}\n` };
}

/** A team or a person as CODEOWNERS names them. @throws {UsageError} */
export function checkedOwner(owner: string): string {
  if (/^@[\w.-]+(?:\/[\w.-]+)?$|^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(owner)) return owner;
  throw new UsageError(
    `${JSON.stringify(owner)} is no owner: write a team or a person as CODEOWNERS does, @tv-team, @org/tv-team or tv@example.com`,
  );
}
