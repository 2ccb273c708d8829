import { isBuiltin } from 'node:module';
import { relative } from 'node:path';
import type { Plugin } from 'rolldown';
import { terminalLine } from '@frontage/contracts/terminal-text';
import type { BundleOptions } from './bundle-options.js';
import { ownerOf } from './package-owner.js';
import type { ProductionPackage } from './production-packages.js';

export interface PackageRules {
  readonly plugin: Plugin;
  /** Packages that were imported and left outside, by path. */
  outside(): readonly ProductionPackage[];
}

/**
 * The imported packages that the bundle gets: those that an installation without development packages has. An optional package that is not
 * among them stays an import, which fails when it is used, as in that installation.
 */
export function packageRules({ root, packages, outside }: BundleOptions, mistakes: string[]): PackageRules {
  const byFolder = new Map(packages);
  const left = new Map<string, ProductionPackage>();
  const plugin: Plugin = {
    name: 'frontage-packages',
    async resolveId(source, importer, { kind }) {
      if (importer === undefined || !isBare(source) || isBuiltin(source)) return undefined;
      const from = ownerOf(root, importer, byFolder);
      const isOwn = from?.isOfWorkspace === true;
      const shown = terminalLine(`${relative(root, importer)} imports ${source}`);
      const found = await this.resolve(source, importer, { skipSelf: true });
      if (found === null || found.external !== false) {
        if (isOwn && kind !== 'dynamic-import') mistakes.push(`${shown}, which is not installed`);
        return { id: source, external: true };
      }
      const owner = ownerOf(root, found.id, byFolder);
      if (owner === undefined || owner === from) return found;
      if (owner.isNative || outside.has(owner.name)) {
        left.set(owner.path, owner);
        return { id: source, external: true };
      }
      if (packages.has(owner.folder)) return found;
      if (isOwn && !from.optionalPeers.has(owner.name))
        mistakes.push(`${shown}, which ${from.path}/package.json does not name under "dependencies"`);
      return kind === 'import-statement' ? found : { id: source, external: true };
    },
  };
  return { plugin, outside: () => [...left.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1)) };
}

/** The name of a package, or of a file of it; neither a path nor a name that begins with `#`. */
const isBare = (source: string): boolean => /^[@\w]/.test(source) && !/^[a-z]:[\\/]/i.test(source);
