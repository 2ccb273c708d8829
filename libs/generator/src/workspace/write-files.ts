import { randomUUID } from 'node:crypto';
import { readdir, readFile, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { CheckFailed } from '../terminal/command.errors.js';
import { namesBelow, RealFolder } from './real-folder.js';

const stagePrefix = '.frontage-write-';
const journalFile = 'journal.json';
const newStageName = (): string => `${stagePrefix}${process.pid}-${randomUUID()}`;

/** The content of a file: text, or text or bytes with the executable bit. */
export type FileContent = string | StoredFile;

export interface StoredFile {
  readonly data: string | Uint8Array;
  readonly isExecutable: boolean;
}

/**
 * Writes all files or none, even if the process is killed. All files are first written into a temporary folder. A folder that does not
 * exist yet is then renamed into place as a whole. Otherwise a journal of the renames is written before the first of them, so that
 * `finishWrites` can complete them. A file that already has this content is not touched.
 * @param root the workspace: nothing is written outside of it, or through a symbolic link in it
 * @param files content by path
 * @returns the paths that changed
 * @throws {CheckFailed} that names the link, or the name that exists in another spelling; nothing is written then
 */
export async function writeFiles(root: string, files: ReadonlyMap<string, FileContent>): Promise<string[]> {
  const top = await RealFolder.open(root);
  try {
    for (const path of files.keys()) await checkTarget(top, namesBelow(root, path));
    const changed = await staleFiles(files);
    if (changed.length === 0) return changed;
    const folder = namesBelow(root, join(commonFolder(root, changed), 'name')).slice(0, -1);
    const [parent, missing] = await deepest(top, folder);
    const at = folder.length - missing.length;
    const stageName = newStageName();
    const stage = await made(parent, [stageName]);
    try {
      const moves = changed.map((path) => namesBelow(root, path).slice(at).join('/'));
      for (const [index, move] of moves.entries())
        await stageFile(stage, ['files', ...move.split('/')], files.get(changed[index] ?? '') ?? '');
      if (missing.length === 0) {
        await writeFile(stage.at('draft.json'), JSON.stringify(moves), { flag: 'wx' });
        await rename(stage.at('draft.json'), stage.at(journalFile));
        await carryOut(parent, stage, moves);
      } else {
        const whole = await made(stage, ['files', ...missing.slice(0, -1)]);
        const place = await made(parent, missing.slice(0, -1));
        await rename(whole.at(missing.at(-1) ?? ''), place.at(missing.at(-1) ?? ''));
      }
    } finally {
      await rm(parent.at(stageName), { recursive: true, force: true });
    }
    return changed;
  } finally {
    await top.close();
  }
}

/** Completes the writes of a killed process in the folders of `parent`, or removes its temporary files where no rename had begun. */
export async function finishWrites(root: string, parent: string): Promise<void> {
  const top = await RealFolder.open(root);
  try {
    const [folder, missing] = await deepest(top, namesBelow(root, join(parent, 'name')).slice(0, -1));
    if (missing.length > 0) return;
    const names = (await readdir(folder.at('.'))).filter((each) => each.startsWith(stagePrefix));
    for (const name of names) {
      if (isRunning(Number(name.slice(stagePrefix.length).split('-')[0]))) continue;
      // A journal that leads elsewhere, or a link in its place, does not come from this command: it is removed.
      await carryOn(folder, name).catch((error: unknown) => {
        if (!(error instanceof CheckFailed)) throw error;
      });
      await rm(folder.at(name), { recursive: true, force: true });
    }
  } catch (error) {
    // No write is ever begun behind a link; a command that writes there reports the link.
    if (!(error instanceof CheckFailed)) throw error;
  } finally {
    await top.close();
  }
}

async function carryOn(folder: RealFolder, name: string): Promise<void> {
  const stage = await folder.folder(name, false);
  const journal = stage && (await readFile(stage.at(journalFile), 'utf8').catch(() => undefined));
  if (stage !== undefined && journal !== undefined) await carryOut(folder, stage, readJournal(journal));
}

/** Deletes files of one folder, and the folder below the root where it is empty then. @throws {CheckFailed} where a link leads to it */
export async function removeFiles(root: string, folder: string, names: readonly string[]): Promise<void> {
  const top = await RealFolder.open(root);
  try {
    const way = namesBelow(root, join(folder, 'name')).slice(0, -1);
    const parent = await made(top, way.slice(0, -1));
    const place = await made(parent, way.slice(-1));
    for (const name of names) await rm(place.at(name), { force: true });
    if (way.length === 0) return;
    await rmdir(parent.at(way.at(-1) ?? '')).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY') throw error;
    });
  } finally {
    await top.close();
  }
}

/**
 * Deletes a folder with its content: it is renamed first, so that all of it is gone or none, even if the process is killed.
 * @param after work that belongs to it, such as the change of a list that names the folder; where it fails, the folder comes back
 * @throws {CheckFailed} where it is a link, or a link leads to it
 */
export async function removeFolder(root: string, folder: string, after?: () => Promise<unknown>): Promise<void> {
  const top = await RealFolder.open(root);
  try {
    const way = namesBelow(root, folder);
    const name = way.at(-1) ?? '';
    const [parent, missing] = await deepest(top, way.slice(0, -1));
    const isThere = missing.length === 0 && (await parent.folder(name, false)) !== undefined;
    const gone = newStageName();
    if (isThere) await rename(parent.at(name), top.at(gone));
    try {
      await after?.();
    } catch (cause) {
      if (isThere) await rename(top.at(gone), parent.at(name));
      throw cause;
    }
    if (isThere) await rm(top.at(gone), { recursive: true, force: true });
  } finally {
    await top.close();
  }
}

/** The files whose content on the disk differs. */
export async function staleFiles(files: ReadonlyMap<string, FileContent>): Promise<string[]> {
  const stale: string[] = [];
  for (const [path, content] of files) {
    const data = typeof content === 'string' ? content : content.data;
    const bytes = typeof data === 'string' ? Buffer.from(data) : data;
    const present = await readFile(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (present?.equals(bytes) !== true) stale.push(path);
  }
  return stale;
}

/**
 * Checks that these files can be written. Call it before reading one of them: reading through a link may never end.
 * @throws {CheckFailed} as `writeFiles` does
 */
export async function checkFiles(root: string, paths: Iterable<string>): Promise<void> {
  const top = await RealFolder.open(root);
  try {
    for (const path of paths) await checkTarget(top, namesBelow(root, path));
  } finally {
    await top.close();
  }
}

async function checkTarget(top: RealFolder, names: readonly string[]): Promise<void> {
  const [folder, missing] = await deepest(top, names.slice(0, -1));
  if (missing.length === 0) await folder.checkFile(names.at(-1) ?? '');
}

/** The deepest folder on the way that is there, and the names of those that are not. */
async function deepest(top: RealFolder, names: readonly string[]): Promise<[RealFolder, readonly string[]]> {
  let folder = top;
  for (const [index, name] of names.entries()) {
    const next = await folder.folder(name, false);
    if (next === undefined) return [folder, names.slice(index)];
    folder = next;
  }
  return [folder, []];
}

async function made(from: RealFolder, names: readonly string[]): Promise<RealFolder> {
  let folder = from;
  for (const name of names) folder = (await folder.folder(name, true)) ?? folder;
  return folder;
}

async function stageFile(stage: RealFolder, names: readonly string[], content: FileContent): Promise<void> {
  const folder = await made(stage, names.slice(0, -1));
  const { data, isExecutable } = typeof content === 'string' ? { data: content, isExecutable: false } : content;
  await writeFile(folder.at(names.at(-1) ?? ''), data, { flag: 'wx', mode: isExecutable ? 0o777 : 0o666 });
}

/** @param moves paths below `parent`, with `/`; the new files are below `files` of the stage */
async function carryOut(parent: RealFolder, stage: RealFolder, moves: readonly string[]): Promise<void> {
  for (const move of moves) {
    const names = move.split('/');
    const name = names.at(-1) ?? '';
    const from = await made(stage, ['files', ...names.slice(0, -1)]);
    const to = await made(parent, names.slice(0, -1));
    await to.checkFile(name);
    await rename(from.at(name), to.at(name)).catch((error: NodeJS.ErrnoException) => {
      // Moved already, before the process was killed.
      if (error.code !== 'ENOENT') throw error;
    });
  }
}

/** The paths of a journal; none where it has another form. */
function readJournal(text: string): readonly string[] {
  try {
    const moves: unknown = JSON.parse(text);
    return Array.isArray(moves) && moves.every((move) => typeof move === 'string') ? moves : [];
  } catch {
    return [];
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

/** The deepest folder at or below `root` that holds all paths. */
function commonFolder(root: string, paths: readonly string[]): string {
  let folder = dirname(paths[0] ?? root);
  while (!paths.every((path) => path.startsWith(join(folder, '/'))) && relative(root, folder) !== '')
    folder = dirname(folder);
  return folder;
}
