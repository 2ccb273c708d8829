import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import { meant } from '../dev/built-app.js';
import { UsageError } from '../terminal/command.errors.js';
import { checksum, readRecord } from '../upstream/upstream-record.js';
import { isAsRecorded, readFolderRecord } from '../workspace/folder-record.js';
import { checkedName, contractFile, readIfThere } from '../workspace/upstream-folders.js';
import { appFolders } from '../workspace/workspace.js';
import { checkFiles, finishWrites, removeFiles, removeFolder, writeFiles } from '../workspace/write-files.js';
import { withoutOwner } from './owners.js';
import { readListings, registrations, withoutProject } from './registrations.js';

/** The end of an app, before anything is deleted. */
export interface AppRemoval {
  readonly folder: string;
  /** Its files, without those that a build makes. */
  readonly files: readonly string[];
  /** Those of its files that no command has written as they are. */
  readonly byHand: readonly string[];
  /** New text of the files that list it, by path; a text without content: the file is deleted. */
  readonly listings: ReadonlyMap<string, string>;
}

/**
 * Plans the removal of an app. Nothing is deleted.
 * @throws {UsageError} where the workspace has no such app
 */
export async function planRemoval(root: string, name: string): Promise<AppRemoval> {
  checkedName('app', name);
  const folder = join(root, 'apps', name);
  const isThere = existsSync(folder);
  const { nest, projects } = await readListings(root);
  const owner = await withoutOwner(root, name);
  // A removal that was broken off may have left the app in the lists.
  const isListed = owner !== undefined || [...registrations(name, { nest, projects })].length > 0;
  if (!isThere && !isListed)
    throw new UsageError(`there is no app ${name}${meant(name, appFolders(root).map((app) => app.name))}`); // prettier-ignore
  if (isThere) await checkFiles(root, [join(folder, 'package.json')]);
  const files = isThere ? await filesOf(folder) : [];
  const record = await readFolderRecord(folder);
  const byHand: string[] = [];
  for (const file of files)
    if (!isGenerated(file) && !(await isAsRecorded(folder, file, record)) && !(await isStored(folder, file)))
      byHand.push(file);
  const listings = new Map<string, string>();
  for (const [file, text] of [
    [nest, withoutProject(nest, name)],
    [projects, projects.withoutItem('references', `apps/${name}`)],
  ] as const)
    if (text !== file.text) listings.set(join(root, file.file), text);
  if (owner !== undefined) listings.set(owner.path, owner.text);
  const shown = (file: string): string => `apps/${name}/${file}`;
  return { folder, files: files.map(shown), byHand: byHand.map(shown), listings };
}

/** Deletes an app and takes it out of the lists: all of it, or nothing. */
export async function removeApp(root: string, { folder, listings }: AppRemoval): Promise<void> {
  await finishWrites(root, root);
  await removeFolder(root, folder, async () => {
    const kept = new Map([...listings].filter(([, text]) => text.trim() !== ''));
    if (kept.size > 0) await writeFiles(root, kept);
    for (const path of listings.keys()) if (!kept.has(path)) await removeFiles(root, dirname(path), [basename(path)]);
  });
}

/** Files of the app, by path from its folder; what a build makes, and what npm installs, is none of them. */
async function filesOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map(({ parentPath, name }) => relative(folder, join(parentPath, name)).replaceAll(sep, '/'))
    .filter((file) => !/(?:^|\/)(?:dist|node_modules)\//.test(file) && !file.endsWith('.tsbuildinfo'))
    .toSorted();
}

/** Written by a command each time: `openapi.gen.json`, `orders.gen.ts`. */
const isGenerated = (file: string): boolean => /\.gen\.\w+$/.test(file);

/** A contract of the app, as it came from its source. */
async function isStored(folder: string, file: string): Promise<boolean> {
  if (!/^upstreams\/[^/]+\/[^/]+$/.test(file) || basename(file) !== contractFile) return false;
  const path = join(folder, file);
  const record = await readRecord(dirname(path)).catch(() => undefined);
  return record !== undefined && checksum((await readIfThere(path)) ?? '') === record.sha256;
}
