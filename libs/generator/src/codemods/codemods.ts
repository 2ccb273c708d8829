import type { FileContent } from '../workspace/write-files.js';
import { CheckFailed } from '../terminal/command.errors.js';
import type { Codemod } from './codemod.js';
import { pinnedDocument } from './pinned-document.codemod.js';
import { responseNames } from './response-names.codemod.js';

/** Every codemod, in the order in which they are made. */
export const codemods: readonly Codemod[] = [responseNames, pinnedDocument];

export const codemodNames: readonly string[] = codemods.map(({ name }) => name);

/** Sources after codemods. */
export interface ChangedSources {
  readonly files: ReadonlyMap<string, FileContent>;
  /** The codemods that have changed one of them. */
  readonly codemods: readonly string[];
}

/**
 * Runs the codemods that a folder does not have yet, in memory.
 * @param shown the folder, for messages
 * @throws {CheckFailed} that names the codemod and the file; nothing is written then
 */
export function changedSources(
  files: ReadonlyMap<string, FileContent>,
  missing: readonly Codemod[],
  shown: string,
): ChangedSources {
  const changed = new Set<string>();
  const run = (path: string, text: string): string =>
    missing.reduce((source, codemod) => {
      const next = changedBy(codemod, path, source, shown);
      if (next !== source) changed.add(codemod.name);
      return next;
    }, text);
  const entries = [...files].map(([path, content]): readonly [string, FileContent] => [
    path,
    typeof content === 'string' && isSource(path) ? run(path, content) : content,
  ]);
  return { files: new Map(entries), codemods: [...changed] };
}

const isSource = (path: string): boolean => /\.[cm]?tsx?$/.test(path) && !/\.gen\./.test(path);

function changedBy(codemod: Codemod, path: string, source: string, shown: string): string {
  try {
    return codemod.change(path, source);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CheckFailed(`codemod ${codemod.name} cannot change ${path} of ${shown}: ${reason}\nNothing was changed.`);
  }
}
