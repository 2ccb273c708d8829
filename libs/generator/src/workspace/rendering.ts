import { join } from 'node:path';
import { readIfThere } from './upstream-folders.js';
import type { FileContent } from './write-files.js';

/** The file with the last rendering of a template, line by line, so that a change of it can be reviewed. */
export const renderingFile = '.frontage/rendering.gen.json';

/** The files of a template as it was rendered, by their path then. */
export type Rendering = ReadonlyMap<string, FileContent>;

interface StoredText {
  readonly lines?: readonly string[];
  readonly base64?: string;
  readonly isExecutable?: true;
}

export function renderingText(rendering: Rendering): string {
  const entries = [...rendering]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([path, content]) => [path, stored(content)] as const);
  return `${JSON.stringify(Object.fromEntries(entries), null, 2)}\n`;
}

/** The rendering of a folder; undefined where it is missing or no rendering. */
export async function readRendering(folder: string): Promise<Rendering | undefined> {
  const text = await readIfThere(join(folder, renderingFile));
  try {
    const files: Readonly<Record<string, StoredText>> = JSON.parse(text ?? 'null');
    return new Map(Object.entries(files).map(([path, one]) => [path, contentOf(one)]));
  } catch {
    return undefined;
  }
}

function stored(content: FileContent): StoredText {
  const { data, isExecutable } = typeof content === 'string' ? { data: content, isExecutable: false } : content;
  const form =
    typeof data === 'string' ? { lines: data.split('\n') } : { base64: Buffer.from(data).toString('base64') };
  return { ...form, ...(isExecutable && { isExecutable }) };
}

function contentOf({ lines, base64, isExecutable }: StoredText): FileContent {
  if (lines !== undefined && isExecutable !== true) return lines.join('\n');
  const data = lines?.join('\n') ?? Buffer.from(base64 ?? '', 'base64');
  return { data, isExecutable: isExecutable === true };
}
