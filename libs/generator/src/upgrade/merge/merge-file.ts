import { isDeepStrictEqual } from 'node:util';
import type { FileContent } from '../../workspace/write-files.js';
import { editedJson, jsonValue } from './json-tree.js';
import { markedRegion, mergeLines, type MergedLines, type MergeLabels } from './merge-lines.js';
import { editedValue, mergeValues, type ValueEdit } from './merge-values.js';
import { dataOf, plainText, written } from './text-form.js';
import { editedYaml, yamlValue } from './yaml-tree.js';

/** The three versions of a file. */
export interface FileVersions {
  readonly path: string;
  readonly yours: FileContent;
  /** As the template made it; undefined where that is lost, or where both sides have added the file. */
  readonly before: FileContent | undefined;
  readonly now: FileContent;
  readonly labels: MergeLabels;
}

export type FileMerge =
  /** The template says nothing new. */
  | { readonly kind: 'kept' }
  /** The team has not changed the file. */
  | { readonly kind: 'replaced'; readonly content: FileContent }
  | { readonly kind: 'merged'; readonly content: FileContent }
  /** Both have changed the same place: a text with markers, or bytes, which stay as the team has them. */
  | { readonly kind: 'conflict'; readonly content: FileContent; readonly places: number; readonly isBytes: boolean };

/** Formats a text as the workspace does. */
export type Format = (path: string, text: string) => Promise<string>;

/**
 * Merges the changes of a template into a file of a team. All texts are formatted first, so that another version of the formatter is no
 * change. Data (JSON, YAML) is merged by key where its lines cannot be merged.
 */
export async function mergeFile(
  { path, yours, before, now, labels }: FileVersions,
  format: Format,
): Promise<FileMerge> {
  const texts = [plainText(yours), before === undefined ? undefined : plainText(before), plainText(now)] as const;
  const [mine, base, theirs] = texts;
  if (mine === undefined || theirs === undefined || (before !== undefined && base === undefined))
    return mergedBytes(yours, before, now);
  const formatted = async (text: string): Promise<string> => format(path, text);
  const [left, right] = [await formatted(mine.text), await formatted(theirs.text)];
  const middle = base === undefined ? undefined : await formatted(base.text);
  const as = (text: string): FileContent => like(written(text, mine.form), yours, before, now);
  if (left === right || middle === right) return keptMode(as(mine.text), yours);
  if (left === middle) return { kind: 'replaced', content: as(right) };
  const { text, conflicts } = await merged(path, left, middle, right, labels, formatted);
  // The team has made the change of the template already.
  if (text === left) return keptMode(as(mine.text), yours);
  const content = as(text);
  return conflicts === 0
    ? { kind: 'merged', content }
    : { kind: 'conflict', content, places: conflicts, isBytes: false };
}

/** True for two versions of a file that differ at most in their format. */
export async function isSameFile(path: string, one: FileContent, other: FileContent, format: Format): Promise<boolean> {
  const [left, right] = [plainText(one), plainText(other)];
  if (left === undefined || right === undefined) return isSameData(one, other);
  return (await format(path, left.text)) === (await format(path, right.text));
}

/** A change of the executable bit alone is a change too. */
const keptMode = (content: FileContent, yours: FileContent): FileMerge =>
  isExecutable(content) === isExecutable(yours) ? { kind: 'kept' } : { kind: 'replaced', content };

async function merged(
  path: string,
  mine: string,
  base: string | undefined,
  theirs: string,
  labels: MergeLabels,
  format: (text: string) => Promise<string>,
): Promise<MergedLines> {
  const lines = mergeLines(mine, base, theirs, labels);
  const language = languageOf(path);
  if (language === undefined || base === undefined) return lines;
  const values = [mine, base, theirs].map((text) => language.value(text));
  const [left, middle, right] = values;
  if (left === undefined || middle === undefined || right === undefined) return lines;
  const { edits, conflicts } = mergeValues(left.value, middle.value, right.value);
  const wanted = editedValue(left.value, edits);
  if (lines.conflicts === 0 && conflicts.length === 0 && isDeepStrictEqual(language.value(lines.text)?.value, wanted))
    return lines;
  const edited = (more: readonly ValueEdit[]): Promise<string> =>
    format(language.edited(mine, [...edits, ...more], theirs, right.value));
  const text = await edited([]);
  // A merge by key that loses a value or a comment is none.
  if (!isDeepStrictEqual(language.value(text)?.value, wanted) || !hasComments(text, mine, base)) return lines;
  if (conflicts.length === 0) return { text, conflicts: 0 };
  const conflicting = (side: 'before' | 'now'): Promise<string> =>
    edited(conflicts.map(({ path: way, [side]: value }) => ({ path: way, value })));
  return markedRegion(text, await conflicting('before'), await conflicting('now'), labels);
}

interface Language {
  value(text: string): { readonly value: unknown } | undefined;
  edited(text: string, edits: readonly ValueEdit[], template: string, value: unknown): string;
}

const json: Language = {
  value: jsonValue,
  edited: (text, edits, _, value) => editedJson(text, edits, value),
};
const yaml: Language = { value: yamlValue, edited: editedYaml };

function languageOf(path: string): Language | undefined {
  if (/\.(?:json|jsonc)$/.test(path)) return json;
  return /\.ya?ml$/.test(path) ? yaml : undefined;
}

/** True if every comment that the team has written is there. */
function hasComments(text: string, mine: string, base: string): boolean {
  const comments = (source: string): string[] => source.match(/(?:#|\/\/|\/\*).*$/gm)?.map((each) => each.trim()) ?? [];
  const known = new Set([...comments(base), ...comments(text)]);
  return comments(mine).every((each) => known.has(each));
}

const isSameData = (one: FileContent, other: FileContent): boolean =>
  Buffer.from(dataOf(one)).equals(Buffer.from(dataOf(other)));

function mergedBytes(yours: FileContent, before: FileContent | undefined, now: FileContent): FileMerge {
  const content = like(dataOf(yours), yours, before, now);
  if (isSameData(yours, now) || (before !== undefined && isSameData(before, now))) return keptMode(content, yours);
  if (before !== undefined && isSameData(yours, before)) return { kind: 'replaced', content: now };
  return { kind: 'conflict', content: yours, places: 1, isBytes: true };
}

/** Content with the executable bit of the side that has changed it. */
function like(
  data: string | Uint8Array,
  yours: FileContent,
  before: FileContent | undefined,
  now: FileContent,
): FileContent {
  const [mine, theirs] = [isExecutable(yours), isExecutable(now)];
  const base = before === undefined ? mine : isExecutable(before);
  const flag = mine === base ? theirs : mine;
  return typeof data === 'string' && !flag ? data : { data, isExecutable: flag };
}

const isExecutable = (content: FileContent): boolean => typeof content !== 'string' && content.isExecutable;
