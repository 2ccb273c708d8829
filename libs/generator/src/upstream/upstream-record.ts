import { createHash } from 'node:crypto';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { terminalText } from '@frontage/contracts/terminal-text';
import { UsageError } from '../terminal/command.errors.js';
import { readIfThere } from '../workspace/upstream-folders.js';

/** The arguments of `frontage upstream add`, so that `update` can repeat it. Stored beside the contract. */
export interface UpstreamRecord {
  /** URL, or path from the root of the workspace. */
  readonly source: string;
  /** SHA-256 of the contract as it was stored; a different sum shows that it was edited. */
  readonly sha256: string;
  readonly only?: readonly string[];
  readonly allowRemote?: true;
  /** The folder that references may lead to, from the root of the workspace. */
  readonly root?: string;
}

export const recordFile = 'source.gen.json';

export async function readRecord(folder: string): Promise<UpstreamRecord | undefined> {
  const path = join(folder, recordFile);
  const text = await readIfThere(path);
  if (text === undefined) return undefined;
  const value = parsed(text);
  if (!isRecord(value)) throw new UsageError(`${path} is no file of frontage upstream add: add the upstream again`);
  return value;
}

export function recordText(record: UpstreamRecord): string {
  return terminalText(`${JSON.stringify(record, null, 2)}\n`);
}

export function checksum(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** The source in the form that is stored: the same on every machine with the workspace. */
export function sourceToStore(root: string, source: string): string {
  return isUrl(source) ? source : relative(root, source).split(sep).join('/');
}

export function sourceToRead(root: string, stored: string): string {
  return isUrl(stored) || isAbsolute(stored) ? stored : resolve(root, stored);
}

export function isUrl(source: string): boolean {
  return /^https?:\/\//i.test(source);
}

/** Undefined for a text that is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is UpstreamRecord {
  if (typeof value !== 'object' || value === null || !('source' in value) || !('sha256' in value)) return false;
  const only = 'only' in value ? value.only : [];
  const isList = Array.isArray(only) && only.every((pattern) => typeof pattern === 'string');
  const hasFolder = !('root' in value) || typeof value.root === 'string';
  return hasFolder && typeof value.source === 'string' && typeof value.sha256 === 'string' && isList;
}
