import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { CheckFailed, UsageError } from '../terminal/command.errors.js';
import { bundleApp } from './bundle/bundle.js';
import { productionPackages } from './bundle/production-packages.js';
import { dockerfile, dockerignore } from './container-files.js';
import { launchers } from './launchers.js';
import { licenceTexts } from './licences.js';
import { digestOf, manifestName, type Manifest, type PackedContent } from './output-folder.js';
import { jsonText, packedInstall, readLock } from './packed-lock.js';
import { packPolicy } from './policy-chain.js';
import { sbom } from './sbom.js';

export interface PackOptions {
  readonly root: string;
  /** A folder of `apps/`. */
  readonly name: string;
  readonly folder: string;
  /** Names of packages that stay outside of the bundle. */
  readonly outside: readonly string[];
}

/** A packed app, in memory. */
export interface Pack {
  readonly content: PackedContent;
  /** Packages in the bundle, without the app. */
  readonly packages: number;
  /** Packages that are left to install, as `name@version`. */
  readonly installs: readonly string[];
}

/**
 * All files of a packed app. Nothing is written.
 * @throws CheckFailed where the app is not built, or cannot be bundled
 * @throws UsageError where a package that stays outside is none of the app
 */
export async function planPack({ root, name, folder, outside }: PackOptions): Promise<Pack> {
  const [realRoot, realApp] = [realpathSync(root), realpathSync(folder)];
  if (!existsSync(join(realApp, 'dist/main.js')))
    throw new CheckFailed(`apps/${name}/dist/main.js is missing: run \`npm run build\` first`);
  const packages = productionPackages(realRoot, realApp);
  for (const each of outside)
    if (!packages.values().some((known) => known.name === each && !known.isOfWorkspace))
      throw new UsageError(`--outside ${each}: ${name} needs no package of this name in production`);
  const policy = await packPolicy(realRoot, realApp);
  const bundle = await bundleApp({
    root: realRoot,
    app: realApp,
    packages,
    outside: new Set(outside),
    placed: new Map([[join(realApp, 'bff.yaml'), 'bff.yaml']]),
  });
  const app = packages.get(realApp);
  if (app === undefined) throw new Error(`apps/${name} is no package`);
  const lock = readLock(realRoot);
  const install = packedInstall(realRoot, app, bundle.outside, lock);
  const foreign = [...bundle.used.keys()].filter(({ isOfWorkspace }) => !isOfWorkspace);
  const files = new Map<string, string | Uint8Array>([
    ...bundle.files,
    ...policy.files,
    ...launchers(policy.port !== undefined),
    ['package.json', install.packageJson],
    ['package-lock.json', install.packageLock],
    [
      'Dockerfile',
      dockerfile({ name, node: process.versions.node, port: policy.port, installs: bundle.outside.length > 0 }),
    ],
    ['.dockerignore', dockerignore],
    ...documentFile(realApp),
    ['sbom.cdx.json', sbom({ root: realRoot, app, used: bundle.used, outside: bundle.outside, lock })],
    ['LICENSES.txt', licenceTexts(foreign)],
  ]);
  const sorted = [...files].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const manifest: Manifest = {
    app: name,
    ...(policy.port !== undefined && { port: policy.port }),
    files: Object.fromEntries(sorted.map(([path, bytes]) => [path, digestOf(bytes)])),
  };
  return {
    content: new Map([...sorted, [manifestName, jsonText(manifest)]]),
    packages: bundle.used.size - (bundle.used.has(app) ? 1 : 0),
    installs: bundle.outside.map((each) => `${each.name}@${each.version}`),
  };
}

/** The committed document beside `bff.yaml`: the reference page has its examples from there. */
function documentFile(app: string): readonly (readonly [string, Uint8Array])[] {
  const file = join(app, 'openapi.gen.json');
  return existsSync(file) ? [['openapi.gen.json', readFileSync(file)]] : [];
}
