import { dirname, join, relative, resolve, sep } from 'node:path';
import { rolldown, type OutputChunk, type Plugin } from 'rolldown';
import { CheckFailed } from '../../terminal/command.errors.js';
import { codeFolder, type BundleOptions } from './bundle-options.js';
import { appMaps } from './app-maps.js';
import { PackedFiles } from './packed-files.js';
import { packageRules } from './package-rules.js';
import { placeRewrites } from './place-rewrites.js';
import { ownerOf } from './package-owner.js';
import type { ProductionPackage } from './production-packages.js';

export interface Bundle {
  /** Content by path in the packed folder. */
  readonly files: ReadonlyMap<string, string | Uint8Array>;
  /** Packages with code or files in the bundle, by path, with the files of each: paths from the root of the workspace. */
  readonly used: ReadonlyMap<ProductionPackage, readonly string[]>;
  /** Packages that are imported and were not bundled. */
  readonly outside: readonly ProductionPackage[];
}

const entries = {
  'supported-node': '@frontage/core/supported-node',
  'serve-processes': '@frontage/gateway/serve',
};

/**
 * Bundles the compiled JavaScript of an app, because it has the metadata of decorators, with all that it needs. What is imported when it is
 * needed stays a file of its own. The same sources give the same bytes, wherever the workspace is.
 * @throws CheckFailed that names each import and each place in code that a bundle cannot have
 */
export async function bundleApp(options: BundleOptions): Promise<Bundle> {
  const { root, app } = options;
  const mistakes: string[] = [];
  const files = new PackedFiles(options);
  const rules = packageRules(options, mistakes);
  const entrances: Plugin = {
    name: 'frontage-entrances',
    // As the app would import them.
    resolveId(source, importer) {
      return importer === undefined && !source.startsWith(sep)
        ? this.resolve(source, join(app, 'dist/main.js'), { skipSelf: true })
        : undefined;
    },
  };
  const build = await rolldown({
    cwd: root,
    platform: 'node',
    // Compiled code needs no paths of the compiler.
    tsconfig: false,
    input: { main: join(app, 'dist/main.js'), ...entries },
    logLevel: 'silent',
    plugins: [entrances, rules.plugin, appMaps(root, app), placeRewrites(options, files, mistakes)],
  });
  try {
    const { output } = await build.generate({
      format: 'esm',
      entryFileNames: '[name].js',
      chunkFileNames: '[name]-[hash].js',
      minify: false,
      sourcemap: true,
      sourcemapExcludeSources: true,
      sourcemapPathTransform: (path, map) => `../${inWorkspace(root, resolve(dirname(map), path))}`,
    });
    if (mistakes.length > 0) throw new CheckFailed(mistakes.toSorted().join('\n'));
    const chunks = output.filter((each) => each.type === 'chunk');
    return {
      files: new Map<string, string | Uint8Array>([...files.content, ...chunks.flatMap(chunkFiles)]),
      used: usedPackages(options, chunks, files),
      outside: rules.outside(),
    };
  } catch (cause) {
    if (cause instanceof CheckFailed) throw cause;
    const reasons = mistakes.length > 0 ? mistakes : [cause instanceof Error ? cause.message : String(cause)];
    throw new CheckFailed(`the bundle cannot be made:\n${reasons.join('\n')}`, { cause });
  } finally {
    await build.close();
  }
}

const inWorkspace = (root: string, file: string): string => relative(root, file).split(sep).join('/');

/** A chunk without code of the app has no map: only positions in the app are shown to people. */
function chunkFiles({ fileName, code, map }: OutputChunk): ReadonlyArray<readonly [string, string]> {
  const text = code.replace(/\n\/\/# sourceMappingURL=.*\n?$/, '\n');
  const path = `${codeFolder}/${fileName}`;
  if (map === null || !/[^;]/.test(map.mappings)) return [[path, text]];
  return [
    [path, `${text}//# sourceMappingURL=${fileName}.map\n`],
    [`${path}.map`, `${map.toString()}\n`],
  ];
}

function usedPackages(
  { root, packages }: BundleOptions,
  chunks: readonly OutputChunk[],
  files: PackedFiles,
): ReadonlyMap<ProductionPackage, readonly string[]> {
  const used = new Map<ProductionPackage, Set<string>>();
  const byFolder = new Map<string, ProductionPackage>(packages);
  const add = (file: string): void => {
    const owner = ownerOf(root, file, byFolder);
    if (owner === undefined) return;
    const names = used.get(owner) ?? new Set();
    used.set(owner, names.add(inWorkspace(root, file)));
  };
  for (const { modules } of chunks)
    for (const [id, { code }] of Object.entries(modules))
      if (code !== null && code !== '' && !id.startsWith('\0')) add(id);
  for (const file of files.sources) add(file);
  const sorted = [...used].map(([owner, names]) => [owner, [...names].toSorted()] as const);
  return new Map(sorted.toSorted(([a], [b]) => (a.path < b.path ? -1 : 1)));
}
