import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { UsageError } from './command.errors.js';

/** What stands for `__name__` and its forms in a template. */
export interface TemplateWords {
  /** `tv-guide`; `__Name__` becomes `TvGuide`, `__NAME__` becomes `TV_GUIDE`. */
  readonly name: string;
  readonly port: number;
  readonly adminPort: number;
}

/**
 * A template with its words filled in, in the names of its files and in their texts.
 * @param folder `templates/app/mobile`
 * @returns text by path, sorted, relative to the folder, with `/`
 */
export async function renderTemplate(folder: string, words: TemplateWords): Promise<Map<string, string>> {
  const fill = filler(words);
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(folder, join(parentPath, name)).replaceAll(sep, '/'));
  const files = await Promise.all(
    paths.map(async (path) => [fill(path), fill(await readFile(join(folder, path), 'utf8'))] as const),
  );
  return new Map(files.toSorted(([one], [other]) => (one < other ? -1 : 1)));
}

/** The prefix of an app's variables: `TV_GUIDE` of `TV_GUIDE_PORT`. */
export const variablePrefix = (app: string): string => app.toUpperCase().replaceAll('-', '_');

function filler({ name, port, adminPort }: TemplateWords): (text: string) => string {
  const className = name.replaceAll(/(?:^|-+)(.)/g, (_, letter: string) => letter.toUpperCase()).replaceAll('-', '');
  const values: Readonly<Record<string, string>> = {
    name,
    Name: className,
    NAME: variablePrefix(name),
    port: String(port),
    adminPort: String(adminPort),
  };
  return (text) => text.replaceAll(/__(name|Name|NAME|port|adminPort)__/g, (_, word: string) => values[word] ?? '');
}

/** A kind of client that there is a template for. */
export interface ClientTemplate {
  readonly name: string;
  readonly description: string;
  /** What the first screen answers at, and the scope that it wants. */
  readonly path: string;
  readonly scope: string;
}

/** `templates/app/clients.json`, in its order. @throws {UsageError} where the workspace has none */
export async function readClients(root: string): Promise<ClientTemplate[]> {
  const file = join(root, 'templates', 'app', 'clients.json');
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new UsageError(`${relative(root, file)} cannot be read, and says which templates there are`, { cause });
  });
  const clients: Readonly<Record<string, Omit<ClientTemplate, 'name'>>> = JSON.parse(text);
  return Object.entries(clients).map(([name, client]) => ({ name, ...client }));
}
