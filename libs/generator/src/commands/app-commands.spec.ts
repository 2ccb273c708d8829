import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describedApp } from '../fixtures/described-app.js';
import { runProgram } from '../program.js';

const documentOf = (properties: object): object => ({
  openapi: '3.1.0',
  paths: {
    '/home': {
      get: { responses: { 200: { content: { 'application/json': { schema: { type: 'object', properties } } } } } },
    },
  },
});

let root = '';
let out = '';
let errors = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'frontage-'));
  await put('libs/upstreams/package.json', '{}');
  await put('apps/tv/bff.yaml', 'bff: tv\nlisten: { port: 4010 }\n');
  await put('apps/radio/bff.yaml', 'bff: radio\nlisten: { port: 4011 }\n');
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function put(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
}

/** An app that is built already, with this description. */
const says = (option: string, value: unknown): Promise<void> =>
  put(
    'apps/tv/dist/main.js',
    `if (process.argv[2] === '${option}') console.log(${JSON.stringify(JSON.stringify(value))});`,
  );

function frontage(...args: string[]): Promise<number> {
  out = '';
  errors = '';
  return runProgram(args, { cwd: root, write: (text) => (out += text), writeError: (text) => (errors += text) });
}

const pinned = async (): Promise<unknown> => JSON.parse(await readFile(join(root, 'apps/tv/openapi.gen.json'), 'utf8'));

describe('frontage accept', () => {
  const before = documentOf({ name: { type: 'string' }, points: { type: 'integer' } });
  const after = documentOf({ name: { type: 'string' }, level: { type: 'string' } });

  it('writes the current promise of the app, and lists the changes and the clients that break', async () => {
    await says('--openapi', before);
    expect(await frontage('accept', 'tv')).toBe(0);
    expect(out).toBe('  write   apps/tv/openapi.gen.json\n');
    await says('--openapi', after);
    expect(await frontage('accept', 'tv')).toBe(0);
    expect(out).toBe(
      'GET /home: points is gone: breaks clients that read it\nGET /home: level is new\n  change  apps/tv/openapi.gen.json\n',
    );
    expect(await pinned()).toEqual(after);
    expect(await frontage('accept', 'tv')).toBe(0);
    expect(out).toBe('apps/tv/openapi.gen.json is current: nothing has changed\n');
  });

  it('compares no examples of responses, and says why it has no new ones', async () => {
    await says('--openapi', before);
    expect(await frontage('accept', 'tv')).toBe(0);
    expect(errors).toBe(
      'No new examples of responses: libs/sandbox/dist/main.js is missing: run `npm run build` first\n',
    );
    const document = JSON.stringify(before).replace('"schema":', '"example":{"name":"Ada"},"schema":');
    await put('apps/tv/openapi.gen.json', document);
    expect(await frontage('accept', 'tv', '--check')).toBe(0);
    expect(out).toBe('apps/tv/openapi.gen.json is current: nothing has changed\n');
    expect(await frontage('accept', 'tv')).toBe(0);
    expect(out).toBe(
      'Only examples of responses change; the promise to clients does not.\n  change  apps/tv/openapi.gen.json\n',
    );
  });

  it('lists the changes with --check, and writes nothing', async () => {
    await says('--openapi', before);
    await frontage('accept', 'tv');
    await says('--openapi', after);
    expect(await frontage('accept', 'tv', '--check')).toBe(1);
    expect(errors).toContain('GET /home: points is gone: breaks clients that read it\n');
    expect(errors).toContain('Run: npx frontage accept tv');
    expect(await pinned()).toEqual(before);
  });
});

describe('the description of an app', () => {
  it('shows an endpoint, and all of them', async () => {
    await says('--describe', describedApp);
    expect(await frontage('plan', 'tv', 'GET', '/home')).toBe(0);
    expect(out).toContain('GET /home\n\n  plan        tv.home, in apps/tv/src/home/home.screen.ts\n');
    expect(await frontage('plan', 'tv')).toBe(0);
    expect(out.split('\n')[0]).toMatch(/^GET \/home +tv\.home +5 calls +\d+ ms at worst +HomeController\.show$/);
  });

  it.each([
    ['that does not exist', ['tvv'], 2, 'there is no app tvv; did you mean tv?'],
    ['whose name resembles no other', ['watch'], 2, 'there is no app watch; there are radio, tv'],
    ['that is not built', ['radio'], 1, 'apps/radio/dist/main.js is missing: run `npm run build` first'],
  ])('is refused with a message for an app %s', async (_, args, code, message) => {
    expect(await frontage('plan', ...args)).toBe(code);
    expect(errors).toContain(message);
  });

  it('passes on the reason why an app does not start', async () => {
    await put('apps/tv/dist/main.js', `process.stderr.write('bff.yaml:3:1: unknown key\\n'); process.exitCode = 1;`);
    expect(await frontage('plan', 'tv')).toBe(1);
    expect(errors).toContain('bff.yaml:3:1: unknown key\napps/tv does not start');
  });

  it('treats an app that prints nothing as one that does not know the option', async () => {
    await put('apps/tv/dist/main.js', '');
    expect(await frontage('accept', 'tv')).toBe(1);
    expect(errors).toContain('apps/tv does not know --openapi');
  });

  it('is not shown in two formats at once', async () => {
    expect(await frontage('plan', 'tv', '/home', '--json', '--mermaid')).toBe(2);
  });
});
