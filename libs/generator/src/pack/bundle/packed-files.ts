import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { codeFolder, type BundleOptions } from './bundle-options.js';
import { ownerOf } from './package-owner.js';

/** Files that code of the bundle reads, such as the style sheet of the reference page. */
export class PackedFiles {
  readonly #options: BundleOptions;
  readonly #byFolder: BundleOptions['packages'];
  readonly #content = new Map<string, Uint8Array>();
  readonly #sources = new Set<string>();

  constructor(options: BundleOptions) {
    this.#options = options;
    this.#byFolder = options.packages;
  }

  /** By path in the packed folder. */
  get content(): ReadonlyMap<string, Uint8Array> {
    return this.#content;
  }

  /** Absolute paths. */
  get sources(): ReadonlySet<string> {
    return this.#sources;
  }

  has(path: string): boolean {
    return existsSync(path) && statSync(path).isFile();
  }

  /**
   * Adds a file.
   * @returns its place from the code; undefined where there is no such file
   */
  add(path: string): string | undefined {
    if (!this.has(path)) return undefined;
    const file = realpathSync(path);
    const there = this.#options.placed.get(file);
    if (there !== undefined) return `../${there}`;
    const owner = ownerOf(this.#options.root, file, new Map(this.#byFolder));
    if (owner === undefined) return undefined;
    const label = owner.isOfWorkspace ? owner.path : `${owner.name}@${owner.version}`;
    const place = `files/${label}/${relative(owner.folder, file).split(sep).join('/')}`;
    this.#content.set(`${codeFolder}/${place}`, readFileSync(file));
    this.#sources.add(file);
    return `./${place}`;
  }
}
