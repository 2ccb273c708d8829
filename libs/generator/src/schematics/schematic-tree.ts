import { relative, sep } from 'node:path';
import { UsageError } from '../terminal/command.errors.js';
import { findWorkspace } from '../workspace/workspace.js';
import type { FileContent } from '../workspace/write-files.js';

/** The files of a run of schematics, as far as ours write them (`Tree` of `@angular-devkit/schematics`). */
export interface SchematicTree {
  exists(path: string): boolean;
  create(path: string, content: Buffer | string): void;
  overwrite(path: string, content: Buffer | string): void;
}

/** The workspace in which the Nest CLI runs: its tree begins at the working directory. @throws {UsageError} below its root */
export function workspaceOfSchematic(): string {
  const root = findWorkspace(process.cwd());
  if (root !== process.cwd()) throw new UsageError(`run it in the root of the workspace: cd ${root}`);
  return root;
}

/** @param files content by path */
export function writeInto(tree: SchematicTree, root: string, files: ReadonlyMap<string, FileContent>): void {
  for (const [path, content] of files) {
    const data = typeof content === 'string' ? content : Buffer.from(content.data);
    const place = `/${relative(root, path).replaceAll(sep, '/')}`;
    if (tree.exists(place)) tree.overwrite(place, data);
    else tree.create(place, data);
  }
}
