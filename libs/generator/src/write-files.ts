import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readIfThere } from './upstream-folders.js';

/**
 * Writes all files or none: every text first goes beside its target, and only when all are on the disk are they renamed into place.
 * A file that has this text already is not touched.
 * @param files text by path
 * @returns the paths that changed
 */
export async function writeFiles(files: ReadonlyMap<string, string>): Promise<string[]> {
  const changed = await staleFiles(files);
  const staged: { path: string; temporary: string }[] = [];
  try {
    for (const path of changed) {
      await mkdir(dirname(path), { recursive: true });
      const temporary = join(dirname(path), `.${randomUUID()}.tmp`);
      staged.push({ path, temporary });
      await writeFile(temporary, files.get(path) ?? '');
    }
    for (const { path, temporary } of staged) await rename(temporary, path);
  } finally {
    await Promise.all(staged.map(({ temporary }) => rm(temporary, { force: true })));
  }
  return changed;
}

/** The files whose text on the disk is another one. */
export async function staleFiles(files: ReadonlyMap<string, string>): Promise<string[]> {
  const stale: string[] = [];
  for (const [path, text] of files) if ((await readIfThere(path)) !== text) stale.push(path);
  return stale;
}
