import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runProgram } from '../../program.js';

const document = JSON.stringify({
  openapi: '3.1.0',
  info: { title: 'tv', version: '1' },
  paths: { '/home': { get: { operationId: 'tv.home', responses: { 204: { description: '' } } } } },
});

let folder = '';
let root = '';
let out = '';
let errors = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'frontage-sdk-'));
  root = join(folder, 'shop');
  await put('shop/libs/upstreams/package.json', '{}');
  await put('shop/apps/tv/bff.yaml', 'bff: tv\n');
  await put('shop/apps/tv/openapi.gen.json', document);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), text);
}

function frontage(cwd: string, ...args: string[]): Promise<number> {
  out = '';
  errors = '';
  return runProgram(args, {
    cwd: join(folder, cwd),
    write: (text) => (out += text),
    writeError: (text) => (errors += text),
  });
}

const names = (path: string): Promise<string[]> => readdir(join(folder, path)).then((found) => found.toSorted());

describe('frontage sdk', () => {
  it('writes the client into a folder of another repository, and says what to import', async () => {
    expect(await frontage('shop/apps/tv', 'sdk', 'tv', '--out', '../../../page/src/bff', '--hooks')).toBe(0);
    expect(out).toBe(
      `  write   ../page/src/bff/frontage.client.gen.ts
  write   ../page/src/bff/tv.gen.ts
  write   ../page/src/bff/tv.hooks.gen.ts

Next:

  import { createTv } from './tv.gen.js'   in the frontend
`,
    );
    expect(await names('page/src/bff')).toEqual(['frontage.client.gen.ts', 'tv.gen.ts', 'tv.hooks.gen.ts']);
  });

  it('changes nothing the second time, not even a time of change', async () => {
    await frontage('shop', 'sdk', 'tv', '--out', 'page');
    const path = join(root, 'page/tv.gen.ts');
    const before = await stat(path, { bigint: true });
    expect(await frontage('shop', 'sdk', 'tv', '--out', 'page')).toBe(0);
    expect(out).toBe('page is current: nothing has changed\n');
    expect((await stat(path, { bigint: true })).mtimeNs).toBe(before.mtimeNs);
  });

  it('writes nothing at all where one of the files is written by hand', async () => {
    await put('shop/page/tv.gen.ts', 'export const mine = 1;\n');
    expect(await frontage('shop', 'sdk', 'tv', '--out', 'page')).toBe(1);
    expect(errors).toContain('page/tv.gen.ts: `frontage sdk` did not make this file, so it is not overwritten.');
    expect(await names('shop/page')).toEqual(['tv.gen.ts']);
    expect(await readFile(join(root, 'page/tv.gen.ts'), 'utf8')).toBe('export const mine = 1;\n');
  });

  it('leaves other files of the folder alone', async () => {
    await put('shop/page/home.ts', 'export const home = 1;\n');
    expect(await frontage('shop', 'sdk', 'tv', '--out', 'page')).toBe(0);
    expect(await names('shop/page')).toEqual(['frontage.client.gen.ts', 'home.ts', 'tv.gen.ts']);
  });

  it('checks with --check, and lists with --dry-run, without a write', async () => {
    expect(await frontage('shop', 'sdk', 'tv', '--out', 'page', '--check')).toBe(1);
    expect(errors).toBe(
      'not current:\n  page/frontage.client.gen.ts\n  page/tv.gen.ts\nRun the same command without --check.\n',
    );
    expect(await frontage('shop', 'sdk', 'tv', '--out', 'page', '--dry-run')).toBe(0);
    expect(out).toBe('  write   page/frontage.client.gen.ts\n  write   page/tv.gen.ts\nNothing was written.\n');
    await expect(names('shop/page')).rejects.toThrow('ENOENT');
    await frontage('shop', 'sdk', 'tv', '--out', 'page');
    expect(await frontage('shop', 'sdk', 'tv', '--out', 'page', '--check')).toBe(0);
  });

  it('imports with the ending that the bundler of the frontend takes', async () => {
    const imports = async (end: string): Promise<string | undefined> => {
      await frontage('shop', 'sdk', 'tv', '--out', 'page', '--imports', end);
      return /from '(\.[^']+)'/.exec(await readFile(join(root, 'page/tv.gen.ts'), 'utf8'))?.[1];
    };
    expect(await imports('none')).toBe('./frontage.client.gen');
    expect(await imports('ts')).toBe('./frontage.client.gen.ts');
    expect(await frontage('shop', 'sdk', 'tv', '--out', 'page', '--imports', 'mjs')).toBe(2);
    expect(errors).toContain('--imports mjs is none of js, ts and none');
  });

  it('says what is missing: the app, the document, the folder', async () => {
    expect(await frontage('shop', 'sdk', 'tvv', '--out', 'page')).toBe(2);
    expect(errors).toBe('error: there is no app tvv; did you mean tv?\n');
    await rm(join(root, 'apps/tv/openapi.gen.json'));
    expect(await frontage('shop', 'sdk', 'tv', '--out', 'page')).toBe(1);
    expect(errors).toBe('apps/tv/openapi.gen.json is missing. Run: npx frontage accept tv\n');
    expect(await frontage('shop', 'sdk', 'tv')).toBe(2);
    expect(errors).toContain('--out');
  });

  it('prints one object with --json', async () => {
    expect(await frontage('shop', 'sdk', 'tv', '--out', 'page', '--json')).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      command: 'sdk',
      ok: true,
      files: [
        { path: 'page/frontage.client.gen.ts', change: 'write' },
        { path: 'page/tv.gen.ts', change: 'write' },
      ],
      sdk: { app: 'tv', client: 'createTv', operations: ['home'], leftOut: [] },
    });
  });
});
