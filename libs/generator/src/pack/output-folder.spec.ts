import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkFolder, digestOf, hasContent, manifestName, writeFolder, type PackedContent } from './output-folder.js';

let parent: string;
let folder: string;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'frontage-folder-'));
  folder = join(parent, 'a/b');
});
afterEach(() => rm(parent, { recursive: true, force: true }));

function content(files: Readonly<Record<string, string>>): PackedContent {
  const digests = Object.fromEntries(Object.entries(files).map(([path, text]) => [path, digestOf(text)]));
  return new Map([...Object.entries(files), [manifestName, JSON.stringify({ app: 'tv', files: digests })]]);
}

const first = content({ 'main.js': '1', 'app/old.js': 'old' });
const second = content({ 'main.js': '2', 'app/new/x.js': 'new' });

describe('a packed folder', () => {
  it('is made with the folders above it, and replaced as a whole', async () => {
    await checkFolder(folder);
    await writeFolder(folder, first);
    expect(await hasContent(folder, first)).toBe(true);
    await checkFolder(folder);
    expect(await hasContent(folder, second)).toBe(false);
    await writeFolder(folder, second);
    expect((await readdir(folder, { recursive: true })).toSorted()).toEqual(
      ['app', 'app/new', 'app/new/x.js', manifestName, 'main.js'].toSorted(),
    );
    expect(await readdir(join(parent, 'a'))).toEqual(['b']);
  });

  it('may have a compile cache and installed packages, which go with it', async () => {
    await writeFolder(folder, first);
    for (const made of ['cache/v24', 'node_modules/x']) {
      mkdirSync(join(folder, made), { recursive: true });
      await writeFile(join(folder, made, 'file'), 'x');
    }
    await checkFolder(folder);
    expect(await hasContent(folder, first)).toBe(true);
  });

  it('is left alone where a file was added, changed, or is no file', async () => {
    await writeFolder(folder, first);
    await writeFile(join(folder, 'main.js'), 'ours');
    await writeFile(join(folder, 'app/k8s\u001b.yaml'), '');
    await symlink('/etc/hostname', join(folder, 'link'));
    await expect(checkFolder(folder)).rejects.toThrow(
      `${folder} was packed before, and afterwards\n  app/k8s\\u001b.yaml was added\n  link was added\n  main.js was changed\nNothing was written`,
    );
    expect(await readFile(join(folder, 'main.js'), 'utf8')).toBe('ours');
  });

  it('that lost a file is completed', async () => {
    await writeFolder(folder, first);
    await rm(join(folder, 'main.js'));
    await checkFolder(folder);
    expect(await hasContent(folder, first)).toBe(false);
  });

  it.each([
    ['a file', (path: string) => writeFile(path, ''), 'is no folder'],
    ['a link', (path: string) => symlink('/tmp', path), 'is a link'],
  ])('is not made in place of %s', async (_, make, reason) => {
    mkdirSync(join(parent, 'a'));
    await make(folder);
    await expect(checkFolder(folder)).rejects.toThrow(`${folder} ${reason}: name a folder that is new`);
  });

  it.each(['{', '[]', '{"app":1,"files":{}}', '{"app":"tv"}', 'null'])(
    'does not begin with a list %j',
    async (list) => {
      mkdirSync(folder, { recursive: true });
      await writeFile(join(folder, manifestName), list);
      await expect(checkFolder(folder)).rejects.toThrow('is not empty, and `frontage pack` did not make it');
    },
  );

  it('may be an empty folder', async () => {
    mkdirSync(folder, { recursive: true });
    await checkFolder(folder);
    await writeFolder(folder, first);
    expect((await stat(join(folder, 'app'))).isDirectory()).toBe(true);
  });
});
