import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { CheckFailed } from '../terminal/command.errors.js';
import { renderingFile, renderingText, type Rendering } from './rendering.js';
import { readIfThere } from './upstream-folders.js';
import type { FileContent } from './write-files.js';

/** The folder of an app, or of a workspace, in which this command keeps what it has written. It is committed. */
export const recordFolder = '.frontage';

/** The file that says where the files of a folder come from. */
export const recordFile = `${recordFolder}/record.gen.json`;

/** A file that a command has written, or that a template has. */
export interface RecordedFile {
  /** Its path when the template was rendered, which stays when the team moves the file; left out for a file of no template. */
  readonly id?: string;
  /** SHA-256 of the last rendering. */
  readonly rendered?: string;
  /** SHA-256 of the file as a command wrote it last; left out where the team had changed it before. */
  readonly written?: string;
  /** The team has made the file its own: upgrades leave it alone. @default false */
  readonly own?: true;
}

/** The values that were given for a template: `{ name: 'tv', client: 'mobile', port: 4004 }`. */
export type TemplateValues = Readonly<Record<string, string | number>>;

/** The origin of the files of a folder. */
export interface FolderRecord {
  /** A folder of `templates/app`, or `workspace`. */
  readonly template: string;
  /** Version of this package, and the beginning of the digest of the template: `0.1.0+3f9a21c4`. */
  readonly version: string;
  readonly values: TemplateValues;
  /** The changes of library APIs that the folder has, by name. */
  readonly codemods: readonly string[];
  /** By the path of the file from the folder. */
  readonly files: Readonly<Record<string, RecordedFile>>;
}

export type RecordOrigin = Omit<FolderRecord, 'files'>;

/**
 * The record of a new folder, and its rendering, by path.
 * @param files all files that are written, by path
 * @param rendered the files as the template has them, by path
 * @param own those that another command has written anew, by path: upgrades leave them alone
 */
export function newRecord(
  folder: string,
  origin: RecordOrigin,
  files: ReadonlyMap<string, FileContent>,
  rendered: ReadonlyMap<string, FileContent>,
  own: ReadonlySet<string> = new Set(),
): Map<string, string> {
  const rendering: Rendering = new Map([...rendered].map(([path, content]) => [below(folder, path), content]));
  const entries = [...files].map(([path, content]): [string, RecordedFile] => {
    const name = below(folder, path);
    const made = rendering.get(name);
    const written = digestOf(content);
    if (made === undefined) return [name, { written }];
    return [name, { id: name, rendered: digestOf(made), written, ...(own.has(path) && { own: true }) }];
  });
  return recordTexts(folder, { ...origin, files: Object.fromEntries(entries) }, rendering);
}

/** The two files of a record, by path. */
export function recordTexts(folder: string, record: FolderRecord, rendering: Rendering): Map<string, string> {
  return new Map([
    [join(folder, recordFile), recordText(record)],
    [join(folder, renderingFile), renderingText(rendering)],
  ]);
}

/**
 * The record of a folder after further files of it were written, by path. A file that a developer has changed stays one that a developer has
 * changed. Called before the files are written.
 * @returns undefined where the folder has no record, or it stays the same
 */
export async function updatedRecord(
  folder: string,
  files: ReadonlyMap<string, FileContent>,
): Promise<readonly [path: string, text: string] | undefined> {
  const before = await readFolderRecord(folder);
  if (before === undefined) return undefined;
  const known = new Map(Object.entries(before.files));
  for (const [path, content] of files) {
    const name = below(folder, path);
    if (name.startsWith('../') || name.startsWith(`${recordFolder}/`)) continue;
    const present = await bytesOf(path);
    const entry = known.get(name);
    if (present === undefined || digestOf(present) === entry?.written)
      known.set(name, { ...entry, written: digestOf(content) });
  }
  const path = join(folder, recordFile);
  const text = recordText({ ...before, files: Object.fromEntries(known) });
  return text === (await readIfThere(path)) ? undefined : [path, text];
}

/** @throws {CheckFailed} where the file is no record */
export async function readFolderRecord(folder: string): Promise<FolderRecord | undefined> {
  const path = join(folder, recordFile);
  const text = await readIfThere(path);
  if (text === undefined) return undefined;
  const value = parsed(text);
  if (isRecord(value)) return value;
  throw new CheckFailed(
    `${path} is no record of frontage new: restore it from your repository, or delete ${join(folder, recordFolder)} and type npx frontage upgrade, which makes it again`,
  );
}

/** True if a file is as this command wrote it. Line breaks do not count: a checkout may change them. */
export async function isAsRecorded(folder: string, name: string, record: FolderRecord | undefined): Promise<boolean> {
  const written = record !== undefined && Object.hasOwn(record.files, name) ? record.files[name]?.written : undefined;
  if (written === undefined) return false;
  const present = await bytesOf(join(folder, name));
  return present !== undefined && digestOf(present) === written;
}

const below = (folder: string, path: string): string => relative(folder, path).replaceAll(sep, '/');

const recordText = ({ template, version, values, codemods, files }: FolderRecord): string => {
  const sorted = Object.entries(files).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return `${JSON.stringify({ template, version, values, codemods, files: Object.fromEntries(sorted) }, null, 2)}\n`;
};

/** SHA-256 of a file. `\r\n` counts as `\n`: a checkout may change it. */
export function digestOf(content: FileContent | Uint8Array): string {
  const data = typeof content === 'object' && 'data' in content ? content.data : content;
  // Every byte is one character, so that bytes that are no text keep their meaning.
  const characters = Buffer.from(data).toString('latin1');
  return createHash('sha256').update(characters.replaceAll('\r\n', '\n'), 'latin1').digest('hex');
}

async function bytesOf(path: string): Promise<Uint8Array | undefined> {
  return readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
}

/** Undefined for a text that is no JSON. */
export function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is FolderRecord {
  if (!isObject(value) || !isObject(value['files']) || !isObject(value['values'])) return false;
  const { template, version, values, codemods, files } = value;
  const isText = (one: unknown): boolean => typeof one === 'string';
  const isTextOrNone = (one: unknown): boolean => one === undefined || typeof one === 'string';
  return (
    isText(template) &&
    isText(version) &&
    Array.isArray(codemods) &&
    codemods.every(isText) &&
    Object.values(values).every((one) => typeof one === 'string' || typeof one === 'number') &&
    Object.values(files).every(
      (one) =>
        isObject(one) && isTextOrNone(one['id']) && isTextOrNone(one['rendered']) && isTextOrNone(one['written']),
    )
  );
}

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
