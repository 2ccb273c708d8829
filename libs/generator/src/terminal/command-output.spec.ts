import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { describedApp } from '../fixtures/described-app.js';
import { runProgram } from '../program.js';
import { Progress } from './progress.js';

// Commands are loaded in the first test that calls them, and apps are processes: both take long on a busy machine.
vi.setConfig({ testTimeout: 180_000 });

let root = '';
let out = '';
let errors = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'frontage-output-'));
  await put('package.json', '{}');
  await put('libs/upstreams/package.json', '{}');
  await put('apps/tv/package.json', '{}');
  await put('apps/tv/bff.yaml', 'bff: tv\nlisten: { port: 4010 }\n');
  const answers = { '--describe': describedApp, '--openapi': { openapi: '3.1.0', paths: {} } };
  await put(
    'apps/tv/dist/main.js',
    `console.log(JSON.stringify(${JSON.stringify(answers)}[process.argv[2]])); console.error('a line of the app');`,
  );
  await put(
    'orders.yaml',
    `openapi: 3.1.0
info: { title: Orders, version: '1' }
paths:
  /orders: { get: { operationId: listOrders, responses: { '200': { description: ok } } } }
  /gone: { get: { operationId: gone, parameters: [{ $ref: '#/gone' }], responses: { '200': { description: ok } } } }
`,
  );
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
}

async function frontage(...args: string[]): Promise<number> {
  out = '';
  errors = '';
  return runProgram(args, { cwd: root, write: (text) => (out += text), writeError: (text) => (errors += text) });
}

async function json(...args: string[]): Promise<unknown> {
  const code = await frontage(...args, '--json');
  const result: unknown = JSON.parse(out);
  expect(result).toMatchObject({ exitCode: code, ok: code === 0 });
  return result;
}

const filesBelow = (folder: string): Promise<string[]> => readdir(join(root, folder), { recursive: true });

describe('--json', () => {
  it('makes each command print one object with the same members first', async () => {
    expect(await json('upstream', 'add', 'orders', 'orders.yaml')).toEqual({
      command: 'upstream add',
      ok: true,
      exitCode: 0,
      files: ['openapi.yaml', 'orders.gen.ts', 'schemas.gen.ts', 'source.gen.json'].map((name) => ({
        path: `libs/upstreams/orders/${name}`,
        change: 'write',
      })),
      next: expect.arrayContaining([expect.objectContaining({ type: expect.stringContaining('import * as orders') })]),
      upstreams: [
        expect.objectContaining({
          name: 'orders',
          operations: ['listOrders'],
          refused: [expect.objectContaining({ path: '/gone', file: 'orders.yaml', line: 5 })],
        }),
      ],
    });
    expect(errors).toContain('orders: Orders 1, 2 operations = 1 generated + 1 refused');
    expect(await json('upstream', 'list')).toMatchObject({ command: 'upstream list', upstreams: [{ name: 'orders' }] });
    expect(await json('accept', 'tv')).toMatchObject({
      command: 'accept',
      files: [{ path: 'apps/tv/openapi.gen.json', change: 'write' }],
    });
    expect(await json('accept', 'tv')).toMatchObject({ files: [], changes: [] });
    expect(await json('plan', 'tv', 'GET', '/home')).toMatchObject({ command: 'plan', screen: { name: 'tv.home' } });
    expect(await json('plan', 'tv')).toMatchObject({ endpoints: describedApp.endpoints });
    expect(await json('upstream', 'remove', 'orders')).toMatchObject({ files: [{ change: 'delete' }, {}, {}, {}] });
  });

  it.each([
    [['upstrem'], '', "unknown command 'upstrem'; did you mean upstream?"],
    [['upstream', 'ad'], 'upstream', "unknown command 'ad'; did you mean add?"],
    [['upstream', 'list', '--ap'], 'upstream list', "unknown option '--ap'"],
    [['plan', 'tvv'], 'plan', 'there is no app tvv; did you mean tv?'],
    [['upstream', 'remove', 'order'], 'upstream remove', 'there is no upstream order; there is none'],
  ])('reports the wrong call %j as an object, with exit code 2', async (args, command, message) => {
    expect(await json(...args)).toEqual({ command, ok: false, exitCode: 2, error: { kind: 'usage', message } });
    expect(errors).toBe('');
  });

  it('reports a failed check and a broken contract as an object, with exit code 1', async () => {
    await put('broken.yaml', 'openapi: [');
    expect(await json('upstream', 'add', 'broken', 'broken.yaml')).toMatchObject({
      exitCode: 1,
      error: { kind: 'contract', message: expect.stringMatching(/^broken\.yaml:1:/) },
    });
    await put('apps/tv/openapi.gen.json', '{}');
    expect(await json('accept', 'tv', '--check')).toMatchObject({ exitCode: 1, error: { kind: 'check' } });
    expect(await json('token', '--user', 'ada', '--issuer', 'http://127.0.0.1:1')).toMatchObject({
      command: 'token',
      error: { kind: 'failure' },
    });
  });

  it('is an argument behind --', async () => {
    expect(await frontage('upstream', 'remove', '--', '--json')).toBe(2);
    expect(errors).toContain('cannot name an upstream');
  });
});

describe('--dry-run', () => {
  it('lists the files that a command would write or delete, and changes nothing', async () => {
    const before = await filesBelow('.');
    expect(await json('upstream', 'add', 'orders', 'orders.yaml', '--dry-run')).toMatchObject({
      dryRun: true,
      files: [{ path: 'libs/upstreams/orders/openapi.yaml', change: 'write' }, {}, {}, {}],
    });
    expect(await frontage('accept', 'tv', '--dry-run')).toBe(0);
    expect(out).toBe('  write   apps/tv/openapi.gen.json\nNothing was written.\n');
    expect(await filesBelow('.')).toEqual(before);

    await frontage('upstream', 'add', 'orders', 'orders.yaml');
    const added = await filesBelow('.');
    await put('libs/upstreams/orders/openapi.yaml', 'openapi: 3.1.0\ninfo: { title: O, version: "1" }\npaths: {}\n');
    expect(await frontage('upstream', 'update', '--stored', '--dry-run')).toBe(0);
    expect(out).toContain('  change  libs/upstreams/orders/orders.gen.ts\n');
    expect(out).toMatch(/Nothing was written\.\n$/);
    expect(await frontage('upstream', 'update', '--check')).toBe(1);
    expect(await frontage('upstream', 'remove', 'orders', '--dry-run')).toBe(0);
    expect(out).toMatch(/^ {2}delete {2}libs\/upstreams\/orders\/orders\.gen\.ts\n[^]*Nothing was deleted\.\n$/);
    expect(await filesBelow('.')).toEqual(added);
  });
});

describe('a wrong call', () => {
  it.each([
    [['new', 'radio', '--clint', 'mobile'], "unknown option '--clint'; did you mean --client?", 'new'],
    [['token', '--usr=ada'], "unknown option '--usr'; did you mean --user?", 'token'],
    [['upstream', 'list', 'x'], "too many arguments for 'list'. Expected 0 arguments but got 1: x.", 'upstream list'],
    [['upstream', 'add', 'orders'], "missing required argument 'source'", 'upstream add'],
    [['--jsn'], "unknown option '--jsn'", ''],
  ])('%j says what was meant and where to look', async (args, message, command) => {
    expect(await frontage(...args)).toBe(2);
    expect(errors).toBe(`error: ${message}\nSee: ${['npx frontage', command, '--help'].filter(Boolean).join(' ')}\n`);
    expect(out).toBe('');
  });

  it('of a group without its command prints the commands of the group', async () => {
    expect(await frontage('upstream')).toBe(0);
    expect(out).toContain('update [options] [names...]');
    expect(await frontage()).toBe(0);
    expect(out).toContain('Examples:');
  });
});

it('the version is that of the package', async () => {
  expect(await frontage('--version')).toBe(0);
  expect(out).toMatch(/^\d+\.\d+\.\d+\n$/);
});

describe('progress', () => {
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllEnvs();
  });

  it('is one line on a terminal, and none is left', () => {
    vi.stubEnv('TERM', 'xterm');
    let shown = '';
    const progress = new Progress({ isTTY: true, write: (text) => (shown += text) }, 'orders');
    progress.stage('reading');
    progress.end();
    expect(shown).toBe('\r\u001b[2Korders: reading ...\r\u001b[2K');
  });

  it.each([false, true])('elsewhere names a step that takes more than two seconds (dumb terminal: %s)', (isTTY) => {
    vi.useFakeTimers();
    vi.stubEnv('TERM', 'dumb');
    let shown = '';
    const progress = new Progress({ isTTY, write: (text) => (shown += text) }, 'orders');
    progress.stage('reading');
    vi.advanceTimersByTime(1_999);
    progress.stage('generating');
    vi.advanceTimersByTime(2_000);
    progress.stage('writing');
    progress.end();
    vi.advanceTimersByTime(10_000);
    expect(shown).toBe('orders: generating ...\n');
  });
});
