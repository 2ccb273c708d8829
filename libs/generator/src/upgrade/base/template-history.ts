import { readFile } from 'node:fs/promises';
import { finishedApp, versionOf } from '../../new-app/render-app.js';
import { templateFolders } from '../../new-app/template-folders.js';
import { filler, type TemplateWords } from '../../new-app/template.js';
import type { FileContent } from '../../workspace/write-files.js';

/** An earlier version of the template of an app. */
export interface PastTemplate {
  readonly client: string;
  readonly version: string;
  /** With the words in them, by path. */
  readonly files: ReadonlyMap<string, string>;
}

interface History {
  readonly texts: readonly string[];
  /** The oldest first; files by path from `templates/app`, each the place of its text. */
  readonly versions: readonly { readonly release: string; readonly files: Readonly<Record<string, number>> }[];
}

/** Earlier versions of the templates of apps, from before apps kept what they were made from: the newest first, each once. */
export async function pastTemplates(): Promise<readonly PastTemplate[]> {
  const { texts, versions }: History = JSON.parse(await readFile(templateFolders().history, 'utf8'));
  const found = new Map<string, PastTemplate>();
  for (const { release, files } of versions.toReversed()) {
    const clients = new Set(Object.keys(files).map((path) => path.split('/')[0] ?? ''));
    clients.delete('all');
    for (const client of clients) {
      const folders = ['all', client].map((folder) => folderOf(folder, files, texts));
      const version = versionOf(release, folders);
      const past = { client, version, files: new Map(folders.flatMap((folder) => [...folder])) };
      if (!found.has(`${client} ${version}`)) found.set(`${client} ${version}`, past);
    }
  }
  return [...found.values()];
}

function folderOf(
  folder: string,
  files: Readonly<Record<string, number>>,
  texts: readonly string[],
): ReadonlyMap<string, string> {
  const entries = Object.entries(files)
    .filter(([path]) => path.startsWith(`${folder}/`))
    .map(([path, index]) => [path.slice(folder.length + 1), texts[index] ?? ''] as const);
  return new Map(entries.toSorted(([one], [other]) => (one < other ? -1 : 1)));
}

/** The files that an earlier version made, formatted as today, by path. */
export function renderPast(
  root: string,
  { files }: PastTemplate,
  words: TemplateWords,
): Promise<ReadonlyMap<string, FileContent>> {
  const fill = filler(words);
  return finishedApp(root, words.name, new Map([...files].map(([path, text]) => [fill(path), fill(text)])));
}
