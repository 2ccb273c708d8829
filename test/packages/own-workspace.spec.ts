import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { RunningCommand } from '../generator/running-command.js';
import { filesBelow, PackedPackages, readJson, repository, run } from './packed-packages.js';

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly exports?: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** With FRONTAGE_INSTALL=1 the dependencies are installed by npm; without, they are those of the repository, which takes no network. */
const isInstalled = process.env['FRONTAGE_INSTALL'] !== undefined;
const minutes = 60_000;
// Each test runs processes, and a busy machine gives them little time.
vi.setConfig({ testTimeout: 5 * minutes, hookTimeout: 10 * minutes });

let packed: PackedPackages;
let root: string;
let created: string;

/** A command of the workspace, run by the Node.js of these tests. */
const tool = (script: string, ...args: string[]) =>
  run(process.execPath, [join(root, 'node_modules', script), ...args], root);
const frontage = (...args: string[]) => tool('@frontage/generator/bin/frontage.js', ...args);

beforeAll(async () => {
  packed = await PackedPackages.make();
  // `npm create frontage` runs this file of the installed package.
  const maker = join(packed.folder, 'maker');
  await packed.unpackInto(maker);
  await linkDependencies(maker);
  const script = join(maker, 'node_modules/create-frontage/bin/create-frontage.js');
  const { code, output } = await run(process.execPath, [script, 'shop', '--packages', 'packages'], packed.folder);
  expect(code, output).toBe(0);
  created = output;
  root = join(packed.folder, 'shop');
  if (isInstalled) {
    const installed = await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund'], root);
    expect(installed.code, installed.output).toBe(0);
  } else {
    await packed.unpackInto(root);
    await linkDependencies(root);
    await linkWorkspaces();
  }
});
afterAll(() => packed.remove());

/** The dependencies that are not of Frontage, from the repository. */
async function linkDependencies(folder: string): Promise<void> {
  const from = join(repository, 'node_modules');
  const ours: ReadonlySet<string> = new Set(['@frontage', 'create-frontage', '.cache']);
  for (const name of (await readdir(from)).filter((one) => !ours.has(one)))
    await symlink(join(from, name), join(folder, 'node_modules', name));
}

async function linkWorkspaces(): Promise<void> {
  const scope = join(root, 'node_modules/@frontage');
  if (!existsSync(join(scope, 'upstreams'))) await symlink('../../upstreams', join(scope, 'upstreams'));
  for (const app of await readdir(join(root, 'apps')))
    if (!existsSync(join(scope, app))) await symlink(`../../apps/${app}`, join(scope, app));
}

describe('the packages', () => {
  const libs = (): [name: string, folder: string][] =>
    [...packed.files.values()].map((name) => [name, join(packed.folder, 'maker/node_modules', name)]);

  it('are all libs but the contracts, and the maker of workspaces', async () => {
    const all = (await readdir(join(repository, 'libs'))).filter((lib) => lib !== 'upstreams');
    const expected: readonly string[] = [...all.map((lib) => `@frontage/${lib}`), 'create-frontage'];
    expect([...packed.files.values()].toSorted()).toEqual(expected.toSorted());
  });

  it('have what was built, its sources for the maps, a licence and a README, and nothing else', async () => {
    const extras = [
      /^(?:LICENSE|README\.md|package\.json)$/,
      /^dist\/.*\.(?:js|d\.ts)(?:\.map)?$/,
      /^dist\/page\/(?:index\.html|page\.css)$/,
      /^src\/.*\.ts$/,
      /^launchers\/[\w-]+\.js$/,
      /^schematics\/[\w.]+\.json$/,
      /^(?:supported-node\.(?:mjs|d\.mts)|bff\.schema\.json|bin\/[\w-]+\.js)$/,
      /^dist\/templates\/(?:(?:app|workspace|policy|upstreams)\/|history\.json$)/,
    ];
    for (const [name, folder] of libs()) {
      const files = await filesBelow(folder);
      expect(files.filter((file) => !extras.some((each) => each.test(file)))).toEqual([]);
      expect(files).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'package.json']));
      const code = files.filter((file) => !file.startsWith('dist/templates/'));
      expect(code.filter((file) => /\.(?:spec|spec-d|bench)\.|fixtures|tsbuildinfo/.test(file))).toEqual([]);
      // Each map leads to a source that is there.
      const missing = code
        .filter((file) => file.startsWith('dist/') && file.endsWith('.js.map'))
        .map((file) => file.replace(/^dist\/(.*)\.js\.map$/, 'src/$1.ts'))
        .filter((file) => !files.includes(file));
      expect(missing, name).toEqual([]);
    }
  });

  it('have one version, and depend on each other in exactly this version', async () => {
    for (const [, folder] of libs()) {
      const {
        name,
        version,
        private: isPrivate,
        dependencies = {},
      } = await readJson<Manifest>(join(folder, 'package.json'));
      expect([name, version, isPrivate]).toEqual([name, '0.1.0', undefined]);
      const own = Object.entries(dependencies).filter(([one]) => one.startsWith('@frontage/'));
      expect(own.filter(([, range]) => range !== version)).toEqual([]);
      expect(own.map(([one]) => one)).not.toContain('@frontage/upstreams');
    }
  });

  it('pass publint', async () => {
    for (const [, folder] of libs()) {
      const { messages, pkg } = await publint({ pkgDir: folder, pack: false, strict: true });
      expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
    }
  });

  it.each([
    ['node16', 'node16'],
    ['bundler', 'esnext'],
  ])('have types for each of their entries under moduleResolution %s', async (moduleResolution, module) => {
    const entries = await Promise.all(
      libs().map(async ([name, folder]) =>
        Object.keys((await readJson<Manifest>(join(folder, 'package.json'))).exports ?? {})
          .filter((entry) => !entry.endsWith('.json'))
          .map((entry) => name + entry.slice(1)),
      ),
    );
    const names = entries.flat();
    expect(names.length).toBeGreaterThan(30);
    const consumer = join(packed.folder, 'maker', module);
    await mkdir(consumer);
    const lines = names.map((name, index) => `export * as m${index} from '${name}';\n`);
    await writeFile(join(consumer, 'package.json'), '{ "type": "module" }');
    await writeFile(
      join(consumer, 'consumer.ts'),
      `${lines.join('')}\nimport { plan } from '@frontage/aggregation';\n// @ts-expect-error -- a plan has a name\nplan();\n`,
    );
    const settings = {
      module,
      moduleResolution,
      target: 'es2024',
      lib: ['es2024', 'esnext'],
      strict: true,
      noEmit: true,
      types: ['node'],
      skipLibCheck: true,
    };
    await writeFile(join(consumer, 'tsconfig.json'), JSON.stringify({ compilerOptions: settings }));
    const compiler = join(repository, 'node_modules/@typescript/native/bin/tsc');
    expect(await run(process.execPath, [compiler, '-p', consumer], consumer)).toEqual({ code: 0, output: '' });
  });
});

describe('a workspace of its own', () => {
  it('says what was made and what to type next', () => {
    expect(created.replace(packed.folder, '...')).toMatchInlineSnapshot(`
      "Made the workspace shop in .../shop, with an app for web clients on port 4001:

        write   .frontage/record.gen.json
        write   .frontage/rendering.gen.json
        write   .github/workflows/ci.yml
        write   .gitignore
        write   .npmrc
        write   .oxlintrc.json
        write   .prettierignore
        write   .prettierrc.json
        write   CODEOWNERS
        write   README.md
        write   apps/web/.frontage/record.gen.json
        write   apps/web/.frontage/rendering.gen.json
        write   apps/web/Dockerfile
        write   apps/web/Dockerfile.dockerignore
        write   apps/web/README.md
        write   apps/web/bff.yaml
        write   apps/web/package.json
        write   apps/web/src/home/home.controller.ts
        write   apps/web/src/home/home.screen.ts
        write   apps/web/src/home/home.spec.ts
        write   apps/web/src/main.ts
        write   apps/web/src/web.module.ts
        write   apps/web/test/web.e2e-spec.ts
        write   apps/web/tsconfig.json
        write   nest-cli.json
        write   package.json
        write   policy/base.yaml
        write   tsconfig.base.json
        write   tsconfig.json
        write   tsconfig.test.json
        write   upstreams/package.json
        write   upstreams/tsconfig.json
        write   vitest.config.ts
        write   upstreams/{carts,catalogue,content,inventory,orders,recommendations,reviews,shipping,users}, an example

      Next:

        cd shop
        git init      contracts and generated files are committed, too
        npm install   brings Frontage, and the Node.js that runs it
        npm start     builds, starts a sandbox of the services and the app, prints a request to try
        npm test      all checks and tests; the first run writes openapi.gen.json and routes.gen.md
      "
    `);
  });

  it('has the tools of the repository in the same versions', async () => {
    const own = await readJson<Manifest>(join(repository, 'templates/workspace/package.json'));
    const ours = await readJson<Manifest>(join(repository, 'package.json'));
    const tools = Object.entries(own.devDependencies ?? {}).filter(([name]) => !name.startsWith('@frontage/'));
    expect(Object.fromEntries(tools)).toEqual(
      Object.fromEntries(tools.map(([name]) => [name, ours.devDependencies?.[name]])),
    );
  });

  it('has no libs, and compiles with the settings of the repository', async () => {
    expect(existsSync(join(root, 'libs'))).toBe(false);
    const settings = async (path: string) => (await readJson<{ compilerOptions: object }>(path)).compilerOptions;
    const {
      customConditions: _,
      noPropertyAccessFromIndexSignature: __,
      ...ours
    } = Object.fromEntries(Object.entries(await settings(join(repository, 'tsconfig.base.json'))));
    expect(await settings(join(root, 'tsconfig.base.json'))).toEqual(ours);
  });

  it('gets a further app, an upstream and the upstream of one app by the same commands', async () => {
    expect(await frontage('new', 'tv', '--client', 'mobile')).toMatchObject({ code: 0 });
    expect(await frontage('new', 'core', '--client', 'mobile')).toMatchObject({
      code: 2,
      output: expect.stringContaining('@frontage/core is a package that is installed'),
    });
    const response = `responses: { '200': { description: ok, content: { application/json: { schema: { type: string } } } } }`;
    const contract = `openapi: 3.1.0\ninfo: { title: Notes, version: '1' }\npaths: { /notes: { get: { operationId: listNotes, ${response} } } }\n`;
    await writeFile(join(packed.folder, 'notes.yaml'), contract);
    expect(await frontage('upstream', 'add', 'notes', '../notes.yaml')).toMatchObject({
      code: 0,
      output: expect.stringContaining('  write   upstreams/notes/notes.gen.ts\n'),
    });
    expect(await frontage('upstream', 'add', 'memo', '../notes.yaml', '--app', 'tv')).toMatchObject({ code: 0 });
    // Screens over a shared contract, over one of the example, and over one of the app.
    for (const [screen, calls] of [
      ['web/notes', 'notes.listNotes,users.getUser'],
      ['tv/memos', 'memo.listNotes'],
    ] as const)
      expect(await frontage('endpoint', screen, '--calls', calls)).toMatchObject({ code: 0 });
    expect(await readFile(join(root, 'apps/tv/bff.yaml'), 'utf8')).toContain(
      '$schema=../../node_modules/@frontage/config/bff.schema.json',
    );
    await linkWorkspaces();
  });

  it('builds, and its checks pass', async () => {
    const built = await frontage('build');
    expect(built, built.output).toMatchObject({ code: 0 });
    const types = await tool('@typescript/native/bin/tsc', '-p', 'tsconfig.test.json');
    expect(types).toEqual({ code: 0, output: '' });
    expect(await tool('.bin/prettier', '--check', '--log-level', 'warn', '.')).toEqual({ code: 0, output: '' });
    expect(await frontage('upstream', 'update', '--check')).toMatchObject({ code: 0 });
    if (isInstalled) expect(await run('npm', ['run', 'check'], root)).toMatchObject({ code: 0 });
  });

  it('shows the plan of a screen, and accepts the promise of an app', async () => {
    expect((await frontage('plan', 'web', 'GET', '/home')).output).toContain('apps/web/src/home/home.screen.ts');
    const accepted = await frontage('accept', 'web');
    expect(accepted).toMatchObject({
      code: 0,
      output: expect.stringContaining('  write   apps/web/openapi.gen.json\n'),
    });
    expect(accepted.output).not.toMatch(/No (?:new )?example/);
    expect(await readFile(join(root, 'apps/web/openapi.gen.json'), 'utf8')).toContain('"example');
  });

  it('passes its tests, with the sandbox of its package', async () => {
    const tested = await tool('.bin/vitest', 'run', ...(isInstalled ? [] : ['apps/web']));
    expect(tested, tested.output).toMatchObject({ code: 0 });
  });

  it('starts, and answers the request that it prints', async () => {
    const ports = { SANDBOX_PORT: '0', WEB_PORT: '0', WEB_ADMIN_PORT: '0', TV_PORT: '0', TV_ADMIN_PORT: '0' };
    const started = new RunningCommand(
      root,
      ['start'],
      ports,
      join(root, 'node_modules/@frontage/generator/bin/frontage.js'),
    );
    try {
      const [, token = '', url = ''] = await started.until(
        /curl -s -H 'authorization: (Bearer [^']+)' '(http[^']+)'/,
        4 * minutes,
      );
      const response = await fetch(url, { headers: { authorization: token } });
      expect([response.status, await response.json()]).toEqual([
        200,
        expect.objectContaining({ greeting: 'Hello Ada Lovelace' }),
      ]);
    } finally {
      await started.interrupt();
    }
  });
});

describe('the Nest CLI', () => {
  const generate = (...args: string[]) => tool('.bin/nest', 'generate', '-c', '@frontage/generator', ...args);

  it('makes the app that `frontage new` makes', async () => {
    const listings = async () =>
      Promise.all(['nest-cli.json', 'tsconfig.json'].map((file) => readFile(join(root, file), 'utf8')));
    const before = await listings();
    expect(await generate('bff', 'kiosk', '--project', 'web', '--type', 'mobile', '--dry-run')).toMatchObject({
      code: 0,
    });
    expect(existsSync(join(root, 'apps/kiosk'))).toBe(false);
    const made = await generate('app', 'kiosk', '--type', 'mobile');
    expect(made.output).toContain('CREATE apps/kiosk/bff.yaml');
    const files = await filesBelow(join(root, 'apps/kiosk'));
    const texts = async () => Promise.all(files.map((file) => readFile(join(root, 'apps/kiosk', file), 'utf8')));
    const [app, listed] = [await texts(), await listings()];
    await rm(join(root, 'apps/kiosk'), { recursive: true });
    await Promise.all(
      ['nest-cli.json', 'tsconfig.json'].map((file, index) => writeFile(join(root, file), before[index] ?? '')),
    );
    expect(await frontage('new', 'kiosk', '--client', 'mobile')).toMatchObject({ code: 0 });
    expect([await filesBelow(join(root, 'apps/kiosk')), await texts(), await listings()]).toEqual([files, app, listed]);
  });

  it('makes the screen that `frontage endpoint` makes', async () => {
    const folder = join(root, 'apps/web');
    const texts = async () => {
      const files = (await filesBelow(folder)).filter((file) => !/^(?:dist|node_modules)\//.test(file));
      return Promise.all(files.map(async (file) => [file, await readFile(join(folder, file), 'utf8')] as const));
    };
    const before = await texts();
    const words = ['endpoint', 'reviews', 'reviews.listReviews', '--type', 'inventory.listStock', '--project', 'web'];
    expect(await generate(...words, '--dry-run')).toMatchObject({ code: 0 });
    expect(await texts()).toEqual(before);
    expect((await generate(...words)).output).toContain('CREATE apps/web/src/reviews/reviews.screen.ts');
    const made = await texts();
    await rm(join(folder, 'src/reviews'), { recursive: true });
    for (const [file, text] of before) await writeFile(join(folder, file), text);
    const calls = ['--calls', 'reviews.listReviews', '--optional', 'inventory.listStock'];
    expect(await frontage('endpoint', 'web/reviews', ...calls)).toMatchObject({ code: 0 });
    expect(await texts()).toEqual(made);
  });

  it('says why it makes none', async () => {
    expect((await generate('app', 'web')).output).toContain('apps/web exists already');
    expect((await generate('app', 'radio', '--type', 'fridge')).output).toContain(
      'there is no template for the client "fridge"',
    );
    expect(existsSync(join(root, 'apps/radio'))).toBe(false);
    expect((await generate('endpoint', 'a', 'user.getUser', '--project', 'web')).output).toContain(
      'did you mean users?',
    );
    expect((await generate('endpoint', 'a', '--project', 'web')).output).toContain('name the operations behind');
  });
});

// A bundle needs the lock file of an installation.
describe.runIf(isInstalled)('an app of such a workspace', () => {
  it('is packed for deployment', async () => {
    const packedApp = await frontage('pack', 'web', '--out', '../web');
    expect(packedApp, packedApp.output).toMatchObject({ code: 0 });
    const out = join(packed.folder, 'web');
    expect(await readdir(out)).toEqual(expect.arrayContaining(['main.js', 'Dockerfile']));
    const described = await run(process.execPath, ['main.js', '--describe'], out);
    expect(described, described.output).toMatchObject({ code: 0 });
    expect(described.output).toContain('"/notes/:id"');
  });
});

describe('npm create frontage', () => {
  const create = (...args: string[]) =>
    run(
      process.execPath,
      [join(packed.folder, 'maker/node_modules/create-frontage/bin/create-frontage.js'), ...args],
      packed.folder,
    );

  it('writes nothing into a folder that has files, and nothing in a dry run', async () => {
    const before = await readdir(packed.folder);
    expect(await create('shop')).toMatchObject({ code: 2, output: expect.stringContaining('is not empty: it has ') });
    expect(await create('Other Shop')).toMatchObject({ code: 2, output: expect.stringContaining('such as shop') });
    expect(await create('other', '--client', 'fridge')).toMatchObject({
      code: 2,
      output: expect.stringContaining('mobile'),
    });
    expect(await create('other', '--packages', 'maker')).toMatchObject({
      code: 2,
      output: expect.stringContaining('has no packages'),
    });
    const dry = await create('other', '--dry-run', '--json');
    expect(JSON.parse(dry.output)).toMatchObject({
      command: 'create-frontage',
      ok: true,
      dryRun: true,
      workspace: 'other',
    });
    expect(await readdir(packed.folder)).toEqual(before);
  });

  it('fills the folder of an empty repository', async () => {
    await mkdir(join(packed.folder, 'fresh/.git'), { recursive: true });
    expect(await create('fresh', '--client', 'partner', '--app', 'dealers')).toMatchObject({ code: 0 });
    expect(await readdir(join(packed.folder, 'fresh'))).toEqual(
      expect.arrayContaining(['.git', 'apps', 'package.json']),
    );
    expect(await readdir(join(packed.folder, 'fresh/apps'))).toEqual(['dealers']);
  });
});
