import { constants, existsSync, type Stats } from 'node:fs';
import { lstat, mkdir, open, readdir, readlink, realpath, type FileHandle } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { terminalLine } from '@frontage/contracts/terminal-text';
import { CheckFailed } from '../terminal/command.errors.js';

/** Linux names an open folder by its handle: this name still reaches the opened folder after another one replaced it. */
const handles = '/proc/self/fd';
const hasHandles = process.platform === 'linux' && existsSync(handles);
const openFolder = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/**
 * A folder of the workspace for writing files. It and every folder above it are real folders: nothing is written through a symbolic
 * link, also not through one that appears between a check and a write.
 */
export class RealFolder {
  readonly #children = new Map<string, RealFolder>();

  private constructor(
    /** Its path from the workspace; empty for the root. */
    readonly shown: string,
    private readonly path: string,
    private readonly handle: FileHandle | undefined,
  ) {}

  /** @param root the only folder whose own path may hold links */
  static async open(root: string): Promise<RealFolder> {
    const path = await realpath(root);
    return new RealFolder('', path, hasHandles ? await open(path, openFolder) : undefined);
  }

  /** The address of a name in this folder. */
  at(name: string): string {
    return join(this.handle === undefined ? this.path : `${handles}/${this.handle.fd}`, name);
  }

  /** @throws {CheckFailed} where the name is a link, is no file, or exists in another spelling */
  async checkFile(name: string): Promise<void> {
    const found = await this.#look(name);
    if (found !== undefined && !found.isFile()) throw new CheckFailed(`${this.#show(name)} is no file`);
  }

  /**
   * The folder of this name.
   * @param isMade whether it is made where it does not exist
   * @returns undefined where it does not exist
   * @throws {CheckFailed} where the name is a link, is no folder, or exists in another spelling
   */
  async folder(name: string, isMade: boolean): Promise<RealFolder | undefined> {
    const known = this.#children.get(name);
    if (known !== undefined) return known;
    let found = await this.#look(name);
    if (found === undefined && isMade) {
      await mkdir(this.at(name)).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST') throw error;
      });
      found = await this.#look(name);
    }
    if (found === undefined) return undefined;
    const child = await this.#open(name);
    this.#children.set(name, child);
    return child;
  }

  /** Closes the handles that were opened from here. */
  async close(): Promise<void> {
    for (const child of this.#children.values()) await child.close();
    this.#children.clear();
    await this.handle?.close();
  }

  async #open(name: string): Promise<RealFolder> {
    const shown = this.#show(name);
    if (!hasHandles) {
      const found = await this.#look(name);
      if (found?.isDirectory() !== true) throw new CheckFailed(`${shown} is no folder`);
      return new RealFolder(shown, join(this.path, name), undefined);
    }
    try {
      return new RealFolder(shown, join(this.path, name), await open(this.at(name), openFolder));
    } catch (cause) {
      // The operating system refuses a link that appeared after the check.
      await this.#look(name);
      throw new CheckFailed(`${shown} is no folder`, { cause });
    }
  }

  async #look(name: string): Promise<Stats | undefined> {
    if (name === '' || name === '.' || name === '..' || name.includes('/') || name.includes(sep) || name.includes('\0'))
      throw new CheckFailed(`${JSON.stringify(name)} names no file or folder in ${this.shown || 'the workspace'}`);
    const found = await lstat(this.at(name)).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    const shown = this.#show(name);
    if (found?.isSymbolicLink() === true) {
      const target = terminalLine(await readlink(this.at(name)).catch(() => 'another place'));
      throw new CheckFailed(
        `${shown} is a symbolic link to ${target}: nothing is written through a link, which may lead out of the workspace. Replace it by a file or folder`,
      );
    }
    // Some file systems distinguish `orders` and `Orders` and others do not: a workspace with both is broken on the others.
    const other = (await readdir(this.at('.'))).find((each) => each !== name && sameName(each, name));
    if (other !== undefined)
      throw new CheckFailed(
        `${shown} and ${this.#show(other)} are one name where letter case does not count: rename one of them`,
      );
    return found;
  }

  #show(name: string): string {
    return terminalLine(join(this.shown, name));
  }
}

const folded = (name: string): string => name.normalize('NFC').toLowerCase();
const sameName = (one: string, other: string): boolean => folded(one) === folded(other);

/** The names on the way from a folder to a path below it. @throws {CheckFailed} for a path that is not below it */
export function namesBelow(folder: string, path: string): readonly string[] {
  const names = relative(folder, path).split(sep);
  if (names[0] === '..' || names[0] === '' || relative(folder, path) === path)
    throw new CheckFailed(`${terminalLine(path)} lies outside ${terminalLine(folder)}: nothing is written there`);
  return names;
}
