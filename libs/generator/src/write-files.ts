import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { readIfThere } from './upstream-folders.js';

const stagePrefix = '.frontage-write-';
const journalFile = 'journal.json';

/**
 * Writes all files or none, whatever ends the process. All texts first go into a folder of their own; a folder that is not there yet is
 * then renamed into place as a whole. Otherwise a journal of the renames is written before the first of them, from which
 * `finishWrites` carries on. A file that has this text already is not touched.
 * @param files text by path
 * @returns the paths that changed
 */
export async function writeFiles(files: ReadonlyMap<string, string>): Promise<string[]> {
  const changed = await staleFiles(files);
  if (changed.length === 0) return changed;
  const folder = commonFolder(changed);
  const parent = existingFolder(folder);
  const stage = join(parent, `${stagePrefix}${process.pid}-${randomUUID()}`);
  await mkdir(stage);
  try {
    const moves = changed.map((path) => ({
      staged: join('files', relative(folder, path)),
      path: relative(parent, path),
    }));
    for (const [index, { staged }] of moves.entries()) {
      await mkdir(dirname(join(stage, staged)), { recursive: true });
      await writeFile(join(stage, staged), files.get(changed[index] ?? '') ?? '');
    }
    if (parent === folder) {
      await writeFile(join(stage, 'draft.json'), JSON.stringify(moves));
      await rename(join(stage, 'draft.json'), join(stage, journalFile));
      await carryOut(parent, stage, moves);
    } else {
      await mkdir(dirname(folder), { recursive: true });
      await rename(join(stage, 'files'), folder);
    }
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
  return changed;
}

/** Finishes what a killed process had begun to put into the folders in `parent`, or clears away what it had not. */
export async function finishWrites(parent: string): Promise<void> {
  const names = await readdir(parent).catch(() => []);
  for (const name of names.filter((each) => each.startsWith(stagePrefix))) {
    if (isRunning(Number(name.slice(stagePrefix.length).split('-')[0]))) continue;
    const stage = join(parent, name);
    const journal = await readIfThere(join(stage, journalFile));
    if (journal !== undefined) await carryOut(parent, stage, JSON.parse(journal) as Move[]);
    await rm(stage, { recursive: true, force: true });
  }
}

interface Move {
  readonly staged: string;
  readonly path: string;
}

async function carryOut(parent: string, stage: string, moves: readonly Move[]): Promise<void> {
  for (const { staged, path } of moves) {
    const target = join(parent, path);
    await mkdir(dirname(target), { recursive: true });
    await rename(join(stage, staged), target).catch((error: NodeJS.ErrnoException) => {
      // Moved already, before the process was killed.
      if (error.code !== 'ENOENT') throw error;
    });
  }
}

function isRunning(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** The deepest folder that holds all paths. */
function commonFolder(paths: readonly string[]): string {
  let folder = dirname(paths[0] ?? '.');
  while (!paths.every((path) => path.startsWith(join(folder, '/'))) && dirname(folder) !== folder)
    folder = dirname(folder);
  return folder;
}

function existingFolder(folder: string): string {
  let found = folder;
  while (!existsSync(found) && dirname(found) !== found) found = dirname(found);
  return found;
}

/** The files whose text on the disk is another one. */
export async function staleFiles(files: ReadonlyMap<string, string>): Promise<string[]> {
  const stale: string[] = [];
  for (const [path, text] of files) if ((await readIfThere(path)) !== text) stale.push(path);
  return stale;
}
