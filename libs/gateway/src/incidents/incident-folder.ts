import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const suffix = '.incident.json';

/** The files of incidents. Several processes may share a folder. */
export class IncidentFolder {
  readonly #folder: string;
  readonly #keep: number;

  /** @param keep most files; the oldest go */
  constructor(folder: string, keep: number) {
    this.#folder = folder;
    this.#keep = keep;
  }

  /** @throws Error of the file system */
  async add(requestId: string, text: string): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    const path = this.#path(requestId);
    // A reader never sees half a file.
    const draft = `${path}.${process.pid}`;
    await writeFile(draft, text, { mode: 0o600 });
    await rename(draft, path);
    const files = await this.#files();
    for (const { name } of files.slice(this.#keep)) await rm(join(this.#folder, name), { force: true });
  }

  /** The text of an incident; undefined where it is not kept. */
  async read(requestId: string): Promise<string | undefined> {
    return readFile(this.#path(requestId), 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
  }

  /** Request ids and times, the newest first. */
  async list(): Promise<readonly { readonly requestId: string; readonly keptAt: string }[]> {
    const files = await this.#files();
    return files.map(({ name, at }) => ({
      requestId: decodeURIComponent(name.slice(0, -suffix.length)),
      keptAt: new Date(at).toISOString(),
    }));
  }

  /** The newest first. */
  async #files(): Promise<{ readonly name: string; readonly at: number }[]> {
    const names = await readdir(this.#folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw error;
    });
    const files = await Promise.all(
      names
        .filter((name) => name.endsWith(suffix))
        .map(async (name) => {
          // Another process may have deleted it meanwhile.
          const found = await stat(join(this.#folder, name)).catch(() => undefined);
          return found === undefined ? [] : [{ name, at: found.mtimeMs }];
        }),
    );
    return files.flat().toSorted((one, other) => other.at - one.at);
  }

  /** An id is a name of a file whatever it holds: dots and separators are written as escapes. */
  #path(requestId: string): string {
    return join(this.#folder, `${encodeURIComponent(requestId).replaceAll('.', '%2E')}${suffix}`);
  }
}
