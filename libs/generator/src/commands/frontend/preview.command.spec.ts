import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readFile } from 'node:fs/promises';
import { runProgram } from '../../program.js';

interface Shown {
  readonly properties: object;
  readonly required?: readonly string[];
  readonly complete: unknown;
  readonly partial?: unknown;
}

const operation = (id: string, { properties, required = [], complete, partial }: Shown): object => {
  const schema = { type: 'object', properties, required };
  const examples = partial === undefined ? { example: complete } : { examples: { complete: { value: complete }, partial: { value: partial } } }; // prettier-ignore
  return { operationId: id, responses: { 200: { content: { 'application/json': { schema, ...examples } } } } };
};

const text = { type: 'string' };
const cart = operation('tv.cart', { properties: { total: text }, complete: { total: '1' } });
const before = {
  '/cart': { get: cart },
  '/home': {
    get: operation('tv.home', {
      properties: { name: text, level: text },
      required: ['name', 'level'],
      complete: { name: 'Ada', level: 'gold' },
      partial: { name: 'Ada', level: 'gold', _parts: { banners: { status: 'error' } } },
    }),
  },
  '/old': { get: operation('tv.old', { properties: {}, complete: {} }) },
};
const after = {
  '/cart': { get: cart },
  '/home': {
    get: operation('tv.home', {
      properties: { name: text, points: { type: 'integer' } },
      required: ['name'],
      complete: { name: 'Ada', points: 120 },
      partial: { name: 'Ada', points: 120, _parts: { banners: { status: 'error' } } },
    }),
  },
  '/new': { get: operation('tv.new', { properties: { a: text }, complete: { a: '```' } }) },
};
const cost = (bytes: number, calls: number): object => ({ bytes, calls, criticalPathMs: 800, waves: 2 });

let folder = '';
let out = '';
let errors = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'frontage-preview-'));
  await put('libs/upstreams/package.json', '{}');
  await put('apps/tv/bff.yaml', 'bff: tv\n');
  await app(before, { 'tv.cart': cost(13, 1), 'tv.home': cost(29, 3) });
  git('init', '--initial-branch=main');
  git('add', '.');
  git('-c', 'user.name=Ada', '-c', 'user.email=ada@example.test', 'commit', '-m', 'first');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const git = (...args: string[]): void => void execFileSync('git', args, { cwd: folder, stdio: 'ignore' });

async function put(path: string, content: string): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), content);
}

async function app(paths: object, costs: object): Promise<void> {
  await put(
    'apps/tv/openapi.gen.json',
    JSON.stringify({ openapi: '3.1.0', info: { title: 'tv', version: '1' }, paths }),
  );
  await put('apps/tv/costs.gen.json', JSON.stringify(costs));
}

function frontage(...args: string[]): Promise<number> {
  out = '';
  errors = '';
  return runProgram(args, { cwd: folder, write: (more) => (out += more), writeError: (more) => (errors += more) });
}

describe('frontage preview', () => {
  it('shows what a change does to screens: promise, costs, and responses before and after, as docs/preview.md says', async () => {
    await app(after, { 'tv.cart': cost(13, 1), 'tv.home': cost(27, 4), 'tv.new': cost(11, 1) });
    expect(await frontage('preview', 'tv')).toBe(0);
    const page = await readFile(fileURLToPath(new URL('../../../../../docs/preview.md', import.meta.url)), 'utf8');
    const [, shown = ''] = /`{5,}text\n([^]*?)`{5,}\n/.exec(page) ?? [];
    expect(out).toBe(shown);
  });

  it('says so where nothing changes', async () => {
    expect(await frontage('preview')).toBe(0);
    expect(out).toBe('## Screens, compared with main\n\n### tv\n\n3 screens are the same.\n');
  });

  it('compares no costs with a revision that has none', async () => {
    git('rm', '--cached', 'apps/tv/costs.gen.json');
    git('-c', 'user.name=Ada', '-c', 'user.email=ada@example.test', 'commit', '-m', 'second');
    expect(await frontage('preview')).toBe(0);
    expect(out).toContain('3 screens are the same.');
  });

  it('has texts of contracts as words: they end no fence, and are no markup', async () => {
    const evil = '````\n</details>';
    const shown = operation('tv.evil', { properties: { 'a|b<c>*': text }, complete: { 'a|b<c>*': evil } });
    await app({ ...before, '/evil': { get: shown } }, {});
    await frontage('preview');
    expect(out).toContain('`````diff');
    expect(out).toContain(String.raw`+  "a|b<c>*": "${'````'}\n</details>"`);
  });

  it('refuses a revision that git does not know, also one that looks like an option', async () => {
    expect(await frontage('preview', '--base', 'nowhere')).toBe(2);
    expect(errors).toBe('error: git knows no revision nowhere: name a branch, a tag or a commit with --base\n');
    expect(await frontage('preview', '--base=--output=x')).toBe(2);
    await rm(join(folder, '.git'), { recursive: true });
    expect(await frontage('preview')).toBe(1);
    expect(errors).toContain('is in no repository of git');
  });

  it('prints one object with --json', async () => {
    await app(after, {});
    expect(await frontage('preview', '--json')).toBe(0);
    const { apps } = JSON.parse(out) as { readonly apps: readonly { readonly screens: readonly { readonly endpoint: string; readonly state: string }[] }[] }; // prettier-ignore
    expect(apps[0]?.screens.map(({ endpoint, state }) => `${endpoint} ${state}`)).toEqual([
      'GET /cart changed',
      'GET /home changed',
      'GET /new new',
      'GET /old gone',
    ]);
  });
});
