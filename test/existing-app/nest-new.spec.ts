import { execFile, spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { startWorld, workspaceRoot, type World } from '@frontage/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);
const modules = join(workspaceRoot, 'node_modules');
const page = readFileSync(join(workspaceRoot, 'docs/existing-nest-app.md'), 'utf8');

/** The files of the page: a path in backticks that ends in a colon, and the block below it. */
const files = new Map(
  [...page.matchAll(/`((?:src\/)?[\w.-]+\.(?:ts|yaml))`[^\n]*:\n\n```\w+\n([\s\S]*?)```/g)].map(([, path, code]) => [
    path ?? '',
    code ?? '',
  ]),
);
/** Messages and responses that the page shows. */
const shown = [...page.matchAll(/```text\n([\s\S]*?)```/g)].map(([, block]) => (block ?? '').trimEnd());

type Started = ChildProcessByStdio<null, Readable, Readable>;

let world: World;
let folder: string;
let app: string;
beforeAll(async () => {
  world = await startWorld({ upstreams: ['catalogue'] });
  folder = mkdtempSync(join(tmpdir(), 'nest-new-'));
  app = join(folder, 'shop');
  symlinkSync(modules, join(folder, 'node_modules'));
  await run(
    process.execPath,
    [
      join(modules, '@nestjs/cli/bin/nest.js'),
      'new',
      'shop',
      '--skip-install',
      '--skip-git',
      '--package-manager',
      'npm',
    ],
    { cwd: folder },
  );
  // The application is built against what the libs export: their declarations and their code, as they are now.
  await run(process.execPath, [join(modules, '@typescript/native/bin/tsc'), '-b', 'libs/gateway', 'libs/upstreams'], {
    cwd: workspaceRoot,
  });
}, 180_000);
afterAll(async () => {
  await world?.stop();
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
});

const write = (path: string): void => writeFileSync(join(app, path), files.get(path) ?? '');
const build = (): Promise<unknown> =>
  run(process.execPath, [join(modules, '@nestjs/cli/bin/nest.js'), 'build'], { cwd: app });

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function start(env: Readonly<Record<string, string>>): Started {
  const { NODE_OPTIONS: _, ...inherited } = process.env;
  return spawn(process.execPath, ['dist/main.js'], {
    cwd: app,
    env: { ...inherited, CATALOGUE_URL: world.url('catalogue'), ADMIN_PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

describe('an application made with `nest new`', () => {
  it('has the files that the page names', () => {
    expect([...files.keys()]).toEqual([
      'bff.yaml',
      'src/product.screen.ts',
      'src/product.controller.ts',
      'src/app.module.ts',
      'src/app.controller.ts',
    ]);
  });

  it('does not start while its own controller says nothing about access, and names it', async () => {
    for (const path of ['bff.yaml', 'src/product.screen.ts', 'src/product.controller.ts', 'src/app.module.ts'])
      write(path);
    await build();
    const child = start({ PORT: '0' });
    const [output] = await Promise.all([text(child.stderr), once(child, 'exit')]);
    expect(child.exitCode).toBe(1);
    expect(output).toContain(shown[0]);
  }, 120_000);

  it('responds as the page shows, with a screen beside its own controller', async () => {
    write('src/app.controller.ts');
    await build();
    const port = String(await freePort());
    const child = start({ PORT: port });
    const ended = once(child, 'exit');
    const output = text(child.stdout);
    try {
      const url = `http://127.0.0.1:${port}`;
      await untilAnswers(`${url}/livez`, child);
      for (const line of shown[1]?.split('\n') ?? []) {
        const [, path = '', answer = ''] = /^GET (\S+)\s+(.*)$/.exec(line) ?? [];
        const response = await fetch(url + path);
        expect([path, response.status, await response.text()]).toEqual([path, 200, answer]);
      }
      const unknown = await fetch(`${url}/products/none`);
      expect([unknown.status, unknown.headers.get('content-type')]).toEqual([
        404,
        'application/problem+json; charset=utf-8',
      ]);
    } finally {
      child.kill('SIGKILL');
      await ended;
    }
    expect(await output).toContain('Nest application successfully started');
  }, 120_000);
});

async function untilAnswers(url: string, child: Started): Promise<void> {
  const errors = text(child.stderr);
  for (;;) {
    const answers = await fetch(url).then(
      ({ ok }) => ok,
      () => false,
    );
    if (answers) return;
    if (child.exitCode !== null) throw new Error(`the application ended:\n${await errors}`);
  }
}
