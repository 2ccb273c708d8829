import { chmod, mkdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WorkspaceCopy } from './workspace-copy.js';

let workspace: WorkspaceCopy;
beforeEach(async () => {
  workspace = await WorkspaceCopy.bare([]);
});
afterEach(() => workspace.remove());

async function put(path: string, data: string | Uint8Array, mode = 0o644): Promise<void> {
  const file = join(workspace.root, 'templates/app/mobile', path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, data);
  await chmod(file, mode);
}

const made = (path: string): Promise<Buffer> => readFile(join(workspace.root, 'apps/tv', path));
const modeOf = async (path: string): Promise<number> =>
  (await stat(join(workspace.root, 'apps/tv', path))).mode & 0o111;
const create = (): Promise<{ code: number; out: string; errors: string }> =>
  workspace.frontage('new', 'tv', '--client', 'mobile');

describe('a template of an app', () => {
  it('may hold files that the formatter has no language for', async () => {
    const files = {
      Dockerfile: 'FROM node:24\nCOPY . /__name__\nCMD ["node",   "dist/main.js"]\n',
      '.env.example': '__NAME___PORT=__port__\n',
      '.dockerignore': 'node_modules\n',
      LICENSE: '__Name__\n',
      Makefile: '__name__:\n\techo  __name__\n',
      'deploy/__name__.service': 'ExecStart=/__name__\n',
      'notes.unknown': 'a   b\r\nc\n',
      empty: '',
    };
    for (const [path, text] of Object.entries(files)) await put(path, text);
    expect(await create()).toMatchObject({ code: 0, errors: '' });
    const filled = (text: string): string =>
      text.replaceAll('__name__', 'tv').replaceAll('__Name__', 'Tv').replaceAll('__NAME__', 'TV').replaceAll('__port__', '4001'); // prettier-ignore
    for (const [path, text] of Object.entries(files)) expect((await made(filled(path))).toString()).toBe(filled(text));
  });

  it('may hold files that are no text, which keep their bytes', async () => {
    const image = Uint8Array.from([0x89, 0x50, 0x4e, 0x47, 0, 1, 2, 0xff, 0xfe]);
    const latin = Buffer.concat([Buffer.from('__name__ '), Uint8Array.from([0xe9, 0x0a])]);
    await put('assets/__name__.png', image);
    await put('latin.md', latin);
    await put('nul.json', '__name__\0');
    expect(await create()).toMatchObject({ code: 0, errors: '' });
    expect([...(await made('assets/tv.png'))]).toEqual([...image]);
    expect([...(await made('latin.md'))]).toEqual([...latin]);
    expect((await made('nul.json')).toString()).toBe('__name__\0');
  });

  it('may hold scripts, which may still be run afterwards', async () => {
    await put('bin/start', '#!/bin/sh\nexec node /__name__\n', 0o755);
    await put('bin/check.mjs', 'export   const name="__name__"', 0o700);
    await put('bin/data.txt', '__name__\n');
    await put('bin/tool', Uint8Array.from([0x7f, 0x45, 0x4c, 0x46, 0]), 0o755);
    expect(await create()).toMatchObject({ code: 0, errors: '' });
    expect((await made('bin/start')).toString()).toBe('#!/bin/sh\nexec node /tv\n');
    expect((await made('bin/check.mjs')).toString()).toBe(`export const name = 'tv';\n`);
    expect(await modeOf('bin/start')).not.toBe(0);
    expect(await modeOf('bin/check.mjs')).not.toBe(0);
    expect(await modeOf('bin/tool')).not.toBe(0);
    expect(await modeOf('bin/data.txt')).toBe(0);
  });

  it('may hold files of a known language that only another tool can read', async () => {
    const chart = '{{- if .Values.on }}\nname: __name__\n{{ end }}\n  - : {\n';
    await put('chart/deployment.yaml', chart);
    expect(await create()).toMatchObject({ code: 0, errors: '' });
    expect((await made('chart/deployment.yaml')).toString()).toBe(chart.replace('__name__', 'tv'));
  });

  it('holds no link: a command that met one says so and writes nothing', async () => {
    await symlink('/etc/hostname', join(workspace.root, 'templates/app/mobile/hosts'));
    const before = await workspace.everything();
    expect(await create()).toEqual({
      code: 2,
      out: '',
      errors: 'error: the template has "hosts", which is no file: replace it by a file\n',
    });
    expect(await workspace.everything()).toEqual(before);
  });

  it.each([
    ['__name__.txt', 'tv.txt'],
    ['Notes.txt', 'notes.txt'],
  ])('holds no two files of one name: %s and %s', async (one, other) => {
    await put(one, '');
    await put(other, '');
    const { code, errors } = await create();
    expect(code).toBe(2);
    expect(errors).toMatch(/two files of the template become "(?:tv|notes|Notes)\.txt", letter case aside: rename one/);
  });
});
