import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { CheckFailed } from '../terminal/command.errors.js';
import { readIfThere } from './upstream-folders.js';
import type { FileContent } from './write-files.js';

/** The file of an app that says what the command wrote into it; it is generated, and committed with the app. */
export const appRecordFile = 'frontage.gen.json';

/** The files that this command has written into an app, so that they can be told from what a developer wrote. */
export interface AppRecord {
  /** The kind of its clients: the template that it was made from. */
  readonly client: string;
  /** SHA-256 of each file as it was written, by its path from the folder of the app. */
  readonly files: Readonly<Record<string, string>>;
}

/** The record of a new app. @param files all of its files, by path */
export function newAppRecord(folder: string, client: string, files: ReadonlyMap<string, FileContent>): string {
  const entries = [...files].map(([path, content]) => [below(folder, path), digestOf(content)] as const);
  return recordText({ client, files: Object.fromEntries(entries) });
}

/**
 * The record of an app after further files of it were written, by path. A file that a developer has changed stays one that a developer has
 * changed. Called before the files are written.
 * @returns undefined where the app has no record, or it stays the same
 */
export async function updatedAppRecord(
  folder: string,
  files: ReadonlyMap<string, FileContent>,
): Promise<readonly [path: string, text: string] | undefined> {
  const before = await readAppRecord(folder);
  if (before === undefined) return undefined;
  const known = new Map(Object.entries(before.files));
  for (const [path, content] of files) {
    const name = below(folder, path);
    if (name.startsWith('../') || name === appRecordFile) continue;
    const present = await bytesOf(path);
    if (present === undefined || digestOf(present) === known.get(name)) known.set(name, digestOf(content));
  }
  const path = join(folder, appRecordFile);
  const text = recordText({ ...before, files: Object.fromEntries(known) });
  return text === (await readIfThere(path)) ? undefined : [path, text];
}

/** @throws {CheckFailed} where the file is no record */
export async function readAppRecord(folder: string): Promise<AppRecord | undefined> {
  const path = join(folder, appRecordFile);
  const text = await readIfThere(path);
  if (text === undefined) return undefined;
  const value = parsed(text);
  if (isAppRecord(value)) return value;
  throw new CheckFailed(`${path} is no record of frontage new: restore it from your repository, or delete it`);
}

/** True if a file is as this command wrote it. Line breaks do not count: a checkout may change them. */
export async function isAsRecorded(folder: string, name: string, record: AppRecord | undefined): Promise<boolean> {
  const digest = record !== undefined && Object.hasOwn(record.files, name) ? record.files[name] : undefined;
  if (digest === undefined) return false;
  const present = await bytesOf(join(folder, name));
  return present !== undefined && digestOf(present) === digest;
}

const below = (folder: string, path: string): string => relative(folder, path).replaceAll(sep, '/');

const recordText = ({ client, files }: AppRecord): string => {
  const sorted = Object.entries(files).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return `${JSON.stringify({ client, files: Object.fromEntries(sorted) }, null, 2)}\n`;
};

function digestOf(content: FileContent | Uint8Array): string {
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
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isAppRecord(value: unknown): value is AppRecord {
  if (typeof value !== 'object' || value === null || !('client' in value) || !('files' in value)) return false;
  const { client, files } = value;
  if (typeof client !== 'string' || typeof files !== 'object' || files === null) return false;
  return Object.values(files).every((digest) => typeof digest === 'string');
}
