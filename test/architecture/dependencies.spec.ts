import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');

interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** A lib whose `dist` has the code of its dependencies, so that they are installed where it is built alone. */
const bundled = '@frontage/developer-page';

interface Package {
  readonly folder: string;
  readonly dependencies: readonly string[];
}

const packages: readonly Package[] = readdirSync(join(root, 'libs'))
  .filter((name) => existsSync(join(root, 'libs', name, 'package.json')))
  .map((name) => {
    const manifest = JSON.parse(readFileSync(join(root, 'libs', name, 'package.json'), 'utf8')) as Manifest;
    const inBundle = manifest.name === bundled ? Object.keys(manifest.devDependencies ?? {}) : [];
    const dependencies = [
      ...Object.keys(manifest.dependencies ?? {}),
      ...inBundle.filter((one) => !one.startsWith('@frontage/')),
    ];
    return { folder: `libs/${name}`, dependencies };
  });

const isProductFile = (path: string): boolean =>
  /\.(?:tsx?|mjs|js)$/.test(path) &&
  !/(?:^|\/)(?:dist|node_modules|fixtures)\//.test(path) &&
  !/\.(?:spec|spec-d|bench)\.ts$/.test(path);

function productCode({ folder }: Package): string {
  const files = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).filter(isProductFile);
  return files.map((file) => readFileSync(join(root, folder, file), 'utf8')).join('\n');
}

/** Packages that another dependency of the same lib asks for, without bringing them. */
function peersOf({ dependencies }: Package): ReadonlySet<string> {
  return new Set(
    dependencies.flatMap((name) => {
      const path = join(root, 'node_modules', name, 'package.json');
      const { peerDependencies = {} } = JSON.parse(readFileSync(path, 'utf8')) as {
        readonly peerDependencies?: Readonly<Record<string, string>>;
      };
      return Object.keys(peerDependencies);
    }),
  );
}

const page = readFileSync(join(root, 'docs/dependencies.md'), 'utf8');

/** Rows of the page: the first cell names the package, the second its libs. */
const rows = [...page.matchAll(/^\| `([^`]+)` +\| ([^|]+)\|/gm)].map(([, name = '', libs = '']) => ({
  name,
  libs: [...libs.matchAll(/`([^`]+)`/g)].map(([, lib = '']) => lib).toSorted(),
}));

describe('the dependencies of the libs', () => {
  it.each(packages.map((one) => [one.folder, one] as const))(
    '%s uses each of them in its product code, or has it as a peer of one that it uses',
    (_, one) => {
      const code = productCode(one);
      const peers = peersOf(one);
      const unused = one.dependencies.filter(
        (name) =>
          !peers.has(name) &&
          !new RegExp(`['"]${name.replaceAll(/[/.]/g, String.raw`\$&`)}(?:/[^'"]*)?['"]`).test(code),
      );
      expect(unused).toEqual([]);
    },
  );

  it('stand in docs/dependencies.md, each with the libs that use it, and nothing else stands there', () => {
    const used = new Map<string, string[]>();
    for (const { folder, dependencies } of packages) {
      for (const name of dependencies.filter((one) => !one.startsWith('@frontage/'))) {
        used.set(name, [...(used.get(name) ?? []), folder.slice('libs/'.length)].toSorted());
      }
    }
    const expected = [...used].map(([name, libs]) => ({ name, libs })).toSorted((a, b) => (a.name < b.name ? -1 : 1));
    expect(rows.toSorted((a, b) => (a.name < b.name ? -1 : 1))).toEqual(expected);
  });
});
