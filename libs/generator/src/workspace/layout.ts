import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/**
 * A workspace has one of two layouts. The one of Frontage itself has the libs as folders, and contracts in `libs/upstreams`. One that
 * `npm create frontage` has made gets the libs as packages, and has contracts in `upstreams`.
 */
export const layouts = ['libs/upstreams', 'upstreams'] as const;

/** The folder of the contracts, from the root; undefined where `folder` is no root of a workspace. */
export function contractsFolder(folder: string): string | undefined {
  // Without its package.json, a folder of this name may be anything.
  return layouts.find((layout, index) => existsSync(join(folder, layout, index === 0 ? '.' : 'package.json')));
}

/** The path of the folder of the contracts. */
export const upstreamsPath = (root: string): string => join(root, contractsFolder(root) ?? layouts[0]);

/** True if the libs of Frontage are folders of this workspace; elsewhere they are packages. */
export const hasLibs = (root: string): boolean => contractsFolder(root) === layouts[0];

/** The script of the sandbox, which is built in a folder or comes as a package; undefined where there is neither. */
export function sandboxScript(root: string): string | undefined {
  if (hasLibs(root)) return join(root, 'libs/sandbox/dist/main.js');
  try {
    return createRequire(join(root, 'package.json')).resolve('@frontage/sandbox/main');
  } catch {
    return undefined;
  }
}

/** The version of this package; every package of Frontage has the same. */
export function ownVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest ? String(manifest.version) : '';
}

/** The range of a package of Frontage in the package.json of an app: packages are updated together, folders have no range. */
export const packageRange = (root: string): string => (hasLibs(root) ? '*' : `^${ownVersion()}`);
