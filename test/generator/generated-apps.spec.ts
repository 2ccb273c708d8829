import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WorkspaceCopy } from './workspace-copy.js';

// The longest name that there can be makes the longest lines.
const apps = [
  { name: 'tv', client: 'mobile' },
  { name: 'kiosk-2', client: 'web' },
  { name: 'a-reseller-whose-name-is-as-long-as-can-', client: 'partner' },
];
const folders = apps.map(({ name }) => `apps/${name}`);
const minutes = 60_000;

describe('apps as the generator leaves them', () => {
  let workspace: WorkspaceCopy;
  beforeAll(async () => {
    workspace = await WorkspaceCopy.whole();
    for (const { name, client } of apps)
      expect(await workspace.frontage('new', name, '--client', client)).toMatchObject({ code: 0, errors: '' });
    // One of them calls a service through a contract of its own.
    const contract = join(workspace.root, 'libs/upstreams/content/openapi.yaml');
    expect(await workspace.frontage('upstream', 'add', 'tv-content', contract, '--app', 'tv')).toMatchObject({
      code: 0,
    });
    await change('apps/tv/src/home/home.screen.ts', "'@frontage/upstreams/content'", "'#upstreams/tv-content'");
    await change(
      'apps/tv/bff.yaml',
      "content: { urls: ['${CONTENT_URL}'] }",
      "tv-content: { urls: ['${TV_CONTENT_URL}'] }",
    );
    await change('apps/tv/test/tv.e2e-spec.ts', "'content'", "'tv-content'");
  }, minutes);
  afterAll(() => workspace.remove());

  async function change(path: string, from: string, to: string): Promise<void> {
    const text = await workspace.read(path);
    expect(text).toContain(from);
    await workspace.write(path, text.replaceAll(from, to));
  }

  it('build, and their tests compile, in strict TypeScript', { timeout: 2 * minutes }, async () => {
    expect(await workspace.run('tsc', '-b', ...folders)).toEqual({ code: 0, output: '' });
    const tests = { extends: './tsconfig.test.json', include: ['apps/*/src/**/*.ts', 'apps/*/test/**/*.ts'] };
    await workspace.write('tsconfig.apps.json', JSON.stringify(tests));
    expect(await workspace.run('tsc', '-p', 'tsconfig.apps.json')).toEqual({ code: 0, output: '' });
  });

  it('have nothing for the linter and the formatter to say', { timeout: 2 * minutes }, async () => {
    const lint = await workspace.run('oxlint', '--deny-warnings', ...folders);
    expect(lint, lint.output).toMatchObject({ code: 0 });
    const format = await workspace.run('prettier', '--check', ...folders, 'nest-cli.json', 'tsconfig.json');
    expect(format, format.output).toMatchObject({ code: 0 });
  });

  it('boot before real services, answer with a token, and pass their own tests', { timeout: 3 * minutes }, async () => {
    const tests = await workspace.run('vitest', 'run', '--maxWorkers', '1', ...folders);
    expect(tests, tests.output).toMatchObject({ code: 0 });
    expect(tests.output).toMatch(new RegExp(`Test Files +${2 * apps.length} passed \\(${2 * apps.length}\\)`));
    // The tests pin what is promised to clients, in files to be committed.
    expect(await workspace.read('apps/tv/routes.gen.md')).toContain('| GET /home | scope home:read |');
  });
});
