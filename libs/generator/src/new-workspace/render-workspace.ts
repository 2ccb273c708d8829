import { join, resolve } from 'node:path';
import { withPackages } from '../new-app/package-layout.js';
import { templateVersion } from '../new-app/render-app.js';
import { templateFolders } from '../new-app/template-folders.js';
import { renderFolder } from '../new-app/template.js';
import { ownVersion } from '../workspace/layout.js';
import type { FileContent } from '../workspace/write-files.js';
import { filePackages } from './file-packages.js';

/** The template of the files of a workspace, beside those of apps. */
export const workspaceTemplate = 'workspace';

export interface WorkspaceWords {
  readonly name: string;
  /** The name of the first app. */
  readonly app: string;
  /** A folder of packed packages that are used in the place of published ones, from the folder of the workspace. */
  readonly packages?: string;
}

/**
 * The files of a workspace as its template has them, not formatted yet, by path from its folder.
 * @param folder of the workspace
 * @throws {UsageError} for a folder of packages that has none
 */
export async function renderWorkspace(
  folder: string,
  { name, app, packages }: WorkspaceWords,
): Promise<Map<string, FileContent>> {
  const templates = templateFolders();
  const range = `^${ownVersion()}`;
  const words: Readonly<Record<string, string>> = { name, app, packages: range, dot: '.' };
  const own = await renderFolder(templates.workspace, (text) =>
    text.replaceAll(/__(name|app|packages|dot)__/g, (_, word: string) => words[word] ?? ''),
  );
  const policy = await renderFolder(templates.policy, (text) => text);
  const files = new Map([...own, ...[...policy].map(([path, text]) => [join('policy', path), text] as const)]);
  const manifest = files.get('package.json');
  if (packages !== undefined && typeof manifest === 'string')
    files.set('package.json', await filePackages(manifest, resolve(folder, packages), folder));
  return withPackages(files, range);
}

/** The version of the template of a workspace: `0.1.0+3f9a21c4`. */
export function workspaceTemplateVersion(): Promise<string> {
  const { workspace, policy } = templateFolders();
  return templateVersion([workspace, policy]);
}
