import { spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runProgram } from '../program.js';
import { shellScripts } from './shell-scripts.js';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'frontage-completion-'));
  await put('package.json', '{}');
  await put('upstreams/package.json', '{}');
  for (const app of ['tv', 'kiosk']) await put(`apps/${app}/bff.yaml`, `bff: ${app}\n`);
  const generated =
    'export const contract: Contract = {};\nexport const listOrders: Operation<\nexport const getOrder: Operation<';
  await put('upstreams/orders/openapi.yaml', '');
  await put('upstreams/orders/orders.gen.ts', generated);
  await put('apps/tv/upstreams/users@2/openapi.yaml', '');
  await put('apps/tv/upstreams/users@2/users@2.gen.ts', 'export const getUser: Operation<');
  const paths = { '/home': { get: {} }, '/orders': { get: {}, post: {} } };
  await put('apps/tv/openapi.gen.json', JSON.stringify({ paths }));
  await put('templates/app/clients.json', '{ "web": {}, "mobile": {} }');
  // Loads every command, which takes long on a busy machine.
  await complete(['']);
}, 180_000);
afterAll(() => rm(root, { recursive: true, force: true }));

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
}

async function complete(words: readonly string[], cwd = join(root, 'apps/tv')): Promise<string[]> {
  let out = '';
  const writeError = (text: string): never => expect.fail(text);
  const code = await runProgram(['__complete', '--', ...words], { cwd, write: (text) => (out += text), writeError });
  expect(code).toBe(0);
  return out.split('\n').filter((line) => line !== '');
}

describe('frontage completion', () => {
  it.each<[words: string[], found: string[]]>([
    [['up'], ['upgrade', 'upstream']],
    [
      ['upstream', ''],
      ['add', 'update', 'list', 'remove'],
    ],
    [['upstream', 'r'], ['remove']],
    [
      ['upstream', 'remove', ''],
      ['orders', 'users@2'],
    ],
    [['upstream', 'update', 'orders', 'u'], ['users@2']],
    [
      ['upstream', 'remove', 'x', '--app', ''],
      ['kiosk', 'tv'],
    ],
    [['upstream', 'remove', 'x', '--app', '=', 't'], ['tv']],
    [
      ['upstream', 'remove', 'x', '--app', '='],
      ['kiosk', 'tv'],
    ],
    [['upstream', 'remove', '--app=t'], ['--app=tv']],
    [['upstream', 'add', 'x', ''], []],
    [['plan', 't'], ['tv']],
    [
      ['plan', 'tv', ''],
      ['GET', 'POST'],
    ],
    [['plan', 'tv', 'POST', ''], ['/orders']],
    [['plan', 'none', ''], []],
    [['build', 'tv', 'k'], ['kiosk']],
    [
      ['dev', 'tv', '--real', ''],
      ['orders=', 'users@2=', 'issuer='],
    ],
    [
      ['dev', 'tv', '--real', 'orders=x', '--re'],
      ['--real', '--record'],
    ],
    [
      ['accept', 'tv', '--check', '--'],
      ['--dry-run', '--json', '--help'],
    ],
    [['new', 'radio', '--client', 'm'], ['mobile']],
    [
      ['completion', ''],
      ['bash', 'zsh', 'fish'],
    ],
    [['none', 'tv', ''], []],
  ])('of %j offers %j', async (words, found) => {
    expect(await complete(words)).toEqual(found);
  });

  it('offers every command, and none that only the scripts call', async () => {
    const commands = await complete(['']);
    expect(commands).toEqual(expect.arrayContaining(['start', 'dev', 'new', 'upstream', 'completion']));
    expect(commands.join()).not.toContain('__');
  });

  it('offers no names outside of a workspace', async () => {
    expect(await complete(['plan', ''], tmpdir())).toEqual([]);
  });

  it('refuses a shell that it does not know', async () => {
    let errors = '';
    const terminal = { cwd: root, write: () => undefined, writeError: (text: string) => (errors += text) };
    expect(await runProgram(['completion', 'bsh'], terminal)).toBe(2);
    expect(errors).toBe('error: there is no completion for the shell bsh; did you mean bash?\n');
  });
});

describe('the script of bash', () => {
  // It stands for the command, and prints its words.
  beforeAll(async () => {
    await put('node_modules/.bin/frontage', '#!/bin/sh\nprintf "%s=\\n" "$#" "$@"\n');
    await chmod(join(root, 'node_modules/.bin/frontage'), 0o755);
  });

  const pressed = (...words: string[]): string[] => {
    const line = words.map((word) => `'${word}'`).join(' ');
    const script = `${shellScripts.bash}\nCOMP_WORDS=(${line}); COMP_CWORD=${words.length - 1}; __frontage_complete; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout, stderr } = spawnSync('bash', ['-c', script], { cwd: join(root, 'apps/tv'), encoding: 'utf8' });
    expect(stderr).toBe('');
    return stdout.trim().split('\n');
  };

  it('asks the command of the workspace, from any folder of it, with the words up to the cursor', () => {
    expect(pressed('frontage', 'plan', '')).toEqual(['4=', '__complete=', '--=', 'plan=', '=']);
    expect(pressed('npx', 'frontage', 'up')).toEqual(['3=', '__complete=', '--=', 'up=']);
    expect(pressed('npx', 'other', '')).toEqual(['']);
  });

  it.each(['zsh', 'fish'] as const)('and of %s asks the same command', (shell) => {
    expect(shellScripts[shell]).toContain('node_modules/.bin/frontage');
    expect(shellScripts[shell]).toContain('__complete --');
  });
});
