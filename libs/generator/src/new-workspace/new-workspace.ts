import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, rename, rm, rmdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative, sep } from 'node:path';
import { codemodNames } from '../codemods/codemods.js';
import { formatFiles } from '../workspace/format-files.js';
import { planApp, writeApp, type NewApp } from '../new-app/new-app.js';
import { templateFolders } from '../new-app/template-folders.js';
import { UsageError } from '../terminal/command.errors.js';
import { newRecord } from '../workspace/folder-record.js';
import type { FileContent } from '../workspace/write-files.js';
import { renderWorkspace, workspaceTemplate, workspaceTemplateVersion } from './render-workspace.js';

export interface NewWorkspaceRequest {
  /** The absolute path of the new folder; its name is the name of the workspace. */
  readonly folder: string;
  /** The kind of the first app. */
  readonly client: string;
  /** The name of the first app. @default the kind */
  readonly app?: string;
  /** A folder of packed packages (`npm run pack`) that are used in the place of published ones. */
  readonly packages?: string;
  /** Makes the files elsewhere, lists them and deletes them. */
  readonly isDryRun: boolean;
}

export interface NewWorkspace {
  readonly name: string;
  readonly app: NewApp;
  /** Paths from the folder, with `/`, sorted. */
  readonly files: readonly string[];
}

/** The entries that may be in the folder already: the folder of an empty repository. */
const kept: ReadonlySet<string> = new Set(['.git', '.idea', '.vscode', '.DS_Store']);

/**
 * Makes a workspace: all of it, or nothing. It is made in a folder beside the new one, which is then renamed.
 * @throws {UsageError} for a folder that has files, a name that cannot be one of a package, an unknown kind of client
 */
export async function makeWorkspace(request: NewWorkspaceRequest): Promise<NewWorkspace> {
  const { folder, isDryRun } = request;
  const name = workspaceName(folder);
  const present = await readdir(folder).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return undefined;
    if (cause.code === 'ENOTDIR') throw new UsageError(`${folder} is a file: choose another name`);
    throw cause;
  });
  const files = present?.filter((one) => !kept.has(one)) ?? [];
  if (files.length > 0)
    throw new UsageError(`${folder} is not empty: it has ${files.slice(0, 3).join(', ')}; choose another name`);
  const parent = isDryRun ? tmpdir() : dirname(folder);
  await mkdir(parent, { recursive: true });
  const stage = await mkdtemp(join(parent, '.frontage-new-'));
  try {
    const app = await fill(stage, name, request);
    const made = await filesBelow(stage);
    if (!isDryRun) await move(stage, folder, present);
    return { name, app, files: made };
  } finally {
    await rm(stage, { recursive: true, force: true });
  }
}

function workspaceName(folder: string): string {
  const name = basename(folder);
  if (/^[a-z0-9][a-z0-9._-]{0,99}$/.test(name)) return name;
  throw new UsageError(
    `${JSON.stringify(name)} cannot name a workspace: use lower-case letters, digits and dashes, such as shop`,
  );
}

async function fill(stage: string, name: string, request: NewWorkspaceRequest): Promise<NewApp> {
  const { client, app = client, packages } = request;
  const templates = templateFolders();
  const words = { name, app, ...(packages !== undefined && { packages: relative(request.folder, packages) }) };
  const files = await renderWorkspace(request.folder, words);
  // The settings of the formatter come first: the other files are formatted by them.
  await put(stage, new Map([...files].filter(([path]) => path.startsWith('.prettier'))));
  const formatted = await formatFiles(new Map([...files].map(([path, content]) => [join(stage, path), content])));
  const version = await workspaceTemplateVersion();
  const origin = { template: workspaceTemplate, version, values: words, codemods: codemodNames };
  const records = newRecord(stage, origin, formatted, formatted);
  const all = new Map<string, FileContent>([...formatted, ...records]);
  await put(stage, new Map([...all].map(([path, content]) => [relative(stage, path), content])));
  for (const upstream of await readdir(templates.upstreams, { withFileTypes: true }))
    if (upstream.isDirectory() && existsSync(join(templates.upstreams, upstream.name, 'openapi.yaml')))
      await cp(join(templates.upstreams, upstream.name), join(stage, 'upstreams', upstream.name), { recursive: true });
  await mkdir(join(stage, 'apps'));
  const first = await planApp(stage, { name: app, client });
  await writeApp(stage, first);
  return first;
}

async function put(root: string, files: ReadonlyMap<string, FileContent>): Promise<void> {
  for (const [path, content] of files) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    const { data, isExecutable } = typeof content === 'string' ? { data: content, isExecutable: false } : content;
    await writeFile(join(root, path), data, { mode: isExecutable ? 0o755 : 0o644 });
  }
}

/** @param present the entries of the folder; undefined where it does not exist */
async function move(stage: string, folder: string, present: readonly string[] | undefined): Promise<void> {
  if (present !== undefined && present.length > 0) {
    for (const entry of await readdir(stage)) await rename(join(stage, entry), join(folder, entry));
    return;
  }
  if (present !== undefined) await rmdir(folder);
  await rename(stage, folder);
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(folder, join(parentPath, name)).replaceAll(sep, '/'))
    .toSorted();
}
