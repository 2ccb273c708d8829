import { readFileSync } from 'node:fs';
import { createRequire, SourceMap } from 'node:module';
import { dirname, extname, relative, resolve } from 'node:path';
import { MagicString } from 'magic-string';
import type { Plugin, TransformPluginContext } from 'rolldown';
import { terminalLine } from '@frontage/contracts/terminal-text';
import { noMap } from './app-maps.js';
import type { BundleOptions } from './bundle-options.js';
import { ownerOf } from './package-owner.js';
import type { PackedFiles } from './packed-files.js';
import { placesInCode, type FoundPlace, type Range } from './places-in-code.js';

/** Modules that give CommonJS code, which has no `import.meta`, the place of a file of the bundle. */
const placePrefix = '\0frontage-place:';

/** `getBuiltinModule` needs no import, so that it stands in every module. */
const pathOf = (url: string): string => `process.getBuiltinModule('node:url').fileURLToPath(${url})`;
const urlOf = (place: string): string => `new URL(${JSON.stringify(encodeURI(place))}, import.meta.url)`;

/**
 * Code finds the files that it reads: they go into the bundle, and the code names their new place. Code of the workspace that uses its
 * place in another way is a mistake, because its files would be missing.
 */
export function placeRewrites(options: BundleOptions, files: PackedFiles, mistakes: string[]): Plugin {
  const { root, packages } = options;
  return {
    name: 'frontage-places',
    resolveId(source) {
      return source.startsWith(placePrefix) ? source : undefined;
    },
    load(id) {
      if (!id.startsWith(placePrefix)) return undefined;
      return { code: `export const path = ${pathOf(urlOf(id.slice(placePrefix.length)))};`, moduleType: 'js' };
    },
    transform(code, id) {
      if (id.startsWith('\0')) return undefined;
      const places = placesInCode(id, code);
      if (places.length === 0) return undefined;
      const isOwn = ownerOf(root, id, new Map(packages))?.isOfWorkspace === true;
      const text = new MagicString(code);
      for (const place of places) {
        const written = rewrite(this, id, place, files);
        if (written !== undefined) text.overwrite(written.start, written.end, written.code);
        else if (isOwn) mistakes.push(mistakeAt(root, id, code, place));
      }
      return { code: text.toString(), map: isOwn ? text.generateMap({ hires: true, source: id }) : noMap };
    },
  };
}

const commonjsPath = (place: string): string => `require(${JSON.stringify(placePrefix + place)}).path`;

interface Rewrite extends Range {
  readonly code: string;
}

/** The code in its place; undefined where a bundle cannot have it. */
function rewrite(
  context: TransformPluginContext,
  id: string,
  place: FoundPlace,
  files: PackedFiles,
): Rewrite | undefined {
  const code = newCode(context, id, place, files);
  if (code !== undefined) return { start: place.start, end: place.end, code };
  // The name of the folder is known even if the file is missing.
  return place.kind === 'file' && place.commonjsName !== undefined
    ? { start: place.commonjsName.start, end: place.commonjsName.end, code: commonjsPath('.') }
    : undefined;
}

function newCode(
  context: TransformPluginContext,
  id: string,
  place: FoundPlace,
  files: PackedFiles,
): string | undefined {
  switch (place.kind) {
    case 'file': {
      const file = resolve(dirname(id), place.path);
      if (place.gives === 'url' && /^\.[cm]?js$/.test(extname(file)) && files.has(file)) {
        // The code of a thread has imports of its own.
        const reference = context.emitFile({ type: 'chunk', id: file });
        return `new URL(import.meta.ROLLUP_FILE_URL_${reference})`;
      }
      // Code that is started by its path would miss its own imports.
      const packed = /^\.[cm]?js$/.test(extname(file)) ? undefined : files.add(file);
      if (packed !== undefined) return place.gives === 'url' ? urlOf(packed) : pathText(id, packed);
      return undefined;
    }
    case 'packageFile': {
      const packed = files.add(packageFile(id, place.specifier) ?? '');
      if (packed === undefined) return undefined;
      return place.gives === 'href' ? `${urlOf(packed)}.href` : pathOf(urlOf(packed));
    }
    case 'require':
      return 'require';
    case 'requireName':
      return 'requireAtRun';
    case 'commonjsName':
      return commonjsPath(place.name === '__dirname' ? '.' : './module.js');
    case 'unknown':
      return undefined;
  }
}

function pathText(id: string, packed: string): string {
  const isModule = /import\.meta/.test(readFileSync(id, 'utf8'));
  return isModule ? pathOf(urlOf(packed)) : commonjsPath(packed);
}

function packageFile(id: string, specifier: string): string | undefined {
  try {
    return createRequire(id).resolve(specifier);
  } catch {
    return undefined;
  }
}

function mistakeAt(root: string, id: string, code: string, place: FoundPlace): string {
  const before = code.slice(0, place.start).split('\n');
  const at = sourceOf(id, before.length, (before.at(-1)?.length ?? 0) + 1);
  const where = terminalLine(`${relative(root, at.file)}:${at.line}:${at.column}`);
  if (place.kind === 'file')
    return `${where} names ${terminalLine(place.path)}, and there is no such file beside the compiled code: files in src are not copied into dist`;
  if (place.kind === 'packageFile')
    return `${where} names ${terminalLine(place.specifier)}, and there is no such file of a package`;
  const what = place.kind === 'unknown' ? place.shown : 'the place of the module';
  return `${where} uses ${what}, and the bundle has another place: write new URL('../file', import.meta.url) with the path as a text, so that the file goes into the pack`;
}

function sourceOf(id: string, line: number, column: number): { file: string; line: number; column: number } {
  try {
    const origin = new SourceMap(JSON.parse(readFileSync(`${id}.map`, 'utf8'))).findOrigin(line, column);
    if ('fileName' in origin)
      return { file: resolve(dirname(id), origin.fileName), line: origin.lineNumber, column: origin.columnNumber };
  } catch {
    // The compiled file is named where it has no map.
  }
  return { file: id, line, column };
}
