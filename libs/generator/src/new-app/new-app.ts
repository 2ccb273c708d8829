import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CheckFailed, UsageError } from '../terminal/command.errors.js';
import { codemodNames } from '../codemods/codemods.js';
import { newRecord } from '../workspace/folder-record.js';
import { checkedOwner, withOwner } from './owners.js';
import { chooseName, choosePorts } from './new-app-checks.js';
import { readListings, registrations, withProject } from './registrations.js';
import { appTemplateVersion, renderApp } from './render-app.js';
import { blankClient, readClients, type ClientTemplate } from './template.js';
import { listApps } from '../workspace/workspace.js';
import { removeFolder, staleFiles, writeFiles, type FileContent } from '../workspace/write-files.js';

export interface NewAppRequest {
  readonly name: string;
  /** A folder of `templates/app`. */
  readonly client: string;
  /** The first screen is made from these; without any, it is the one of the template. @default none */
  readonly upstreams?: readonly string[];
  /** The team that reviews changes. @default `@<name>-team` */
  readonly owner?: string;
  /** @default the next free one from 4001 */
  readonly port?: number;
}

/** An app before it is written to the disk. */
export interface NewApp {
  readonly client: ClientTemplate;
  readonly port: number;
  readonly adminPort: number;
  /** The new folder. */
  readonly folder: string;
  /** A request that its first screen answers, and the scope that it needs. */
  readonly request: { readonly path: string; readonly scope: string };
  readonly owner: string;
  /** Content by path: the files of the app, and last those of the workspace that list it. */
  readonly files: ReadonlyMap<string, FileContent>;
}

/**
 * Plans an app without touching the disk. An app that is there as it would be made is planned as it is.
 * @throws {UsageError} that names every obstacle
 */
export async function planApp(root: string, request: NewAppRequest): Promise<NewApp> {
  const { name } = request;
  const client = await findClient(root, request.client);
  const listings = await readListings(root);
  const all = listApps(root, {});
  const present = all.find((app) => app.name === name);
  const obstacles = [...registrations(name, listings)];
  if (present !== undefined && obstacles.length > 0) {
    const { port, adminPort } = present;
    const known = await plannedFiles(root, request, client, { port: port.port, adminPort: adminPort.port });
    const isSame = request.port === undefined || request.port === port.port;
    if (isSame && (await staleFiles(known.files)).length === 0) return known;
  }
  chooseName(root, name, all, obstacles);
  const ports = choosePorts(all, request.port);
  const app = await plannedFiles(root, request, client, ports);
  const files = new Map(app.files);
  const { nest, projects } = listings;
  files.set(join(root, nest.file), withProject(nest, name));
  files.set(join(root, projects.file), projects.withItem('references', { path: `apps/${name}` }));
  const owners = await withOwner(root, name, app.owner);
  if (owners !== undefined) files.set(owners.path, owners.text);
  return { ...app, files };
}

/** The files below the folder of the app. */
async function plannedFiles(
  root: string,
  { name, owner: givenOwner, upstreams = [] }: NewAppRequest,
  client: ClientTemplate,
  { port, adminPort }: { readonly port: number; readonly adminPort: number },
): Promise<NewApp> {
  const folder = join(root, 'apps', name);
  const owner = checkedOwner(givenOwner ?? `@${name}-team`);
  const words = { name, port, adminPort, owner };
  const template = upstreams.length === 0 ? client.name : blankClient;
  const rendered = await renderApp(root, template, words);
  const made =
    upstreams.length === 0
      ? { files: rendered, path: client.path, scope: client.scope }
      : await (await import('./first-screen.js')).firstScreen(root, name, upstreams, client, rendered);
  const origin = {
    template,
    version: await appTemplateVersion(root, template),
    values: { ...words, client: client.name },
    codemods: codemodNames,
  };
  // A screen that was made from upstreams is the team's: the template has no news for it.
  const own = [...made.files.keys()].filter((path) => path.startsWith(join(folder, 'src', 'home', '/')));
  const records = newRecord(folder, origin, made.files, rendered, new Set(upstreams.length === 0 ? [] : own));
  const files = new Map([...made.files, ...records]);
  const sorted = new Map([...files].toSorted(([one], [other]) => (one < other ? -1 : 1)));
  return { client, port, adminPort, folder, owner, request: { path: made.path, scope: made.scope }, files: sorted };
}

/** Writes an app: all of it, or nothing. */
export async function writeApp(root: string, { folder, files }: Pick<NewApp, 'folder' | 'files'>): Promise<void> {
  const before = new Map<string, string>();
  for (const path of files.keys()) if (existsSync(path)) before.set(path, await readFile(path, 'utf8'));
  try {
    await writeFiles(root, files);
  } catch (cause) {
    // A link that is refused here is refused before any file is written.
    if (cause instanceof CheckFailed) throw cause;
    await removeFolder(root, folder);
    await writeFiles(root, before);
    throw cause;
  }
}

async function findClient(root: string, wanted: string): Promise<ClientTemplate> {
  const clients = await readClients(root);
  const client = clients.find(({ name }) => name === wanted);
  if (client !== undefined) return client;
  const known = clients.map(({ name, description }) => `\n  ${name.padEnd(8)} ${description}`);
  throw new UsageError(`there is no template for the client ${JSON.stringify(wanted)}; there are${known.join('')}`);
}
