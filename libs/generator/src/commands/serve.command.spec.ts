import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runProgram } from '../program.js';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'frontage-serve-'));
  mkdirSync(join(root, 'libs/upstreams'), { recursive: true });
  for (const app of ['mobile', 'web']) {
    mkdirSync(join(root, 'apps', app), { recursive: true });
    writeFileSync(join(root, 'apps', app, 'bff.yaml'), `bff: ${app}\n`);
  }
  writeFileSync(join(root, 'main.js'), '');
});
afterAll(() => rmSync(root, { recursive: true }));

async function run(...args: readonly string[]): Promise<readonly [code: number, said: string]> {
  let said = '';
  const writeError = (text: string): void => void (said += text);
  const code = await runProgram(['serve', ...args], { cwd: root, write: writeError, writeError });
  return [code, said];
}

describe('frontage serve that cannot begin', () => {
  it.each(['0', '1025', '1.5', '-1', 'all', ''])('takes no %j for a number of processes', async (processes) => {
    expect(await run('mobile', `--processes=${processes}`)).toEqual([
      2,
      `error: --processes is ${JSON.stringify(processes)}: write auto, or a number from 1 to 1024\n`,
    ]);
  });

  it('needs the name of the app where there are several', async () => {
    expect(await run()).toEqual([2, 'error: name the app to serve; there are mobile, web\n']);
  });

  it('suggests an app with a similar name', async () => {
    expect(await run('mobil')).toEqual([2, 'error: there is no app mobil; did you mean mobile?\n']);
  });

  it('names an app or a script that is not built or does not exist', async () => {
    expect(await run('web')).toEqual([1, 'apps/web/dist/main.js is missing: run `npm run build` first\n']);
    expect(await run('dist/other.js')).toEqual([1, 'dist/other.js is missing: is the app built?\n']);
  });

  it('names the script of a packed app, which needs no workspace', async () => {
    mkdirSync(join(root, 'build/web'), { recursive: true });
    for (const file of ['main.js', 'frontage-pack.json']) writeFileSync(join(root, 'build/web', file), '');
    for (const given of ['build/web/main.js', 'build/web'])
      expect(await run(given)).toEqual([
        2,
        `error: ${given} is a packed app, which starts without this command: node build/web/serve.js\n`,
      ]);
  });

  it('refuses an app that does not use the gateway', async () => {
    expect(await run('main.js')).toEqual([
      1,
      `${join(root, 'main.js')} uses no @frontage/gateway that can serve in several processes\n`,
    ]);
  });
});
