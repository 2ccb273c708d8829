import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CheckFailed, UsageError } from '../terminal/command.errors.js';
import { JsonFile } from '../workspace/json-file.js';
import { checkedOwner, withOwner } from './owners.js';
import { chooseName, choosePorts } from './new-app-checks.js';
import { withPackages } from './package-layout.js';
import { appTemplates } from './template-folders.js';
import { readClients, renderTemplate, type ClientTemplate } from './template.js';
import { readIfThere } from '../workspace/upstream-folders.js';
import { hasLibs, packageRange } from '../workspace/layout.js';
import { listApps } from '../workspace/workspace.js';
import { removeFolder, writeFiles, type FileContent } from '../workspace/write-files.js';

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
 * Plans an app without touching the disk.
 * @throws {UsageError} that names every obstacle
 */
export async function planApp(root: string, request: NewAppRequest): Promise<NewApp> {
  const { name } = request;
  const client = await findClient(root, request.client);
  const nest = await readJson(root, 'nest-cli.json');
  const projects = await readJson(root, 'tsconfig.json');
  const apps = listApps(root, {});
  chooseName(root, name, apps, [...registrations(name, nest, projects)]);
  const { port, adminPort } = choosePorts(apps, request.port);

  const folder = join(root, 'apps', name);
  const owner = checkedOwner(request.owner ?? `@${name}-team`);
  const { upstreams = [] } = request;
  const words = { name, port, adminPort, owner };
  const templates = ['all', upstreams.length === 0 ? client.name : 'blank'].map((one) => join(appTemplates(root), one));
  const template = new Map<string, FileContent>();
  for (const source of templates.filter((one) => existsSync(one)))
    for (const [path, content] of await renderTemplate(source, words)) template.set(path, content);
  const rendered = hasLibs(root) ? template : withPackages(template, packageRange(root));
  // The formatter is loaded here, so that other commands do not load it.
  const { formatFiles } = await import('../workspace/format-files.js');
  const formatted = await formatFiles(new Map([...rendered].map(([path, text]) => [join(folder, path), text])));
  const made =
    upstreams.length === 0
      ? { files: formatted, path: client.path, scope: client.scope }
      : await (await import('./first-screen.js')).firstScreen(root, name, upstreams, client, formatted);
  const files = new Map([...made.files].toSorted(([one], [other]) => (one < other ? -1 : 1)));
  files.set(
    join(root, nest.file),
    nest.withMember('projects', name, nestProject(name), lastApplication(nest.read('projects'))),
  );
  files.set(join(root, projects.file), projects.withItem('references', { path: `apps/${name}` }));
  const owners = await withOwner(root, name, owner);
  if (owners !== undefined) files.set(owners.path, owners.text);
  return { client, port, adminPort, folder, owner, request: { path: made.path, scope: made.scope }, files };
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

async function readJson(root: string, file: string): Promise<JsonFile> {
  const text = await readIfThere(join(root, file));
  if (text === undefined) throw new UsageError(`there is no ${file} in ${root}; the apps are listed in it`);
  return new JsonFile(file, text);
}

/** Lists that already have the name, without a folder of this name. */
function* registrations(name: string, nest: JsonFile, projects: JsonFile): Generator<string> {
  if (Object.hasOwn(record(nest.read('projects')), name)) yield `${nest.file} has a project ${name} already`;
  const references = projects.read('references');
  const paths = Array.isArray(references) ? references.map((one: unknown) => record(one)['path']) : [];
  if (paths.includes(`apps/${name}`)) yield `${projects.file} has a reference to apps/${name} already`;
}

/** Apps stand together in nest-cli.json, before the libs. */
function lastApplication(projects: unknown): string | undefined {
  return Object.entries(record(projects)).findLast(([, project]) => record(project)['type'] === 'application')?.[0];
}

function nestProject(name: string): unknown {
  return {
    type: 'application',
    root: `apps/${name}`,
    entryFile: 'main',
    sourceRoot: `apps/${name}/src`,
    compilerOptions: { tsConfigPath: `apps/${name}/tsconfig.json` },
  };
}

const record = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? { ...value } : {};
