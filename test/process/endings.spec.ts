import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { workspaceRoot } from '@frontage/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { SteadyClients } from './steady-clients.js';

vi.setConfig({ testTimeout: 90_000, hookTimeout: 60_000 });

const graceMs = 4_000;
const delayMs = 500;
const policy = (more = ''): string => `bff: shop
listen: { port: 0, adminPort: 0 }
access: off
addressLimit: off
rateClasses: { few: [{ per: app, limit: 100000, window: 1h }] }
shutdown: { delay: ${delayMs}ms, grace: ${graceMs}ms }
${more}`;

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const node = [process.execPath, '--conditions=@frontage/source', '--import', source('register-decorators.mjs')];
const shop = source('fixtures/shop.main.ts');
const alone = [...node, shop];
const existing = [...node, source('fixtures/existing.main.ts')];
const serve = [...node, source('../../libs/generator/src/main.ts'), 'serve', shop, '--processes', '2'];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'frontage-endings-'));
  await writeFile(join(folder, 'shop.yaml'), policy());
  await writeFile(join(folder, 'full.yaml'), policy('log: { file: /dev/full }\n'));
});
const started = new Set<ChildProcess>();
afterEach(() => {
  for (const child of started) child.kill('SIGKILL');
  started.clear();
});
afterAll(() => rm(folder, { recursive: true }));

interface Running {
  readonly child: ChildProcess;
  readonly url: string;
  readonly adminUrl: string;
}

/** Starts it and reads the line that says where it serves. */
async function start([command = '', ...args]: readonly string[], file = 'shop.yaml'): Promise<Running> {
  const { NODE_OPTIONS: _, npm_command: __, ...inherited } = process.env;
  const child = spawn(command, args, {
    cwd: workspaceRoot,
    env: { ...inherited, SHOP_POLICY: join(folder, file) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.add(child);
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const line = once(createInterface({ input: child.stdout }), 'line').then(([first]) => String(first));
  const first = await Promise.race([line, once(child, 'exit').then(() => undefined)]);
  if (first === undefined) throw new Error(`it ended:\n${said}`);
  return { child, ...(JSON.parse(first) as { readonly url: string; readonly adminUrl: string }) };
}

async function pidsOf({ url, adminUrl }: Running): Promise<readonly number[]> {
  const page = await fetch(`${adminUrl}/processes`);
  if (page.status !== 200) return [((await (await fetch(`${url}/who`)).json()) as { readonly pid: number }).pid];
  const { primary, processes } = (await page.json()) as Record<'primary', { pid: number }> &
    Record<'processes', readonly { pid: number }[]>;
  return [primary, ...processes].map(({ pid }) => pid);
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function untilGone(pids: readonly number[], withinMs: number): Promise<number> {
  const began = performance.now();
  while (pids.some(isAlive)) {
    if (performance.now() - began > withinMs) throw new Error(`still there: ${pids.filter(isAlive).join(' ')}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return performance.now() - began;
}

/** More than a pipe takes, with 60 of them. */
async function makeLines({ url }: Running, rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    await Promise.all(Array.from({ length: 20 }, () => fetch(`${url}/who`)));
  }
}

// npm, and a shell between it and the process, as npx has them.
const byNpx = (command: readonly string[]): readonly string[] => [
  'npm',
  'exec',
  '-c',
  `${command.map((part) => `'${part}'`).join(' ')}; exit $?`,
];

describe('no request is lost on kept connections', () => {
  it.each([
    ['one process gets SIGTERM', alone, 'SIGTERM'],
    ['one process gets SIGINT', alone, 'SIGINT'],
    ['one process gets SIGHUP, as its terminal closes', alone, 'SIGHUP'],
    ['an application of a team of its own gets SIGTERM', existing, 'SIGTERM'],
    ['several processes get SIGTERM', serve, 'SIGTERM'],
    ['several processes get SIGINT', serve, 'SIGINT'],
    ['npx of several processes gets SIGTERM', byNpx(serve), 'SIGTERM'],
    ['npx of several processes is killed', byNpx(serve), 'SIGKILL'],
    ['npm of one process is killed', byNpx(alone), 'SIGKILL'],
  ] as const)('where %s, and nothing is left behind', async (_, command, signal) => {
    const app = await start(command);
    const pids = await pidsOf(app);
    const clients = new SteadyClients(8, '/slow?ms=20');
    await clients.add(app);
    while (clients.answered < 100) await new Promise((resolve) => setTimeout(resolve, 10));
    app.child.kill(signal);
    await untilGone(pids, delayMs + graceMs + 10_000);
    await clients.end();
    expect(clients.lost).toEqual([]);
    expect(clients.closing).toBeGreaterThan(0);
  });
});

describe.skipIf(process.platform !== 'linux')('the processes of one app', () => {
  it('have the flags of memory, and their primary has none', async () => {
    const [primary = 0, ...workers] = await pidsOf(await start(serve));
    expect(readFileSync(`/proc/${primary}/cmdline`, 'utf8')).not.toContain('--max-semi-space-size');
    expect(workers).toHaveLength(2);
    for (const pid of workers) {
      expect(readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')).toContain('--max-semi-space-size=32');
    }
  });
});

describe('a process ends within its grace', () => {
  it.each([
    ['one process', alone],
    ['several processes', serve],
  ])('where nothing reads the standard output of %s', async (_, command) => {
    const app = await start(command);
    const pids = await pidsOf(app);
    app.child.stdout?.pause();
    await makeLines(app, 60);
    app.child.kill('SIGTERM');
    await untilGone(pids, delayMs + graceMs);
    expect(app.child.exitCode).toBe(0);
  });

  it.each([
    ['one process', alone],
    ['several processes', serve],
  ])('where the pipe behind %s is full', async (_, command) => {
    const words = command.map((part) => `'${part}'`).join(' ');
    const app = await start(['sh', '-c', `${words} | { read line; echo "$line"; exec sleep 60; }`]);
    const pids = await pidsOf(app);
    await makeLines(app, 60);
    process.kill(pids[0] ?? 0, 'SIGTERM');
    await untilGone(pids, delayMs + graceMs);
  });

  it.each([
    ['one process', alone],
    ['several processes', serve],
  ])('where the reader of the standard output of %s has gone, which ends nothing before', async (_, command) => {
    const app = await start(command);
    const pids = await pidsOf(app);
    app.child.stdout?.destroy();
    app.child.stderr?.destroy();
    for (let round = 0; round < 10; round++) expect((await fetch(`${app.url}/who`)).status).toBe(200);
    app.child.kill('SIGTERM');
    await untilGone(pids, delayMs + graceMs);
    expect(app.child.exitCode).toBe(0);
  });

  it.each([
    ['one process', alone],
    ['several processes', serve],
  ])('where the disk of the log of %s is full', async (_, command) => {
    const app = await start(command, 'full.yaml');
    const pids = await pidsOf(app);
    for (let round = 0; round < 10; round++) expect((await fetch(`${app.url}/who`)).status).toBe(200);
    app.child.kill('SIGTERM');
    await untilGone(pids, delayMs + graceMs);
    expect(app.child.exitCode).toBe(0);
  });

  it.each(['shop.yaml', 'full.yaml'])('at once where a second signal comes, with the log of %s', async (file) => {
    const app = await start(alone, file);
    const pids = await pidsOf(app);
    app.child.stdout?.pause();
    const slow = fetch(`${app.url}/slow?ms=${graceMs}`).catch((cause: unknown) => cause);
    await makeLines(app, 60);
    app.child.kill('SIGTERM');
    while ((await fetch(`${app.adminUrl}/readyz`)).status === 200);
    app.child.kill('SIGTERM');
    // The log may wait for its reader for a second.
    await untilGone(pids, 2_000);
    expect(app.child.exitCode).toBe(1);
    expect(await slow).toBeInstanceOf(Error);
  });

  it('where the primary of several processes is killed: what is under way is answered', async () => {
    const app = await start(serve);
    const pids = await pidsOf(app);
    const slow = Array.from({ length: 4 }, () => fetch(`${app.url}/slow?ms=700`));
    await new Promise((resolve) => setTimeout(resolve, 200));
    app.child.kill('SIGKILL');
    const answers = await Promise.all(slow);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    await untilGone(pids, graceMs);
  });

  it('not where its parent ends and --outlive-parent says that it goes on', async () => {
    const shell = ['sh', '-c', `${[...serve, '--outlive-parent'].map((part) => `'${part}'`).join(' ')}; exit $?`];
    const app = await start(shell);
    const pids = await pidsOf(app);
    app.child.kill('SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect((await fetch(`${app.url}/who`)).status).toBe(200);
    process.kill(pids[0] ?? 0, 'SIGTERM');
    await untilGone(pids, delayMs + graceMs + 2_000);
  });
});
