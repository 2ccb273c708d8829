import { relative, sep } from 'node:path';
import { digestOf, type FolderRecord } from '../../workspace/folder-record.js';
import { readRendering, type Rendering } from '../../workspace/rendering.js';
import type { FileContent } from '../../workspace/write-files.js';

/** The state of a folder before an upgrade. */
export interface FolderState {
  readonly record: FolderRecord;
  /** The last rendering, by id; without the files whose rendering is lost. */
  readonly rendering: Rendering;
  /** Sentences for the reader. */
  readonly notes: readonly string[];
  /** Files of earlier versions of this command that the folder needs no more, by path from it. */
  readonly obsolete: readonly string[];
}

/** Files by path from a folder. */
export const filesByName = (folder: string, files: ReadonlyMap<string, FileContent>): Map<string, FileContent> =>
  new Map([...files].map(([path, content]) => [relative(folder, path).replaceAll(sep, '/'), content]));

/**
 * The state of a folder with a record. A rendering that is missing, or that is not as the record has it, is lost.
 * @param again renderings of the recorded version that may be the lost ones
 */
export async function recordedState(
  folder: string,
  record: FolderRecord,
  again: () => Promise<readonly Rendering[]>,
): Promise<FolderState> {
  const stored = (await readRendering(folder)) ?? new Map<string, FileContent>();
  const rendering = new Map<string, FileContent>();
  const lost: string[] = [];
  for (const { id, rendered } of Object.values(record.files)) {
    if (id === undefined) continue;
    const isIntact = (content: FileContent | undefined): content is FileContent =>
      content !== undefined && digestOf(content) === rendered;
    const content = stored.get(id);
    const found = isIntact(content) ? content : (await again()).map((one) => one.get(id)).find(isIntact);
    if (found === undefined) lost.push(id);
    else rendering.set(id, found);
  }
  const notes = lost.map(
    (id) => `the last rendering of ${id} is lost or was edited (.frontage): its differences are marked, all of them`,
  );
  return { record, rendering, notes, obsolete: [] };
}
