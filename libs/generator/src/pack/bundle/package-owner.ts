import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readPackage, type ProductionPackage } from './production-packages.js';

/**
 * The package of a file: that of the nearest folder above with a `package.json` that names one.
 * @param byFolder known packages; gets the ones that were read
 */
export function ownerOf(
  root: string,
  file: string,
  byFolder: Map<string, ProductionPackage>,
): ProductionPackage | undefined {
  for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) {
    const known = byFolder.get(folder);
    if (known !== undefined) return known;
    if (!isPackageFolder(folder)) continue;
    const read = readPackage(root, folder);
    byFolder.set(folder, read);
    return read;
  }
  return undefined;
}

/** Folders such as `dist/esm` have a `package.json` that says nothing but the type of modules. */
function isPackageFolder(folder: string): boolean {
  try {
    const content: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    return typeof content === 'object' && content !== null && 'name' in content && 'version' in content;
  } catch {
    return false;
  }
}
