import { existsSync } from 'node:fs';
import {
  link,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  unlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runProgram } from '../program.js';
import { RealFolder } from './real-folder.js';
import { finishWrites, writeFiles } from './write-files.js';

let base = '';
let root = '';
let outside = '';
let errors = '';
beforeEach(async () => {
  base = await mkdtemp(join(tmpdir(), 'frontage-links-'));
  root = join(base, 'workspace');
  outside = join(base, 'outside');
  await put('package.json', '{}');
  await put('libs/upstreams/package.json', '{}');
  await put('apps/tv/package.json', '{}');
  await put('apps/tv/bff.yaml', 'bff: tv\nlisten: { port: 4010 }\n');
  await put('apps/tv/dist/main.js', 'console.log("{}");');
  await put('orders.yaml', contract);
  await mkdir(outside);
  await writeFile(join(outside, 'kept'), 'kept');
});
afterEach(() => rm(base, { recursive: true, force: true }));

const contract = `openapi: 3.1.0
info: { title: Orders, version: '1' }
paths: { /a: { get: { operationId: a, responses: { '200': { description: ok } } } } }
`;

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
}

function frontage(...args: string[]): Promise<number> {
  errors = '';
  return runProgram(args, { cwd: root, write: () => undefined, writeError: (text) => (errors += text) });
}

const add = (...options: string[]): Promise<number> => frontage('upstream', 'add', 'orders', 'orders.yaml', ...options);

/** No file outside was added, removed or changed. */
async function expectOutsideUntouched(): Promise<void> {
  expect(await readdir(outside, { recursive: true })).toEqual(['kept']);
  expect(await readFile(join(outside, 'kept'), 'utf8')).toBe('kept');
}

describe('a symbolic link out of the workspace', () => {
  it.each([
    ['the folder of an upstream', 'libs/upstreams/orders', []],
    ['the folder of all upstreams of an app', 'apps/tv/upstreams', ['--app', 'tv']],
    ['the folder of one upstream of an app', 'apps/tv/upstreams/orders', ['--app', 'tv']],
  ])('is refused as %s', async (_, place, options) => {
    await mkdir(dirname(join(root, place)), { recursive: true });
    await symlink(outside, join(root, place));
    expect(await add(...options)).toBe(1);
    expect(errors).toMatch(new RegExp(`^${place} is a symbolic link to \\S+: nothing is written through a link`));
    await expectOutsideUntouched();
  });

  it.each(['openapi.yaml', 'orders.gen.ts', 'schemas.gen.ts', 'source.gen.json'])(
    'is refused as the file %s, whether its target exists or not',
    async (file) => {
      for (const target of ['kept', 'not-there']) {
        await mkdir(join(root, 'libs/upstreams/orders'), { recursive: true });
        await symlink(join(outside, target), join(root, 'libs/upstreams/orders', file));
        expect(await add()).toBe(1);
        expect(errors).toContain(`libs/upstreams/orders/${file} is a symbolic link to `);
        await expectOutsideUntouched();
        await rm(join(root, 'libs/upstreams/orders'), { recursive: true });
      }
    },
  );

  it('is refused where the folder of apps or of libs is one', async () => {
    await rename(join(root, 'libs'), join(outside, 'libs'));
    await symlink(join(outside, 'libs'), join(root, 'libs'));
    expect(await add()).toBe(1);
    expect(errors).toMatch(/^libs is a symbolic link to /);
    expect(await readdir(join(outside, 'libs/upstreams'))).toEqual(['package.json']);
  });

  it('is refused by `upstream update` and `upstream remove`', async () => {
    expect(await add()).toBe(0);
    await rename(join(root, 'libs/upstreams/orders'), join(outside, 'orders'));
    await symlink(join(outside, 'orders'), join(root, 'libs/upstreams/orders'));
    await put('orders.yaml', contract.replace('Orders', 'Others'));
    expect(await frontage('upstream', 'update')).toBe(1);
    expect(errors).toContain('libs/upstreams/orders is a symbolic link to ');
    expect(await frontage('upstream', 'remove', 'orders')).toBe(1);
    expect(errors).toContain('libs/upstreams/orders is a symbolic link to ');
    expect(await readFile(join(outside, 'orders/openapi.yaml'), 'utf8')).toBe(contract);
  });

  it('is refused by `accept`, for the file and for the folder of the app', async () => {
    await symlink(join(outside, 'kept'), join(root, 'apps/tv/openapi.gen.json'));
    expect(await frontage('accept', 'tv')).toBe(1);
    expect(errors).toContain('apps/tv/openapi.gen.json is a symbolic link to ');
    await expectOutsideUntouched();
    await unlink(join(root, 'apps/tv/openapi.gen.json'));
    await rename(join(root, 'apps/tv'), join(outside, 'tv'));
    await symlink(join(outside, 'tv'), join(root, 'apps/tv'));
    expect(await frontage('accept', 'tv')).toBe(1);
    expect(errors).toContain('apps/tv is a symbolic link to ');
    expect(existsSync(join(outside, 'tv/openapi.gen.json'))).toBe(false);
  });

  it('is refused by `new`, for the folder of apps and for each listing', async () => {
    const listings = { 'nest-cli.json': '{ "projects": {} }', 'tsconfig.json': '{ "references": [] }' };
    await put('templates/app/clients.json', '{ "web": { "description": "", "path": "/", "scope": "a" } }');
    await put('templates/app/web/src/main.ts', 'export {};\n');
    for (const [name, text] of Object.entries(listings)) await put(name, text);
    await rename(join(root, 'apps'), join(outside, 'apps'));
    await symlink(join(outside, 'apps'), join(root, 'apps'));
    expect(await frontage('new', 'radio', '--client', 'web')).toBe(1);
    expect(errors).toContain('apps is a symbolic link to ');
    expect(await readdir(join(outside, 'apps'))).toEqual(['tv']);
    await unlink(join(root, 'apps'));
    await rename(join(outside, 'apps'), join(root, 'apps'));
    for (const name of Object.keys(listings)) {
      await rename(join(root, name), join(outside, name));
      await symlink(join(outside, name), join(root, name));
      const before = await readFile(join(outside, name), 'utf8');
      expect(await frontage('new', 'radio', '--client', 'web')).toBe(1);
      expect(errors).toContain(`${name} is a symbolic link to `);
      expect(await readFile(join(outside, name), 'utf8')).toBe(before);
      expect(existsSync(join(root, 'apps/radio'))).toBe(false);
      await unlink(join(root, name));
      await rename(join(outside, name), join(root, name));
    }
    expect(await frontage('new', 'radio', '--client', 'web')).toBe(0);
  });

  it('is refused among the files of a killed command, and so is a journal that leads out', async () => {
    const stage = '.frontage-write-999999999-a';
    const write = async (folder: string, move: string): Promise<void> => {
      await mkdir(join(folder, stage, 'files', dirname(move).replaceAll('..', '')), { recursive: true });
      await writeFile(join(folder, stage, 'files/kept'), 'taken');
      await writeFile(join(folder, stage, 'journal.json'), JSON.stringify([move]));
    };
    for (const move of [
      '../../../outside/kept',
      '../outside/kept',
      'a/../../../../outside/kept',
      join(outside, 'kept'),
    ]) {
      await write(join(root, 'libs/upstreams'), move);
      await finishWrites(root, join(root, 'libs/upstreams'));
      expect(await readdir(join(root, 'libs/upstreams'))).not.toContain(stage);
    }
    await expectOutsideUntouched();
    await write(outside, 'kept');
    await symlink(outside, join(root, 'libs/upstreams/linked'));
    await finishWrites(root, join(root, 'libs/upstreams/linked'));
    expect(await readFile(join(outside, 'kept'), 'utf8')).toBe('kept');
    expect(await readdir(outside)).toContain(stage);
  });

  it.runIf(process.platform === 'linux')(
    'is not followed where it replaces a folder between the check and the write',
    async () => {
      const top = await RealFolder.open(root);
      const folder = await (await top.folder('apps', false))?.folder('tv', false);
      const aside = join(base, 'aside');
      await rename(join(root, 'apps'), aside);
      await mkdir(join(outside, 'tv'));
      await symlink(outside, join(root, 'apps'));
      await writeFile(folder?.at('new') ?? '', 'new', { flag: 'wx' });
      await rename(folder?.at('new') ?? '', folder?.at('newer') ?? '');
      await folder?.folder('below', true);
      await top.close();
      expect(await readdir(join(aside, 'tv'))).toEqual(expect.arrayContaining(['newer', 'below']));
      expect(await readdir(join(outside, 'tv'))).toEqual([]);
    },
  );

  it('is allowed above the workspace', async () => {
    await symlink(root, join(base, 'linked'));
    root = join(base, 'linked');
    expect(await add()).toBe(0);
    expect(existsSync(join(base, 'workspace/libs/upstreams/orders/orders.gen.ts'))).toBe(true);
  });
});

describe('a file with another name', () => {
  it('keeps its content where a hard link of it is written', async () => {
    await mkdir(join(root, 'libs/upstreams/orders'));
    await link(join(outside, 'kept'), join(root, 'libs/upstreams/orders/schemas.gen.ts'));
    expect(await add()).toBe(0);
    await expectOutsideUntouched();
  });

  it.each([
    ['Orders', ''],
    ['orders', 'Schemas.gen.ts'],
    ['orders', 'openapi.YAML'],
  ])('stops a command where only letter case tells them apart: %s/%s', async (folder, file) => {
    await put(join('libs/upstreams', folder, file || 'note.txt'), 'mine');
    expect(await add()).toBe(1);
    expect(errors).toMatch(/ are one name where letter case does not count: rename one of them/);
    const names = await readdir(join(root, 'libs/upstreams'), { recursive: true });
    expect(names.toSorted()).toEqual(['package.json', folder, join(folder, file || 'note.txt')].toSorted());
  });

  it.each([
    '..',
    '.',
    'a/../..',
    '../../outside',
    '/tmp/x',
    'a\\..\\b',
    'A',
    'orders@..',
    'schemas',
    'validators',
    'con',
  ])('cannot be reached by an upstream called %j', async (name) => {
    for (const args of [
      ['add', name, 'orders.yaml'],
      ['remove', name],
      ['update', name],
    ])
      expect(await frontage('upstream', ...args)).toBe(2);
    expect(await frontage('upstream', 'add', 'orders', 'orders.yaml', '--app', name)).toBe(2);
    await expectOutsideUntouched();
    expect(await readdir(join(root, 'libs/upstreams'))).toEqual(['package.json']);
  });

  it('is refused where it is a folder or a pipe', async () => {
    await mkdir(join(root, 'libs/upstreams/orders/schemas.gen.ts'), { recursive: true });
    expect(await add()).toBe(1);
    expect(errors).toBe('libs/upstreams/orders/schemas.gen.ts is no file\n');
  });
});

it('a path outside the workspace is refused', async () => {
  await expect(writeFiles(root, new Map([[join(outside, 'new'), '']]))).rejects.toThrow(/lies outside/);
  await expect(writeFiles(root, new Map([[join(root, '../outside/new'), '']]))).rejects.toThrow(/lies outside/);
  await expectOutsideUntouched();
});

it('bytes and the executable bit are kept', async () => {
  const path = join(root, 'apps/tv/run');
  await writeFiles(root, new Map([[path, { data: Buffer.from([0, 255, 10]), isExecutable: true }]]));
  expect([...(await readFile(path))]).toEqual([0, 255, 10]);
  expect((await stat(path)).mode & 0o100).toBe(0o100);
});
