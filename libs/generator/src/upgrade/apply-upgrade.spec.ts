import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { removeFiles } from '../workspace/write-files.js';
import { applyUpgrades } from './apply-upgrade.js';
import type { PlannedUpgrade } from './plan-upgrade.js';

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'frontage-apply-'));
  await mkdir(join(root, 'apps/tv'), { recursive: true });
  await writeFile(join(root, 'apps/tv/a.ts'), 'before\n');
  await writeFile(join(root, 'apps/tv/gone.ts'), 'gone\n');
});
afterEach(() => rm(root, { recursive: true, force: true }));

const plan = (deletes: readonly string[]): PlannedUpgrade => ({
  target: { app: 'tv', folder: join(root, 'apps/tv'), shown: 'apps/tv' },
  template: 'mobile',
  from: '1',
  to: '2',
  outcomes: [],
  notes: [],
  codemods: [],
  writes: new Map(
    [
      ['a.ts', 'after\n'],
      ['added.ts', 'added\n'],
    ].map(([path = '', text = '']) => [join(root, 'apps/tv', path), text]),
  ),
  deletes: deletes.map((path) => join(root, 'apps/tv', path)),
});

it('writes, adds and deletes', async () => {
  await applyUpgrades(root, [plan(['gone.ts'])]);
  expect((await readdir(join(root, 'apps/tv'))).toSorted()).toEqual(['a.ts', 'added.ts']);
  expect(await readFile(join(root, 'apps/tv/a.ts'), 'utf8')).toBe('after\n');
});

it('changes nothing where a link leads to one of the files', async () => {
  await mkdir(join(root, 'elsewhere'));
  await writeFile(join(root, 'elsewhere/file.ts'), 'elsewhere\n');
  await symlink(join(root, 'elsewhere'), join(root, 'apps/tv/linked'));
  await expect(applyUpgrades(root, [plan(['gone.ts', 'linked/file.ts'])])).rejects.toThrow('link');
  expect((await readdir(join(root, 'apps/tv'))).toSorted()).toEqual(['a.ts', 'gone.ts', 'linked']);
  expect(await readFile(join(root, 'apps/tv/a.ts'), 'utf8')).toBe('before\n');
  expect(await readFile(join(root, 'elsewhere/file.ts'), 'utf8')).toBe('elsewhere\n');
});

it('brings everything back where a deletion fails after files were written', async () => {
  await writeFile(join(root, 'apps/tv/stuck.ts'), 'stuck\n');
  const remove: typeof removeFiles = async (top, folder, names) => {
    if (names.includes('stuck.ts')) throw new Error('EBUSY');
    await removeFiles(top, folder, names);
  };
  await expect(applyUpgrades(root, [plan(['gone.ts', 'stuck.ts'])], remove)).rejects.toThrow('EBUSY');
  expect((await readdir(join(root, 'apps/tv'))).toSorted()).toEqual(['a.ts', 'gone.ts', 'stuck.ts']);
  expect(await readFile(join(root, 'apps/tv/a.ts'), 'utf8')).toBe('before\n');
  expect(await readFile(join(root, 'apps/tv/gone.ts'), 'utf8')).toBe('gone\n');
});
