import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { hasLibs, ownVersion, packageRange } from '../workspace/layout.js';
import type { FileContent } from '../workspace/write-files.js';
import { withPackages } from './package-layout.js';
import { appTemplates } from './template-folders.js';
import { renderFolder, renderTemplate, type TemplateWords } from './template.js';

/** The folders that make an app: the one for every kind of client, and that of its kind. */
const sources = (root: string, client: string): string[] =>
  ['all', client].map((one) => join(appTemplates(root), one)).filter((one) => existsSync(one));

/**
 * The files of an app as its template has them, formatted, by path.
 * @param client a folder of `templates/app`
 * @throws {UsageError} as `renderTemplate` does
 */
export async function renderApp(
  root: string,
  client: string,
  words: TemplateWords,
): Promise<ReadonlyMap<string, FileContent>> {
  const template = new Map<string, FileContent>();
  for (const source of sources(root, client))
    for (const [path, content] of await renderTemplate(source, words)) template.set(path, content);
  return finishedApp(root, words.name, template);
}

/** Filled-in files of a template in the layout of the workspace, formatted, by path. @param template by path from the app */
export async function finishedApp(
  root: string,
  name: string,
  template: ReadonlyMap<string, FileContent>,
): Promise<ReadonlyMap<string, FileContent>> {
  const rendered = hasLibs(root) ? template : withPackages(template, packageRange(root));
  const folder = join(root, 'apps', name);
  // The formatter is loaded here, so that other commands do not load it.
  const { formatFiles } = await import('../workspace/format-files.js');
  return formatFiles(new Map([...rendered].map(([path, text]) => [join(folder, path), text])));
}

/** The version of the template of an app: `0.1.0+3f9a21c4`. */
export const appTemplateVersion = (root: string, client: string): Promise<string> =>
  templateVersion(sources(root, client));

/** The version of this package, and the beginning of the digest of folders of templates. */
export async function templateVersion(folders: readonly string[]): Promise<string> {
  const files = await Promise.all(folders.map((folder) => renderFolder(folder, (text) => text)));
  return versionOf(ownVersion(), files);
}

/** @param files of each folder of a template, with the words in them, by path */
export function versionOf(release: string, files: readonly ReadonlyMap<string, FileContent>[]): string {
  const hash = createHash('sha256');
  for (const folder of files)
    for (const [path, content] of folder) {
      const { data, isExecutable } = typeof content === 'string' ? { data: content, isExecutable: false } : content;
      hash.update(`${path}\0${isExecutable}\0`).update(data).update('\0');
    }
  return `${release}+${hash.digest('hex').slice(0, 8)}`;
}
