import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { quietEnvironment } from '../generator/workspace-copy.js';

export const repository = fileURLToPath(new URL('../..', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** Runs a program to its end. */
export async function run(
  command: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv = {},
): Promise<Ended> {
  const child = spawn(command, args, {
    cwd,
    env: { ...quietEnvironment(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  const [code] = await once(child, 'close');
  return { code, output };
}

/** Every package that is published, packed as `npm publish` would send it, from a copy of the repository. */
export class PackedPackages {
  private constructor(
    /** The temporary folder; `packages` in it has the files. */
    readonly folder: string,
    /** Name of the package by name of the file. */
    readonly files: ReadonlyMap<string, string>,
  ) {}

  static async make(): Promise<PackedPackages> {
    const built = await run(
      process.execPath,
      ['libs/generator/bin/build.js', '--quiet', 'libs/generator', 'libs/testing'],
      repository,
    );
    if (built.code !== 0) throw new Error(built.output);
    const folder = await mkdtemp(join(tmpdir(), 'frontage-packages-'));
    const copy = join(folder, 'repository');
    const isCopied = (path: string): boolean => !/[/\\]node_modules$|\.(?:spec|spec-d|bench)\.ts$/.test(path);
    for (const part of ['libs', 'packaging', 'policy', 'templates', 'LICENSE', 'package.json', 'package-lock.json'])
      await cp(join(repository, part), join(copy, part), {
        recursive: true,
        filter: part === 'libs' ? isCopied : (path) => !/[/\\]node_modules$/.test(path),
      });
    const packed = await run(process.execPath, ['packaging/pack.mjs', join(folder, 'packages')], copy);
    if (packed.code !== 0) throw new Error(packed.output);
    const files = (await readdir(join(folder, 'packages'))).map((file) => {
      const lib = file.replace(/-\d.*$/, '');
      return [file, lib.startsWith('frontage-') ? lib.replace('frontage-', '@frontage/') : lib] as const;
    });
    return new PackedPackages(folder, new Map(files));
  }

  get packages(): string {
    return join(this.folder, 'packages');
  }

  /** Unpacks every package into `node_modules` of a folder, as an installation does. */
  async unpackInto(root: string): Promise<void> {
    for (const [file, name] of this.files) {
      const target = join(root, 'node_modules', name);
      await cp(await this.#unpacked(file), target, { recursive: true });
    }
  }

  /** The folder of one unpacked package. */
  async #unpacked(file: string): Promise<string> {
    const place = await mkdtemp(join(this.folder, 'unpacked-'));
    const { code, output } = await run('tar', ['-xzf', join(this.packages, file), '-C', place], this.folder);
    if (code !== 0) throw new Error(output);
    return join(place, 'package');
  }

  remove(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }
}

/** Paths of all files below a folder, with `/`, sorted. */
export async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) =>
      join(parentPath, name)
        .slice(folder.length + 1)
        .replaceAll('\\', '/'),
    )
    .toSorted();
}

export const readJson = async <T>(path: string): Promise<T> => JSON.parse(await readFile(path, 'utf8')) as T;
