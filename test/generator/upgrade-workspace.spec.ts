import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from '@frontage/generator';
import { runCreate } from '@frontage/generator/create';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

let folder = '';
let root = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'frontage-shop-'));
  root = join(folder, 'shop');
  expect(await runCreate(['shop'], { cwd: folder, write: () => undefined, writeError: () => undefined })).toBe(0);
  git('init', '--quiet');
  commit();
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const git = (...args: string[]): unknown =>
  execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', ...args], { cwd: root });
function commit(): void {
  git('add', '-A');
  git('commit', '--quiet', '--allow-empty', '-m', 'work');
}
const read = (path: string): Promise<string> => readFile(join(root, path), 'utf8');
const put = (path: string, text: string): Promise<void> => writeFile(join(root, path), text);

async function frontage(...args: string[]): Promise<{ code: number; text: string }> {
  let text = '';
  const write = (part: string): unknown => (text += part);
  const code = await runProgram(args, { cwd: root, write, writeError: write });
  return { code, text };
}

/** Makes the workspace one that an earlier version of a file has made. */
async function madeFrom(path: string, earlier: (text: string) => string): Promise<void> {
  const [rendering, record] = [
    JSON.parse(await read('.frontage/rendering.gen.json')),
    JSON.parse(await read('.frontage/record.gen.json')),
  ];
  const text = earlier(rendering[path].lines.join('\n'));
  rendering[path].lines = text.split('\n');
  record.files[path].rendered = createHash('sha256').update(text).digest('hex');
  await put('.frontage/rendering.gen.json', JSON.stringify(rendering));
  await put('.frontage/record.gen.json', JSON.stringify(record));
  await put(path, earlier(await read(path)));
}

describe('frontage upgrade in a workspace of its own', { timeout: 60_000 }, () => {
  it('changes nothing right after the workspace was made', async () => {
    expect(await frontage('upgrade')).toEqual({
      code: 0,
      text: 'the workspace is current: nothing has changed\n\napps/web is current: nothing has changed\n',
    });
  });

  it('brings the files of the workspace to today, beside the apps and packages that the team has added', async () => {
    await madeFrom('package.json', (text) => text.replace(/ {4}"oxlint": .*\n/, '').replace('"^5.1.1"', '"^5.0.0"'));
    const manifest = JSON.parse(await read('package.json'));
    await put('package.json', JSON.stringify({ ...manifest, devDependencies: { ...manifest.devDependencies, msw: '^3.0.5' } }, null, 2)); // prettier-ignore
    await frontage('new', 'tv', '--client', 'mobile');
    commit();
    const { code, text } = await frontage('upgrade');
    expect(code).toBe(0);
    expect(text).toContain('merge     package.json');
    expect(text).not.toContain('tsconfig.json');
    expect(text).toContain('Other packages are needed now, so nothing was compiled or tested yet.');
    expect(text).toMatch(/npm install +gets the packages/);
    expect(text).toContain("git restore --staged --worktree -- . ':!apps' && git clean -fd -- . ':!apps'");
    const { devDependencies } = JSON.parse(await read('package.json'));
    expect(devDependencies).toMatchObject({ msw: '^3.0.5', vitest: '^5.1.1', oxlint: expect.any(String) });
    expect(JSON.parse(await read('nest-cli.json')).projects).toHaveProperty('tv');
    commit();
    expect((await frontage('upgrade')).text).not.toContain('Upgraded');
  });

  it('refuses for files of the workspace that are not committed; those of apps are named with their app', async () => {
    await put('policy/base.yaml', `${await read('policy/base.yaml')}# Ours.\n`);
    expect(await frontage('upgrade')).toEqual({
      code: 1,
      text: expect.stringContaining('the workspace has changes that are not committed:\n  policy/base.yaml\n'),
    });
    commit();
    await put('apps/web/README.md', '# web\n');
    expect((await frontage('upgrade')).text).toContain('apps/web has changes that are not committed:\n  apps/web/README.md\n'); // prettier-ignore
  });
});
