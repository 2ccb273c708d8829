import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { withOwner, withoutOwner } from '../new-app/owners.js';
import { removeFiles, writeFiles, type FileContent } from '../workspace/write-files.js';
import type { PlannedUpgrade } from './plan-upgrade.js';

/**
 * Writes an upgrade: all of it, or nothing. Files are written before the files that they replace are deleted.
 * @returns every path that has changed
 */
export async function applyUpgrade(root: string, plan: PlannedUpgrade): Promise<string[]> {
  const writes = new Map([...plan.writes, ...(await ownerFile(root, plan))]);
  const deletes = plan.deletes.filter((path) => existsSync(path));
  const before = new Map<string, FileContent>();
  const added: string[] = [];
  for (const path of [...writes.keys(), ...deletes])
    if (existsSync(path)) before.set(path, { data: await readFile(path), isExecutable: await isExecutable(path) });
    else added.push(path);
  try {
    if (writes.size > 0) await writeFiles(root, writes);
    for (const path of deletes) await removeFiles(root, dirname(path), [basename(path)]);
  } catch (cause) {
    if (before.size > 0) await writeFiles(root, before);
    for (const path of added) if (existsSync(path)) await removeFiles(root, dirname(path), [basename(path)]);
    throw cause;
  }
  return [...writes.keys(), ...deletes];
}

const isExecutable = async (path: string): Promise<boolean> => ((await stat(path)).mode & 0o111) !== 0;

/** The file that says who reviews changes, with another owner. */
async function ownerFile(root: string, { target, owner }: PlannedUpgrade): Promise<(readonly [string, string])[]> {
  const { app } = target;
  if (app === undefined || owner === undefined) return [];
  const without = await withoutOwner(root, app);
  const line = `/apps/${app}/ ${owner}\n`;
  if (without !== undefined)
    return [[without.path, `${without.text.replace(/(?<!\n)$/, without.text === '' ? '' : '\n')}${line}`]];
  const added = await withOwner(root, app, owner);
  return added === undefined ? [] : [[join(added.path), added.text]];
}
