import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { isUtf8 } from 'node:buffer';
import { appTemplates } from './template-folders.js';
import { UsageError } from '../terminal/command.errors.js';
import type { FileContent } from '../workspace/write-files.js';

/** The values of `__name__` and its forms in a template. */
export interface TemplateWords {
  /** `tv-guide`; `__Name__` becomes `TvGuide`, `__NAME__` becomes `TV_GUIDE`. */
  readonly name: string;
  readonly port: number;
  readonly adminPort: number;
  /** The team that reviews changes: `@tv-team`. */
  readonly owner: string;
}

/**
 * Fills in the words of a template, in the names of its files and in their texts. Files that are no text keep their bytes, and
 * executable files stay executable.
 * @param folder `templates/app/mobile`
 * @returns content by path, sorted, relative to the folder, with `/`
 * @throws {UsageError} for a link or a device, and for two files that get the same name
 */
export const renderTemplate = (folder: string, words: TemplateWords): Promise<Map<string, FileContent>> =>
  renderFolder(folder, filler(words));

/** The same with a function that fills in the words. */
export async function renderFolder(folder: string, fill: (text: string) => string): Promise<Map<string, FileContent>> {
  const entries = (await readdir(folder, { recursive: true, withFileTypes: true })).filter(
    (entry) => !entry.isDirectory(),
  );
  const pathOf = ({ parentPath, name }: (typeof entries)[number]): string =>
    relative(folder, join(parentPath, name)).replaceAll(sep, '/');
  const odd = entries.find((entry) => !entry.isFile());
  if (odd !== undefined)
    throw new UsageError(`the template has ${JSON.stringify(pathOf(odd))}, which is no file: replace it by a file`);
  const files = await Promise.all(
    entries.map(pathOf).map(async (path) => [fill(path), await renderFile(join(folder, path), fill)] as const),
  );
  const rendered = new Map(files.toSorted(([one], [other]) => (one < other ? -1 : 1)));
  const distinct = new Map([...rendered.keys()].map((path) => [path.normalize('NFC').toLowerCase(), path]));
  const twice = files.find(([path], index) => {
    const other = distinct.get(path.normalize('NFC').toLowerCase());
    return other !== path || files.findIndex(([each]) => each === path) !== index;
  });
  if (twice !== undefined)
    throw new UsageError(`two files of the template become ${JSON.stringify(twice[0])}, letter case aside: rename one`);
  return rendered;
}

async function renderFile(file: string, fill: (text: string) => string): Promise<FileContent> {
  const [bytes, { mode }] = await Promise.all([readFile(file), stat(file)]);
  const text = isUtf8(bytes) && !bytes.includes(0) ? fill(bytes.toString()) : undefined;
  const isExecutable = (mode & 0o111) !== 0;
  return text !== undefined && !isExecutable ? text : { data: text ?? bytes, isExecutable };
}

/** The prefix of an app's variables: `TV_GUIDE` of `TV_GUIDE_PORT`. */
export const variablePrefix = (app: string): string => app.toUpperCase().replaceAll('-', '_');

/** Fills in the words of a text. */
export function filler({ name, port, adminPort, owner }: TemplateWords): (text: string) => string {
  const className = name.replaceAll(/(?:^|-+)(.)/g, (_, letter: string) => letter.toUpperCase()).replaceAll('-', '');
  const values: Readonly<Record<string, string>> = {
    name,
    Name: className,
    NAME: variablePrefix(name),
    port: String(port),
    adminPort: String(adminPort),
    owner,
  };
  return (text) =>
    text.replaceAll(/__(name|Name|NAME|port|adminPort|owner)__/g, (_, word: string) => values[word] ?? '');
}

/** The template whose first screen shows nothing, or what upstreams have. */
export const blankClient = 'blank';

/** A kind of client with a template. */
export interface ClientTemplate {
  readonly name: string;
  readonly description: string;
  /** Path of the first screen, and the scope that it needs. */
  readonly path: string;
  readonly scope: string;
  /** For an app whose first screen is made from chosen upstreams. */
  readonly planned?: {
    /** Stands before the paths of its screens: `/v1`. */
    readonly prefix?: string;
    readonly rateClass?: string;
    /** Lines of its `bff.yaml`. */
    readonly policy?: string;
  };
}

/** `templates/app/clients.json`, in its order. @throws {UsageError} where the workspace has none */
export async function readClients(root: string): Promise<ClientTemplate[]> {
  const file = join(appTemplates(root), 'clients.json');
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new UsageError(`${relative(root, file)} cannot be read; it lists the templates`, { cause });
  });
  const clients = parsedClients(text, relative(root, file));
  return Object.entries(clients).map(([name, client]) => ({ name, ...client }));
}

function parsedClients(text: string, shown: string): Readonly<Record<string, Omit<ClientTemplate, 'name'>>> {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new UsageError(`${shown} is no JSON: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}
