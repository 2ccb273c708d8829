import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CheckFailed } from '../terminal/command.errors.js';
import { installedAt } from './bundle/production-packages.js';
import { readPackage, type ProductionPackage } from './bundle/production-packages.js';

/** One entry of `packages` in a lock file; fields that this command does not read are kept. */
export interface LockedPackage {
  readonly version?: string;
  readonly integrity?: string;
  readonly dev?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

export type LockedPackages = Readonly<Record<string, LockedPackage>>;

/** The lock file of the workspace; empty where it has none. @throws CheckFailed where it cannot be read */
export function readLock(root: string): LockedPackages {
  const file = join(root, 'package-lock.json');
  if (!existsSync(file)) return {};
  try {
    const { packages = {} }: { readonly packages?: LockedPackages } = JSON.parse(readFileSync(file, 'utf8'));
    return packages;
  } catch (cause) {
    throw new CheckFailed(
      `package-lock.json cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
      {
        cause,
      },
    );
  }
}

export interface PackedInstall {
  readonly packageJson: string;
  readonly packageLock: string;
}

/**
 * `package.json` and `package-lock.json` of a packed folder: the app, and those packages that the bundle does not have, at the versions of the
 * workspace. All platforms of a package with machine code stay in it, because the image may have another one.
 */
export function packedInstall(
  root: string,
  app: ProductionPackage,
  outside: readonly ProductionPackage[],
  lock: LockedPackages,
): PackedInstall {
  const dependencies = Object.fromEntries(outside.map(({ name, version }) => [name, version]));
  const file = {
    name: app.name,
    version: app.version,
    private: true,
    type: 'module',
    ...(app.licence !== undefined && { license: app.licence }),
    engines: { node: '>=24' },
    // Positions in descriptions and messages are shown from here.
    workspaces: [],
    scripts: { start: 'node serve.js' },
    ...(outside.length > 0 && { dependencies }),
  };
  const { private: _, type: _type, scripts: _scripts, ...inLock } = file;
  const packages = { '': inLock, ...lockedClosure(root, outside, lock) };
  return {
    packageJson: jsonText(file),
    packageLock: jsonText({ name: app.name, version: app.version, lockfileVersion: 3, requires: true, packages }),
  };
}

/** Places as in the workspace: what stands at the top there stands at the top here, so that no version is found twice. */
function lockedClosure(
  root: string,
  outside: readonly ProductionPackage[],
  lock: LockedPackages,
): Record<string, LockedPackage> {
  const closure = new Map<string, LockedPackage>();
  const queue = [...outside];
  for (let each = queue.pop(); each !== undefined; each = queue.pop()) {
    const locked = lock[each.path];
    if (locked === undefined)
      throw new CheckFailed(
        `package-lock.json does not have ${each.path}: run \`npm install\`, and commit the lock file`,
      );
    if (closure.has(each.path)) continue;
    const { dev: _, ...kept } = locked;
    closure.set(each.path, kept);
    queue.push(...each.needs.map((folder) => readPackage(root, folder)));
    for (const name of Object.keys(locked.optionalDependencies ?? {})) {
      const path = lockedPlace(each.path, name, lock);
      if (path === undefined || installedAt(join(root, each.path), name) !== undefined) continue;
      const { dev: _dev, ...other } = lock[path] ?? {};
      closure.set(path, other);
    }
  }
  return Object.fromEntries([...closure].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** The place where Node would find a package from the place of another one, by the lock file alone. */
function lockedPlace(from: string, name: string, lock: LockedPackages): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const path = folder === '.' ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    if (Object.hasOwn(lock, path)) return path;
    if (folder === '.') return undefined;
  }
}

export const jsonText = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
