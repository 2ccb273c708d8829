import { execFileSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { WorkspaceCopy, workspaceRoot } from './workspace-copy.js';

interface FirstTemplates {
  /** The command and the commit that made the files. */
  readonly producer: string;
  /** Text by path, by app. */
  readonly apps: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

const minutes = 60_000;
const fixture = join(workspaceRoot, 'test/generator/fixtures/first-templates.json');

describe('apps that the first templates of this project made', () => {
  let workspace: WorkspaceCopy;
  const git = (...args: string[]): string =>
    execFileSync('git', ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', ...args], {
      cwd: workspace.root,
      encoding: 'utf8',
    });
  const commit = (): void => {
    git('add', 'apps', 'templates');
    git('commit', '--quiet', '-m', 'work');
  };
  const edit = async (path: string, from: string, to: string): Promise<void> => {
    const text = await workspace.read(path);
    expect(text).toContain(from);
    await workspace.write(path, text.replaceAll(from, to));
  };
  const put = async (path: string, text: string): Promise<void> => {
    await mkdir(dirname(join(workspace.root, path)), { recursive: true });
    await writeFile(join(workspace.root, path), text);
  };

  beforeAll(async () => {
    // Tests that run in CI write no snapshot, and these apps have none of their routes yet.
    vi.stubEnv('CI', undefined);
    workspace = await WorkspaceCopy.whole();
    git('init', '--quiet');
    await put('.gitignore', 'node_modules/\ndist/\n*.tsbuildinfo\n*.gen.md\nopenapi.gen.json\n');
    const { apps }: FirstTemplates = JSON.parse(await readFile(fixture, 'utf8'));
    for (const [app, files] of Object.entries(apps))
      for (const [path, text] of Object.entries(files)) await put(`apps/${app}/${path}`, text);
    // A team has worked on one of them: its own words, times and tests, some by names that libraries no longer have.
    await edit('apps/first-mobile/src/order-state.ts', "'on its way'", "'under way'");
    await edit('apps/first-mobile/src/home/home.spec.ts', "'on its way'", "'under way'");
    await edit('apps/first-mobile/bff.yaml', '{ timeout: 600ms }', '{ timeout: 550ms } # measured');
    await put(
      'apps/first-mobile/src/home/greeting.spec.ts',
      `import { readAnswer, reply, runScreen } from '@frontage/testing';
import { expect, it } from 'vitest';
import { homeScreen } from './home.screen.js';

it('greets', async () => {
  const run = await runScreen(
    homeScreen,
    { caller: { subject: 'ada' } },
    {
      profile: reply({ name: 'Ada', points: 1, tier: 'GOLD' }),
      recent: reply({ items: [] }),
      banners: reply([]),
      suggested: reply({ items: [] }),
    },
  );
  expect(readAnswer(run)).toMatchObject({ greeting: 'Hello Ada' });
});
`,
    );
    commit();
  }, minutes);
  afterAll(() => {
    vi.unstubAllEnvs();
    return workspace.remove();
  });

  it(
    'are brought to today, keep the work of their teams, compile and pass their tests',
    async () => {
      const { code, out, errors } = await workspace.frontage('upgrade');
      expect(errors).toBe('');
      expect(code).toBe(0);
      expect(out.match(/It compiles, and its tests pass\./g)).toHaveLength(3);
      expect(out).toContain('0001-response-names: what was called an answer is a response');
      const read = (path: string): Promise<string> => workspace.read(`apps/first-mobile/${path}`);
      expect(await read('src/order-state.ts')).toContain("'under way'");
      expect(await read('src/home/greeting.spec.ts')).toContain('expect(readResponse(run))');
      expect(await read('bff.yaml')).toContain('upstreamDefaults: { timeout: 550ms } # measured');
      expect(await read('bff.yaml')).toContain("  users: { urls: ['${USERS_URL}'] }\n");
      // A file that the team has not touched is as in a new app.
      for (const client of ['mobile', 'web', 'partner']) {
        expect(await workspace.frontage('new', `new-${client}`, '--client', client)).toMatchObject({ code: 0 });
        for (const file of await workspace.files(`apps/new-${client}`)) {
          if (file.endsWith('.gen.json')) continue;
          const path = file.replaceAll(`new-${client}`, `first-${client}`);
          const team = client === 'mobile' && /order-state\.ts|home\.spec\.ts|bff\.yaml|README\.md/.test(path);
          const made = (await workspace.read(file))
            .replaceAll(`new-${client}`, `first-${client}`)
            .replaceAll(/New(?=Mobile|Web|Partner)/g, 'First')
            .replaceAll(/NEW_(?=MOBILE|WEB|PARTNER)/g, 'FIRST_');
          const words = (text: string): string => text.replaceAll(/[45]00\d/g, 'PORT').replaceAll(/\s+/g, ' ');
          if (!team && !path.endsWith('README.md')) expect(words(await workspace.read(path)), path).toBe(words(made));
        }
        await workspace.frontage('remove', `new-${client}`, '--force');
      }
      commit();
      expect((await workspace.frontage('upgrade')).out).toBe(
        ['mobile', 'partner', 'web']
          .map((client) => `apps/first-${client} is current: nothing has changed\n`)
          .join('\n'),
      );
    },
    6 * minutes,
  );

  it(
    'stay changed where they no longer compile or pass, and the text says how to go on and how to go back',
    async () => {
      await put(
        'apps/first-mobile/src/words.ts',
        "import { orderState } from './order-state.js';\n\nexport const words = [orderState];\n",
      );
      for (const file of ['src/order-state.ts', 'src/home/home.screen.ts'])
        await edit(`templates/app/mobile/${file}`, 'orderState', 'stateOfOrder');
      commit();
      const broken = await workspace.frontage('upgrade', 'first-mobile');
      expect(broken.code).toBe(1);
      expect(broken.out).toContain('apps/first-mobile/src/words.ts:1:10');
      expect(broken.errors).toContain('It does not compile now; the errors are above. The changes stay');
      expect(broken.errors).toContain(
        'git restore --staged --worktree -- apps/first-mobile && git clean -fd -- apps/first-mobile',
      );
      expect(await workspace.read('apps/first-mobile/src/order-state.ts')).toContain('stateOfOrder');
      git('restore', '--staged', '--worktree', '--', 'apps/first-mobile', 'templates');
      git('checkout', '--quiet', 'HEAD~1', '--', 'templates');
      await put('apps/first-mobile/src/words.ts', 'export const words = 1;\n');
      // The merge is without a conflict, and wrong all the same: only the tests can tell.
      await edit('templates/app/mobile/src/order-state.ts', "PENDING: 'open'", "PENDING: 'new'");
      await put(
        'apps/first-mobile/src/words.spec.ts',
        `import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

it('knows pending orders as open', () => {
  expect(readFileSync(new URL('./order-state.ts', import.meta.url), 'utf8')).toContain("PENDING: 'open'");
});
`,
      );
      commit();
      const wrong = await workspace.frontage('upgrade', 'first-mobile');
      expect(wrong.code).toBe(1);
      expect(wrong.errors).toContain('knows pending orders as open');
      expect(wrong.errors).toContain('It compiles, but not all of its tests pass; they are above. The changes stay');
      expect(wrong.errors).toContain('npx frontage accept first-mobile');
    },
    6 * minutes,
  );
});
