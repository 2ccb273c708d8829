import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bundleApp, type Bundle } from './bundle.js';
import { productionPackages } from './production-packages.js';

let root: string;
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'frontage-bundle-')));
  for (const [lib, entry] of [
    ['core', 'supported-node'],
    ['gateway', 'serve'],
  ] as const) {
    put(`libs/${lib}/package.json`, {
      name: `@frontage/${lib}`,
      version: '1.0.0',
      type: 'module',
      exports: { [`./${entry}`]: './x.js' },
    });
    put(`libs/${lib}/x.js`, '');
    link(`node_modules/@frontage/${lib}`, `../../libs/${lib}`);
  }
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function put(path: string, content: string | object): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), typeof content === 'string' ? content : JSON.stringify(content));
}

function link(path: string, target: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  symlinkSync(target, join(root, path));
}

/** An installed package. */
function install(name: string, files: Readonly<Record<string, string>>, fields: object = {}): void {
  put(`node_modules/${name}/package.json`, { name, version: '1.2.3', main: 'index.js', ...fields });
  for (const [path, text] of Object.entries(files)) put(`node_modules/${name}/${path}`, text);
}

/** Bundles an app with this `dist/main.js`. */
async function bundle(
  main: string,
  dependencies: readonly string[] = [],
  outside: readonly string[] = [],
): Promise<Bundle> {
  const wanted = ['@frontage/core', '@frontage/gateway', ...dependencies].map((name) => [name, '*']);
  put('apps/tv/package.json', {
    name: 'tv',
    version: '1.0.0',
    type: 'module',
    dependencies: Object.fromEntries(wanted),
  });
  put('apps/tv/dist/main.js', main);
  const app = join(root, 'apps/tv');
  const placed = new Map([[join(app, 'bff.yaml'), 'bff.yaml']]);
  return bundleApp({ root, app, packages: productionPackages(root, app), outside: new Set(outside), placed });
}

/** The output of the bundle in a folder of its own, after the workspace has gone. */
function output({ files }: Bundle): string {
  const place = mkdtempSync(join(tmpdir(), 'frontage-bundled-'));
  try {
    for (const [path, content] of [...files, ['bff.yaml', 'a policy'] as const]) {
      mkdirSync(dirname(join(place, path)), { recursive: true });
      writeFileSync(join(place, path), content);
    }
    rmSync(root, { recursive: true });
    return execFileSync(process.execPath, [join(place, 'app/main.js')], { encoding: 'utf8', env: {} });
  } finally {
    rmSync(place, { recursive: true });
  }
}

describe('files that code reads', () => {
  it('go with the bundle, whatever way of naming them the code has', async () => {
    for (const name of ['a', 'b', 'c d']) put(`apps/tv/data/${name}.txt`, name);
    put('apps/tv/bff.yaml', 'not packed twice');
    put('apps/tv/data/facts.json', { fact: 42 });
    install('styles', { 'x.css': 'css', 'index.js': '' });
    install('old', {
      'data/y.txt': 'old data',
      'index.js': `const { join } = require('path'); module.exports = require('fs').readFileSync(join(__dirname, 'data', 'y.txt'), 'utf8');`,
    });
    const made = await bundle(
      `import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import old from 'old';
import facts from '../data/facts.json' with { type: 'json' };
const require = createRequire(import.meta.url);
const read = (file) => readFileSync(file, 'utf8');
console.log(JSON.stringify([
  read(new URL('../data/a.txt', import.meta.url)), read(join(import.meta.dirname, '../data', 'b.txt')),
  read(fileURLToPath(new URL('../data/c%20d.txt', import.meta.url))), read(new URL(import.meta.resolve('styles/x.css'))),
  read(require.resolve('styles/x.css')), typeof require('styles'), old, facts.fact, read(new URL('../bff.yaml', import.meta.url)),
]));`,
      ['styles', 'old'],
    );
    expect([...made.used.keys()].map(({ name }) => name)).toEqual(['tv', 'old', 'styles']);
    expect(JSON.parse(output(made))).toEqual(['a', 'b', 'c d', 'css', 'css', 'object', 'old data', 42, 'a policy']);
  });

  it('are code with imports of its own where a thread runs them', async () => {
    put('apps/tv/dist/price.js', 'export const price = 7;');
    put(
      'apps/tv/dist/price.worker.js',
      `import { parentPort } from 'node:worker_threads'; import { price } from './price.js'; parentPort.postMessage(price);`,
    );
    const made = await bundle(`import { Worker } from 'node:worker_threads';
new Worker(new URL('./price.worker.js', import.meta.url)).on('message', (price) => console.log(price));`);
    expect(output(made)).toBe('7\n');
  });

  it.each([
    [
      'import.meta.dirname',
      'console.log(import.meta.dirname);',
      'apps/tv/dist/main.js:1:13 uses import.meta.dirname, and the bundle has another place: write new URL(',
    ],
    [
      'a missing file',
      "new URL('./none.txt', import.meta.url);",
      'apps/tv/dist/main.js:1:1 names ./none.txt, and there is no such file beside the compiled code',
    ],
    [
      'a missing file of a package',
      "import.meta.resolve('styles/none.css');",
      'apps/tv/dist/main.js:1:1 names styles/none.css, and there is no such file of a package',
    ],
  ])('are refused with their position where they are %s', async (_, main, message) => {
    await expect(bundle(main)).rejects.toThrow(message);
  });
});

describe('packages', () => {
  it('with machine code, and those that are named, stay outside', async () => {
    install('fast', { 'index.js': '', 'binding.gyp': '' });
    install('odd', { 'index.js': '' });
    install('plain', { 'index.js': 'module.exports = 1;' });
    const made = await bundle(
      "import 'fast'; import 'odd'; import plain from 'plain'; console.log(plain);",
      ['fast', 'odd', 'plain'],
      ['odd'],
    );
    expect(made.outside.map(({ name, version }) => `${name}@${version}`)).toEqual(['fast@1.2.3', 'odd@1.2.3']);
    expect(made.files.get('app/main.js')).toMatch(/^import "fast";\nimport "odd";$/m);
  });

  it('of an optional import are left out where an installation for production does not have them', async () => {
    install('tool', { 'index.js': 'throw new Error("loaded");' });
    install(
      'uses',
      {
        'index.js': `try { require('tool'); } catch (error) { module.exports = error.code; } try { require('absent'); } catch {}`,
      },
      { peerDependencies: { tool: '*' }, peerDependenciesMeta: { tool: { optional: true } } },
    );
    const made = await bundle("import uses from 'uses'; console.log(uses);", ['uses']);
    expect([...made.used.keys()].map(({ name }) => name)).not.toContain('tool');
    expect(output(made)).toBe('MODULE_NOT_FOUND\n');
  });

  it('that a lib of the workspace uses where they are installed are left out as well, without a word', async () => {
    install('tool', { 'index.js': 'throw new Error("loaded");' });
    put('libs/gateway/x.js', `import('tool').catch((error) => console.log(error.code));`);
    put('libs/gateway/package.json', {
      name: '@frontage/gateway',
      version: '1.0.0',
      type: 'module',
      exports: { '.': './x.js', './serve': './x.js' },
      peerDependencies: { tool: '*' },
      peerDependenciesMeta: { tool: { optional: true } },
    });
    const made = await bundle("import '@frontage/gateway';");
    expect([...made.used.keys()].map(({ name }) => name)).not.toContain('tool');
    expect(output(made)).toBe('ERR_MODULE_NOT_FOUND\n');
  });

  it('of two versions are two packages', async () => {
    install('same', { 'index.js': 'module.exports = "top";' });
    install('user', { 'index.js': 'module.exports = require("same");' }, { dependencies: { same: '*' } });
    install('user/node_modules/same', { 'index.js': 'module.exports = "inner";' }, { name: 'same', version: '2.0.0' });
    const made = await bundle("import same from 'same'; import user from 'user'; console.log(same, user);", [
      'same',
      'user',
    ]);
    expect(
      [...made.used.keys()].filter(({ name }) => name === 'same').map(({ path, version }) => [path, version]),
    ).toEqual([
      ['node_modules/same', '1.2.3'],
      ['node_modules/user/node_modules/same', '2.0.0'],
    ]);
    expect(output(made)).toBe('top inner\n');
  });

  it('that the package.json of the app does not name are a mistake, and so are those that are not installed', async () => {
    install('tool', { 'index.js': '' });
    await expect(bundle("import 'tool';")).rejects.toThrow(
      'apps/tv/dist/main.js imports tool, which apps/tv/package.json does not name under "dependencies"',
    );
    await expect(bundle("import 'gone';")).rejects.toThrow('apps/tv/dist/main.js imports gone, which is not installed');
    await expect(bundle('', ['gone'])).rejects.toThrow(
      'gone, which apps/tv needs, is not installed: run `npm ci` first',
    );
  });
});

it('code that does not parse is reported by its file', async () => {
  await expect(bundle('const = 1;')).rejects.toThrow(/apps\/tv\/dist\/main\.js/);
});
