import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { recordFolder } from '../workspace/folder-record.js';
import type { Rendering } from '../workspace/rendering.js';
import type { FileContent } from '../workspace/write-files.js';
import { similarity } from './merge/merge-lines.js';
import { plainText } from './merge/text-form.js';

/** A file that shares at least this share of its lines with another one is that file, moved. */
const leastSimilarity = 0.6;

/** Made by a tool, never merged: `openapi.gen.json`, `orders.gen.ts`. */
export const isGenerated = (path: string): boolean => /\.gen\.\w+$/.test(path);

/**
 * The files of a folder that people edit, by path from it.
 * @param without folders below it that have records of their own
 */
export async function teamFiles(folder: string, without: readonly string[] = []): Promise<Map<string, FileContent>> {
  const paths: string[] = [];
  const walk = async (place: string): Promise<void> => {
    for (const entry of await readdir(join(folder, place), { withFileTypes: true })) {
      const path = place === '' ? entry.name : `${place}/${entry.name}`;
      if (entry.isDirectory() && !skipped.has(entry.name) && !without.includes(path)) await walk(path);
      else if (entry.isFile() && !isGenerated(path) && !path.endsWith('.tsbuildinfo')) paths.push(path);
    }
  };
  await walk('');
  const contents = await Promise.all(
    paths.toSorted().map(async (path) => [path, await contentOf(join(folder, path))] as const),
  );
  return new Map(contents);
}

const skipped: ReadonlySet<string> = new Set([
  'node_modules',
  'dist',
  'build',
  'coverage',
  '.git',
  '.cache',
  recordFolder,
]);

async function contentOf(path: string): Promise<FileContent> {
  const [data, { mode }] = await Promise.all([readFile(path), stat(path)]);
  const isExecutable = (mode & 0o111) !== 0;
  const isText = plainText({ data, isExecutable }) !== undefined;
  if (!isExecutable && isText) return data.toString();
  return { data: isText ? data.toString() : data, isExecutable };
}

/**
 * Pairs files that are gone with the new ones that resemble them most, each at most once.
 * @returns the new path by that of the file that is gone
 */
export function movedFiles(gone: Rendering, added: Rendering): ReadonlyMap<string, string> {
  const pairs = [...gone].flatMap(([from, before]) =>
    [...added].map(([to, now]) => ({ from, to, likeness: likenessOf(before, now) })),
  );
  const moved = new Map<string, string>();
  const taken = new Set<string>();
  for (const { from, to, likeness } of pairs.toSorted((one, other) => other.likeness - one.likeness)) {
    if (likeness < leastSimilarity || moved.has(from) || taken.has(to)) continue;
    moved.set(from, to);
    taken.add(to);
  }
  return moved;
}

function likenessOf(one: FileContent, other: FileContent): number {
  const [left, right] = [plainText(one)?.text, plainText(other)?.text];
  if (left === undefined || right === undefined) return 0;
  // Two files without a word have nothing in common.
  return left.trim() === '' ? 0 : similarity(left, right);
}
