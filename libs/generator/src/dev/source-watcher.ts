import { readdirSync, watch, type Dirent, type FSWatcher } from 'node:fs';
import { join } from 'node:path';

/**
 * Says which source was saved, however its editor saves: in place, or by putting a new file where the old one was. The recursive watch
 * of Node loses a file of the second kind on Linux after its first save, so here each folder has a watch of its own.
 * @param onSave gets the path of what was saved, made or deleted; more than once for some saves
 * @returns ends it
 */
export function watchSources(folders: readonly string[], onSave: (file: string) => void): () => void {
  const watcher = new SourceWatcher(folders, onSave);
  return () => watcher.close();
}

class SourceWatcher {
  readonly #onSave: (file: string) => void;
  readonly #watches = new Map<string, FSWatcher>();

  constructor(folders: readonly string[], onSave: (file: string) => void) {
    this.#onSave = onSave;
    for (const folder of folders) this.#add(folder);
  }

  close(): void {
    for (const own of this.#watches.values()) own.close();
    this.#watches.clear();
  }

  #add(folder: string): void {
    if (this.#watches.has(folder)) return;
    const own = watch(folder, (_event, name) => {
      if (name !== null) this.#seen(folder, name);
    });
    own.on('error', () => this.#drop(folder));
    this.#watches.set(folder, own);
    for (const name of foldersIn(folder)) this.#add(join(folder, name));
  }

  #seen(folder: string, name: string): void {
    const path = join(folder, name);
    if (isSource(name)) {
      this.#onSave(path);
      return;
    }
    if (isSkipped(name)) return;
    // A folder that came, went, or both: what is in it now is watched, and what it came with was not seen.
    this.#drop(path);
    if (!foldersIn(folder).includes(name)) return;
    this.#add(path);
    for (const entry of entriesOf(path, true)) {
      if (entry.isFile() && isSource(entry.name)) this.#onSave(join(entry.parentPath, entry.name));
    }
  }

  #drop(folder: string): void {
    for (const [path, own] of this.#watches) {
      if (path !== folder && !path.startsWith(join(folder, '/'))) continue;
      own.close();
      this.#watches.delete(path);
    }
  }
}

const isSource = (name: string): boolean => /\.(?:ts|yaml|yml|json)$/.test(name) && !/\.(?:e2e-)?spec\.ts$/.test(name);
const isSkipped = (name: string): boolean => name === 'dist' || name === 'node_modules' || name.startsWith('.');

function foldersIn(folder: string): string[] {
  return entriesOf(folder, false)
    .filter((entry) => entry.isDirectory() && !isSkipped(entry.name))
    .map(({ name }) => name);
}

/** Nothing where the folder has gone meanwhile. */
function entriesOf(folder: string, recursive: boolean): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true, recursive });
  } catch {
    return [];
  }
}
