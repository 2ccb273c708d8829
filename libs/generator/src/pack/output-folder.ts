import { createHash, randomUUID } from 'node:crypto';
import { lstat, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { terminalLine } from '@frontage/contracts/terminal-text';
import { CheckFailed } from '../terminal/command.errors.js';

/** The list of what a packed folder has: the folder is replaced only while this list is right. */
export const manifestName = 'frontage-pack.json';

/** Made by Node.js and npm in a packed folder; replaced with it. */
const madeThere: ReadonlySet<string> = new Set(['cache', 'node_modules']);

export type PackedContent = ReadonlyMap<string, string | Uint8Array>;

export interface Manifest {
  readonly app: string;
  /** For the health check. */
  readonly port?: { readonly port: number; readonly variable?: string };
  /** SHA-256 by path. */
  readonly files: Readonly<Record<string, string>>;
}

export const digestOf = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex');

/**
 * Checks that the folder may be replaced.
 * @throws CheckFailed where the folder, or a file in it, was not made by this command
 */
export async function checkFolder(folder: string): Promise<void> {
  const found = await lstat(folder).catch(missing);
  if (found === undefined) return;
  const shown = terminalLine(folder);
  if (!found.isDirectory())
    throw new CheckFailed(
      `${shown} is ${found.isSymbolicLink() ? 'a link' : 'no folder'}: name a folder that is new, or was packed before`,
    );
  const files = await filesIn(folder);
  const manifest = await readManifest(folder);
  if (manifest === undefined) {
    if ((await readdir(folder)).length === 0) return;
    throw new CheckFailed(
      `${shown} is not empty, and \`frontage pack\` did not make it: name another folder, or empty this one`,
    );
  }
  const reasons = files
    .filter((path) => path !== manifestName && !Object.hasOwn(manifest.files, path))
    .map((path) => `${terminalLine(path)} was added`);
  for (const [path, digest] of Object.entries(manifest.files)) {
    const bytes = await readFile(join(folder, path)).catch(missing);
    if (bytes !== undefined && digestOf(bytes) !== digest) reasons.push(`${terminalLine(path)} was changed`);
  }
  if (reasons.length === 0) return;
  const lines = reasons.toSorted().map((reason) => `  ${reason}`);
  throw new CheckFailed(
    `${shown} was packed before, and afterwards\n${lines.join('\n')}\nNothing was written: keep these files elsewhere, or name another folder.`,
  );
}

/** True if a folder that passed {@link checkFolder} has this content already. */
export async function hasContent(folder: string, content: PackedContent): Promise<boolean> {
  const own = await readFile(join(folder, manifestName), 'utf8').catch(missing);
  return own === content.get(manifestName) && (await filesIn(folder)).length === content.size;
}

/** Paths of its files, without those that Node.js and npm make. */
async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .filter((path) => !madeThere.has(path.split('/', 1)[0] ?? ''));
}

/**
 * Writes the folder as a whole: beside it first, then in its place. A process that is killed leaves the old folder, or none, and never a mix.
 */
export async function writeFolder(folder: string, content: PackedContent): Promise<void> {
  const parent = dirname(folder);
  await mkdir(parent, { recursive: true });
  const name = `.${basename(folder)}-${process.pid}-${randomUUID()}`;
  const [stage, old] = [join(parent, `${name}.new`), join(parent, `${name}.old`)];
  try {
    await stageFolder(stage, content);
    const isThere = (await lstat(folder).catch(missing)) !== undefined;
    if (isThere) await rename(folder, old);
    try {
      await rename(stage, folder);
    } catch (cause) {
      if (isThere) await rename(old, folder);
      throw cause;
    }
  } finally {
    await Promise.all([stage, old].map((each) => rm(each, { recursive: true, force: true })));
  }
}

/** Writes the content into a folder that does not exist yet. */
export async function stageFolder(stage: string, content: PackedContent): Promise<void> {
  for (const [path, bytes] of content) {
    const file = join(stage, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, bytes, { flag: 'wx' });
  }
}

async function readManifest(folder: string): Promise<Manifest | undefined> {
  try {
    const content: unknown = JSON.parse(await readFile(join(folder, manifestName), 'utf8'));
    if (typeof content !== 'object' || content === null || !('app' in content) || !('files' in content))
      return undefined;
    const { app, files } = content;
    if (typeof app !== 'string' || typeof files !== 'object' || files === null) return undefined;
    return { app, files: Object.fromEntries(Object.entries(files).map(([path, digest]) => [path, String(digest)])) };
  } catch {
    return undefined;
  }
}

function missing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
