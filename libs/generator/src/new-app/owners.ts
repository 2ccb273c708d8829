import { join } from 'node:path';
import { UsageError } from '../terminal/command.errors.js';
import { codeOwnersPlace } from '../workspace/code-owners.js';
import { readIfThere } from '../workspace/upstream-folders.js';

/**
 * The file that says who reviews changes, with a line for an app; a new one where the workspace has none.
 * @returns undefined where it has a line for the app already
 */
export async function withOwner(
  root: string,
  app: string,
  owner: string,
): Promise<{ readonly path: string; readonly text: string } | undefined> {
  const place = codeOwnersPlace(root) ?? 'CODEOWNERS';
  const path = join(root, place);
  const text = (await readIfThere(path)) ?? '';
  if (text.split('\n').some((line) => isFor(line, app))) return undefined;
  const before = text === '' || text.endsWith('\n') ? text : `${text}\n`;
  return { path, text: `${before}/apps/${app}/ ${owner}\n` };
}

/**
 * The file that says who reviews changes, without the lines for an app.
 * @returns undefined where it has none; a text without content where no line is left
 */
export async function withoutOwner(
  root: string,
  app: string,
): Promise<{ readonly path: string; readonly text: string } | undefined> {
  const place = codeOwnersPlace(root);
  if (place === undefined) return undefined;
  const path = join(root, place);
  const text = (await readIfThere(path)) ?? '';
  const kept = text.split('\n').filter((line) => !isFor(line, app));
  const after = kept.join('\n');
  return after === text ? undefined : { path, text: after };
}

/** The team that reviews an app; undefined where no line names it. */
export async function ownerOf(root: string, app: string): Promise<string | undefined> {
  const place = codeOwnersPlace(root);
  const text = place === undefined ? undefined : await readIfThere(join(root, place));
  const line = text?.split('\n').find((one) => isFor(one, app));
  return line?.trim().split(/\s+/)[1];
}

const isFor = (line: string, app: string): boolean => line.trim().split(/\s+/, 1)[0] === `/apps/${app}/`;

/** A team or a person as CODEOWNERS names them. @throws {UsageError} */
export function checkedOwner(owner: string): string {
  if (/^@[\w.-]+(?:\/[\w.-]+)?$|^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(owner)) return owner;
  throw new UsageError(
    `${JSON.stringify(owner)} is no owner: write a team or a person as CODEOWNERS does, @tv-team, @org/tv-team or tv@example.com`,
  );
}
