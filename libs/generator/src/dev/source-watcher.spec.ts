import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { watchSources } from './source-watcher.js';

let root = '';
let saved: string[] = [];
let close: () => Promise<void>;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'frontage-watch-'));
  await mkdir(join(root, 'src/home'), { recursive: true });
  await mkdir(join(root, 'dist'));
  await writeFile(join(root, 'src/home/home.screen.ts'), '1');
  saved = [];
  close = await watchSources([root], (file) => saved.push(relative(root, file)));
});
afterEach(async () => {
  await close();
  await rm(root, { recursive: true, force: true });
});

async function sees(path: string, change: () => Promise<unknown>): Promise<void> {
  saved = [];
  await change();
  await vi.waitFor(() => expect(saved).toContain(path), { timeout: 15_000 });
}
const write = (path: string, text: string): Promise<void> => writeFile(join(root, path), text);

describe('a watch of sources', () => {
  it('sees every save, in place or by a new file in the place of the old one', async () => {
    const path = 'src/home/home.screen.ts';
    await sees(path, () => write(path, '2'));
    for (const text of ['3', '4']) {
      await write('src/home/.saving', text);
      await sees(path, () => rename(join(root, 'src/home/.saving'), join(root, path)));
    }
    await sees(path, () => write(path, '5'));
    await sees(path, () => rm(join(root, path)));
  });

  it('sees what is in folders that come later, from their first file', async () => {
    await sees('src/cart/deep/cart.screen.ts', async () => {
      await mkdir(join(root, 'src/cart/deep'), { recursive: true });
      await write('src/cart/deep/cart.screen.ts', '1');
    });
    await sees('src/cart/deep/cart.screen.ts', () => write('src/cart/deep/cart.screen.ts', '2'));
    await rename(join(root, 'src/cart'), join(root, 'src/basket'));
    await sees('src/basket/deep/cart.screen.ts', () => write('src/basket/deep/cart.screen.ts', '3'));
  });

  it('sees nothing of tests, of what is built, and of other files', async () => {
    await write('src/home/home.spec.ts', '1');
    await write('src/home/notes.md', '1');
    await write('src/home/home.incident-4ec3a2ba.json', '1');
    await write('src/r-1.incident.json', '1');
    await mkdir(join(root, '.frontage'), { recursive: true });
    await write('.frontage/record.gen.json', '1');
    await write('dist/main.ts', '1');
    await mkdir(join(root, 'node_modules/x'), { recursive: true });
    await write('node_modules/x/index.ts', '1');
    // The last change is seen after the others.
    await sees('src/home/home.screen.ts', () => write('src/home/home.screen.ts', '2'));
    expect(new Set(saved)).toEqual(new Set(['src/home/home.screen.ts']));
  });

  it('sees the first save after it has begun, and none after its end', async () => {
    await close();
    close = await watchSources([root], (file) => saved.push(relative(root, file)));
    expect(saved).toEqual([]);
    await sees('src/home/home.screen.ts', () => write('src/home/home.screen.ts', '2'));
    await close();
    saved = [];
    const seenByOther: string[] = [];
    const other = await watchSources([root], (file) => seenByOther.push(file));
    await write('src/home/home.screen.ts', '3');
    await vi.waitFor(() => expect(seenByOther).not.toEqual([]), { timeout: 15_000 });
    await other();
    expect(saved).toEqual([]);
  });

  it('does not follow links, which may lead round in a circle', async () => {
    await symlink(root, join(root, 'src/circle'));
    await sees('src/home/home.screen.ts', () => write('src/home/home.screen.ts', '2'));
    expect(saved.filter((path) => path.includes('circle'))).toEqual([]);
  });

  it('sees a folder that is there only later, though its name is one that is left out elsewhere', async () => {
    const folder = join(root, '.policy');
    await close();
    close = await watchSources([folder], (file) => saved.push(relative(root, file)));
    await sees('.policy/base.yaml', async () => {
      await mkdir(folder);
      await write('.policy/base.yaml', '1');
    });
  });
});
