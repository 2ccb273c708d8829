import { readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const workspaces = new Map<string, string | undefined>();
const maxFolders = 1_000;

/** The path from the workspace of the file; a file outside of any workspace keeps its full path. The working directory does not matter. */
export function shownPath(file: string): string {
  const root = workspaceOf(dirname(file));
  return root === undefined ? file : relative(root, file);
}

/** The nearest folder above whose `package.json` has `workspaces`. */
function workspaceOf(folder: string): string | undefined {
  if (workspaces.has(folder)) return workspaces.get(folder);
  const above = dirname(folder);
  const root = isWorkspace(folder) ? folder : above === folder ? undefined : workspaceOf(above);
  if (workspaces.size < maxFolders) workspaces.set(folder, root);
  return root;
}

function isWorkspace(folder: string): boolean {
  try {
    const content: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    return typeof content === 'object' && content !== null && 'workspaces' in content;
  } catch {
    return false;
  }
}
