import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { CheckFailed } from '../../terminal/command.errors.js';

/** The fields of a `package.json` that this command reads. */
interface PackageFile {
  readonly name: string;
  readonly version: string;
  readonly license?: unknown;
  readonly licenses?: unknown;
  readonly gypfile?: boolean;
  readonly napi?: unknown;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

/** A package that an app needs in production, or the app itself. */
export interface ProductionPackage {
  readonly name: string;
  readonly version: string;
  /** An SPDX expression, as the package says it; undefined where it says none. */
  readonly licence: string | undefined;
  /** Absolute and real. */
  readonly folder: string;
  /** From the root of the workspace, with `/`. */
  readonly path: string;
  readonly isOfWorkspace: boolean;
  /** It has machine code, which no bundle can hold. */
  readonly isNative: boolean;
  /** Folders of the packages that it needs. */
  readonly needs: readonly string[];
  /** Names of packages that it uses where they are installed. */
  readonly optionalPeers: ReadonlySet<string>;
}

/** The packages of an installation without development packages, by their real folders. */
export type ProductionPackages = ReadonlyMap<string, ProductionPackage>;

/**
 * The app and all packages that `npm ci --omit=dev` would install for it.
 * @param root real path of the workspace
 * @param app real path of the app
 * @throws CheckFailed where one of them is not installed
 */
export function productionPackages(root: string, app: string): ProductionPackages {
  const found = new Map<string, ProductionPackage>();
  const queue = [app];
  for (let folder = queue.pop(); folder !== undefined; folder = queue.pop()) {
    if (found.has(folder)) continue;
    const each = readPackage(root, folder);
    found.set(folder, each);
    queue.push(...each.needs);
  }
  return found;
}

/** @throws CheckFailed where the folder has no `package.json` that names a package, or a package that it needs is not installed */
export function readPackage(root: string, folder: string): ProductionPackage {
  const path = relative(root, folder).split(sep).join('/');
  const file = readFile(folder, path);
  const isNative = hasMachineCode(folder, file);
  return {
    name: file.name,
    version: file.version,
    licence: licenceOf(file),
    folder,
    path,
    isOfWorkspace: !path.startsWith('..') && !/(?:^|\/)node_modules\//.test(path),
    isNative,
    needs: needsOf(file, folder, path),
    optionalPeers: optionalPeersOf(file),
  };
}

function readFile(folder: string, path: string): PackageFile {
  let file: Partial<PackageFile>;
  try {
    file = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  } catch (cause) {
    throw new CheckFailed(
      `${path}/package.json cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
  const { name, version = '0.0.0' } = file;
  if (name === undefined) throw new CheckFailed(`${path}/package.json has no "name"`);
  return { ...file, name, version };
}

const optionalPeersOf = ({ peerDependencies = {}, peerDependenciesMeta = {} }: PackageFile): ReadonlySet<string> =>
  new Set(Object.keys(peerDependencies).filter((name) => peerDependenciesMeta[name]?.optional === true));

function needsOf(file: PackageFile, folder: string, path: string): string[] {
  const { dependencies = {}, optionalDependencies = {}, peerDependencies = {} } = file;
  const optional = optionalPeersOf(file);
  const wanted = [
    ...Object.keys(dependencies),
    ...Object.keys(peerDependencies).filter((name) => !optional.has(name)),
  ].filter((name) => !Object.hasOwn(optionalDependencies, name));
  const needs: string[] = [];
  for (const name of wanted) {
    const place = installedAt(folder, name);
    if (place === undefined)
      throw new CheckFailed(`${name}, which ${path} needs, is not installed: run \`npm ci\` first`);
    needs.push(place);
  }
  for (const name of Object.keys(optionalDependencies)) {
    const place = installedAt(folder, name);
    if (place !== undefined) needs.push(place);
  }
  return needs;
}

/** The real folder of a package as Node finds it from another folder. */
export function installedAt(from: string, name: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    const place = join(folder, 'node_modules', name);
    if (existsSync(join(place, 'package.json'))) return realpathSync(place);
    if (folder === dirname(folder)) return undefined;
  }
}

/** Packages that load machine code for another one, or build it. */
const loaders: readonly string[] = [
  'bindings',
  'node-gyp-build',
  'node-gyp',
  'prebuild-install',
  '@mapbox/node-pre-gyp',
];

function hasMachineCode(
  folder: string,
  { gypfile, napi, dependencies = {}, optionalDependencies = {} }: PackageFile,
): boolean {
  if (gypfile === true || napi !== undefined || existsSync(join(folder, 'binding.gyp'))) return true;
  if (loaders.some((name) => Object.hasOwn(dependencies, name) || Object.hasOwn(optionalDependencies, name)))
    return true;
  // A package per platform, as `@scope/name-linux-x64`.
  if (Object.keys(optionalDependencies).some((name) => /-(?:linux|darwin|win32)-(?:x64|arm64)/.test(name))) return true;
  return readdirSync(folder).some((name) => name.endsWith('.node') || name === 'prebuilds');
}

function licenceOf({ license, licenses }: PackageFile): string | undefined {
  if (typeof license === 'string') return license;
  // The form before 2015: an object, or a list of them.
  const types = (Array.isArray(licenses) ? licenses : [license ?? licenses]).flatMap((each: unknown) =>
    typeof each === 'object' && each !== null && 'type' in each && typeof each.type === 'string' ? [each.type] : [],
  );
  return types.length === 0 ? undefined : types.length === 1 ? types[0] : `(${types.join(' OR ')})`;
}
