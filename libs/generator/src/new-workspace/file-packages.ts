import { readdir } from 'node:fs/promises';
import { relative, sep } from 'node:path';
import { UsageError } from '../terminal/command.errors.js';

/**
 * The package.json of a workspace that takes the packages of Frontage from files: each of them is a dependency of the root, so that the
 * dependencies between them are satisfied too.
 * @param packages folder of the files that `npm pack` has made
 * @param folder of the workspace, for the paths
 * @throws {UsageError} for a folder without such files
 */
export async function filePackages(manifest: string, packages: string, folder: string): Promise<string> {
  const names = await readdir(packages).catch(() => []);
  const way = relative(folder, packages).replaceAll(sep, '/');
  const found = names.flatMap((file) => {
    const lib = /^frontage-([a-z]+)-\d.*\.tgz$/.exec(file)?.[1];
    return lib === undefined ? [] : [[`@frontage/${lib}`, `file:${way}/${file}`] as const];
  });
  if (!found.some(([name]) => name === '@frontage/generator'))
    throw new UsageError(`${packages} has no packages of Frontage, such as frontage-generator-0.1.0.tgz`);
  const settings: { readonly devDependencies: Readonly<Record<string, string>> } = JSON.parse(manifest);
  const all = Object.entries({ ...settings.devDependencies, ...Object.fromEntries(found) });
  const devDependencies = Object.fromEntries(all.toSorted(([one], [other]) => (one < other ? -1 : 1)));
  return JSON.stringify({ ...settings, devDependencies }, null, 2);
}
