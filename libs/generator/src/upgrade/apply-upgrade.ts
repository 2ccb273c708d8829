import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { withOwner, withoutOwner } from '../new-app/owners.js';
import { checkFiles, removeFiles, writeFiles, type FileContent } from '../workspace/write-files.js';
import type { PlannedUpgrade } from './plan-upgrade.js';

/**
 * Writes upgrades: all of them, or nothing. Files are written before the files that they replace are deleted.
 * @param remove deletes the files of one folder
 * @throws {CheckFailed} where a link leads to one of the files; nothing has changed then
 */
export async function applyUpgrades(
  root: string,
  plans: readonly PlannedUpgrade[],
  remove: typeof removeFiles = removeFiles,
): Promise<void> {
  const writes = new Map(plans.flatMap((plan) => [...plan.writes]));
  for (const plan of plans) for (const [path, text] of await ownerFile(root, plan)) writes.set(path, text);
  const deletes = plans.flatMap((plan) => plan.deletes).filter((path) => existsSync(path));
  await checkFiles(root, [...writes.keys(), ...deletes]);
  const before = new Map<string, FileContent>();
  const added: string[] = [];
  for (const path of [...writes.keys(), ...deletes])
    if (existsSync(path)) before.set(path, { data: await readFile(path), isExecutable: await isExecutable(path) });
    else added.push(path);
  try {
    if (writes.size > 0) await writeFiles(root, writes);
    for (const path of deletes) await remove(root, dirname(path), [basename(path)]);
  } catch (cause) {
    if (before.size > 0) await writeFiles(root, before);
    for (const path of added) if (existsSync(path)) await removeFiles(root, dirname(path), [basename(path)]);
    throw cause;
  }
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
