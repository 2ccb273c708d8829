import { join } from 'node:path';
import { codemodNames } from '../codemods/codemods.js';
import { checkedOwner } from '../new-app/owners.js';
import { choosePorts } from '../new-app/new-app-checks.js';
import { appTemplateVersion, renderApp } from '../new-app/render-app.js';
import { readClients } from '../new-app/template.js';
import { renderWorkspace, workspaceTemplate, workspaceTemplateVersion } from '../new-workspace/render-workspace.js';
import { UsageError } from '../terminal/command.errors.js';
import { formatFiles } from '../workspace/format-files.js';
import type { FolderRecord, RecordOrigin, TemplateValues } from '../workspace/folder-record.js';
import type { Rendering } from '../workspace/rendering.js';
import { appFolders, listApps } from '../workspace/workspace.js';
import { filesByName } from './base/folder-state.js';

/** The object of an upgrade: an app, or the files of the workspace itself. */
export interface UpgradeTarget {
  /** Undefined for the workspace. */
  readonly app?: string;
  readonly folder: string;
  /** `apps/tv`; `.` for the workspace. */
  readonly shown: string;
}

/** The template of a target today. */
export interface TemplateToday {
  readonly origin: RecordOrigin;
  readonly rendering: Rendering;
}

/** @throws {UsageError} where the workspace has no such app */
export function appTarget(root: string, app: string): UpgradeTarget {
  const apps = appFolders(root).map(({ name }) => name);
  if (!apps.includes(app)) {
    const known = apps.length === 0 ? 'this workspace has none' : `there are ${apps.join(', ')}`;
    throw new UsageError(`there is no app ${JSON.stringify(app)}: ${known}`);
  }
  return { app, folder: join(root, 'apps', app), shown: `apps/${app}` };
}

/**
 * Renders the template of today with the values of a record.
 * @param changed values of `--set`
 * @throws {UsageError} for a value that the template does not have, or cannot have
 */
export async function templateToday(
  root: string,
  { app, folder }: UpgradeTarget,
  record: FolderRecord,
  changed: Readonly<Record<string, string>>,
): Promise<TemplateToday> {
  if (app === undefined) return workspaceToday(folder, record, changed);
  const values = await changedValues(root, app, record, changed);
  const { name, port, adminPort, owner, client } = values;
  const words = { name: String(name), port: Number(port), adminPort: Number(adminPort), owner: String(owner) };
  // A first screen that was made from upstreams stands on the blank template, whatever the kind of clients.
  const template = changed['client'] === undefined ? record.template : String(client);
  const files = await renderApp(root, template, words);
  const version = await appTemplateVersion(root, template);
  return { origin: { template, version, values, codemods: codemodNames }, rendering: filesByName(folder, files) };
}

async function workspaceToday(
  folder: string,
  { values }: FolderRecord,
  changed: Readonly<Record<string, string>>,
): Promise<TemplateToday> {
  const [wrong] = Object.keys(changed);
  if (wrong !== undefined)
    throw new UsageError(`--set changes a value of an app: npx frontage upgrade <app> --set ${wrong}=...`);
  const { name, app, packages } = values;
  const words = { name: String(name), app: String(app), ...(packages !== undefined && { packages: String(packages) }) };
  const files = await renderWorkspace(folder, words);
  const formatted = await formatFiles(new Map([...files].map(([path, content]) => [join(folder, path), content])));
  const version = await workspaceTemplateVersion();
  const origin = { template: workspaceTemplate, version, values, codemods: codemodNames };
  return { origin, rendering: filesByName(folder, formatted) };
}

async function changedValues(
  root: string,
  app: string,
  { values }: FolderRecord,
  changed: Readonly<Record<string, string>>,
): Promise<TemplateValues> {
  const next: Record<string, string | number> = { ...values };
  for (const [name, value] of Object.entries(changed)) {
    if (name === 'owner') next['owner'] = checkedOwner(value);
    else if (name === 'client') next['client'] = await checkedClient(root, value);
    else if (name === 'port') {
      const others = listApps(root, {}).filter((one) => one.name !== app);
      const ports = choosePorts(others, portOf(value));
      next['port'] = ports.port;
      next['adminPort'] = ports.adminPort;
    } else
      throw new UsageError(
        `${name} cannot be changed: --set takes client, owner and port. ${name === 'name' ? 'For another name, make an app with it and move your screens' : ''}`.trim(),
      );
  }
  return next;
}

async function checkedClient(root: string, client: string): Promise<string> {
  const known = (await readClients(root)).map(({ name }) => name);
  if (known.includes(client)) return client;
  throw new UsageError(`there is no template for the client ${JSON.stringify(client)}; there are ${known.join(', ')}`);
}

function portOf(value: string): number {
  const port = Number(value);
  if (/^\d+$/.test(value) && port >= 1 && port <= 65_535) return port;
  throw new UsageError(`${JSON.stringify(value)} is no port: write a number from 1 to 65535`);
}
