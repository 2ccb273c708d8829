import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WorkspaceCopy, workspaceRoot } from './workspace-copy.js';

// The longest name that there can be makes the longest lines.
const apps = [
  { name: 'tv', client: 'mobile' },
  { name: 'kiosk-2', client: 'web' },
  { name: 'a-reseller-whose-name-is-as-long-as-can-', client: 'partner' },
  { name: 'lounge', client: 'blank' },
  { name: 'radio', client: 'mobile', upstreams: 'users,orders' },
  { name: 'desk', client: 'partner', upstreams: 'content,inventory,catalogue' },
];
/** Screens over the contracts of the workspace, added to the app without upstreams. */
const endpoints = [
  ['lounge/profile', '--calls', 'users.getUser,orders.listOrders', '--optional', 'content.listBanners'],
  ['lounge/article', '--calls', 'catalogue.getProduct,reviews.listReviews,inventory.listStock'],
  ['lounge/clear', '--calls', 'carts.clearCart'],
];
/** Documents of third parties: a screen calls three operations of each. */
const specs = join(workspaceRoot, '../shared/specs');
const documents = [
  { name: 'burgers', file: 'burgershop-3.1.yaml', calls: ['listBurgerDressings', 'getDressing', 'getAllDressings'] },
  { name: 'asana', file: 'asana-3.0.yaml', calls: ['getCustomField', 'getGoal', 'getJob'] },
  { name: 'discourse', file: 'discourse-3.1.json', calls: ['adminListBadges', 'listGroups', 'getCategory'] },
  {
    name: 'superset',
    file: 'superset-3.0.json',
    calls: ['getApiV1Chart', 'getApiV1AnnotationLayerByPk', 'getApiV1AnnotationLayer'],
  },
  {
    name: 'styles',
    file: 'readme-parameters-style-3.1.yaml',
    calls: ['paths_standard', 'paths_label_nonExploded', 'paths_matrix_nonExploded'],
  },
  { name: 'uploads', file: 'readme-file-uploads-3.0.json', calls: ['postAnythingMultipartFormdata'] },
];
const hasDocuments = existsSync(specs);
if (!hasDocuments)
  process.stderr.write(`SKIPPED: there is no ${specs}, so no screen over contracts of others is made.\n`);
const screens = [
  ...endpoints,
  ...(hasDocuments
    ? documents.map(({ name, calls }) => [
        `lounge/${name}`,
        '--calls',
        calls.map((call) => `${name}.${call}`).join(','),
      ])
    : []),
];
const folders = apps.map(({ name }) => `apps/${name}`);
const minutes = 60_000;

describe('apps as the generator leaves them', () => {
  let workspace: WorkspaceCopy;
  let listings: readonly (string | undefined)[];
  /** The files that list the apps, but for the default of the Nest CLI; undefined for one that is not there. */
  const listed = () =>
    Promise.all(
      ['nest-cli.json', 'tsconfig.json', 'CODEOWNERS'].map(async (file) => {
        const text = await workspace.read(file).catch(() => undefined);
        return file === 'nest-cli.json' ? text?.slice(text.indexOf('"projects"')) : text;
      }),
    );
  beforeAll(async () => {
    workspace = await WorkspaceCopy.whole();
    listings = await listed();
    for (const { name, client, upstreams } of apps) {
      const more = upstreams === undefined ? [] : ['--upstreams', upstreams];
      expect(await workspace.frontage('new', name, '--client', client, ...more)).toMatchObject({ code: 0 });
      const again = await workspace.frontage('new', name, '--client', client, ...more);
      expect(again).toMatchObject({ code: 0, out: expect.stringContaining('nothing has changed') });
    }
    for (const { name, file } of hasDocuments ? documents : [])
      expect(await workspace.frontage('upstream', 'add', name, join(specs, file))).toMatchObject({ code: 0 });
    for (const args of screens) expect(await workspace.frontage('endpoint', ...args)).toMatchObject({ code: 0 });
    const before = await workspace.files('apps');
    for (const args of screens)
      expect((await workspace.frontage('endpoint', ...args)).out).toContain('nothing has changed');
    expect(await workspace.files('apps')).toEqual(before);
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
  }, 3 * minutes);
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
    const files = 2 * apps.length + screens.length;
    expect(tests.output).toMatch(new RegExp(`Test Files +${files} passed \\(${files}\\)`));
    // The tests pin what is promised to clients, in files to be committed.
    expect(await workspace.read('apps/tv/routes.gen.md')).toContain('| GET /home | scope home:read |');
  });

  it('are removed without a trace, but for one that was changed by hand', { timeout: minutes }, async () => {
    for (const { name } of apps.filter(({ name }) => name !== 'tv'))
      expect(await workspace.frontage('remove', name)).toMatchObject({ code: 0 });
    const { code, errors } = await workspace.frontage('remove', 'tv');
    expect([code, errors]).toEqual([
      1,
      `tv is not removed: 3 files were written or changed by hand, and would be lost:

  apps/tv/bff.yaml
  apps/tv/src/home/home.screen.ts
  apps/tv/test/tv.e2e-spec.ts

Nothing was deleted. To delete them too: npx frontage remove tv --force
`,
    ]);
    expect(await workspace.frontage('remove', 'tv', '--force')).toMatchObject({ code: 0 });
    expect(await workspace.files('apps')).toEqual([]);
    expect(await listed()).toEqual(listings);
  });
});
