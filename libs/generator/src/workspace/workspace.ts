import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parse } from 'yaml';
import { UsageError } from '../terminal/command.errors.js';
import { contractsFolder, layouts, upstreamsPath } from './layout.js';

/** A port, and the environment variable that changes it, where there is one. */
export interface PortSetting {
  readonly port: number;
  readonly variable?: string;
}

/** One BFF of the workspace: a folder under `apps/` with a `bff.yaml`. */
export interface AppFolder {
  readonly name: string;
  readonly folder: string;
}

/** A BFF and the ports of its `bff.yaml`. */
export interface AppPorts extends AppFolder {
  readonly port: PortSetting;
  readonly adminPort: PortSetting;
}

/** The root of the workspace around `from`; it need not have an app. @throws {UsageError} when there is none */
export function findWorkspace(from: string): string {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    const isRoot = ['apps', 'package.json'].some((name) => existsSync(join(folder, name)));
    if (isRoot && contractsFolder(folder) !== undefined) return folder;
    if (dirname(folder) === folder) throw noWorkspace(from);
  }
}

/** The mistake of a command that was called outside of a workspace. */
export const noWorkspace = (from: string): UsageError =>
  new UsageError(
    `${from} is not inside a Frontage workspace: no folder above it has ${layouts.join(' or ')}\nA new one is made by: npm create frontage@latest shop`,
  );

/** Every BFF, sorted by its name; no file is read, so a mistake in one app is none in the others. */
export function appFolders(root: string): AppFolder[] {
  return folders(join(root, 'apps'), 'bff.yaml').map((name) => ({ name, folder: join(root, 'apps', name) }));
}

/** Every BFF, sorted by its port. @throws Error for a `bff.yaml` that cannot be read */
export function listApps(root: string, env: NodeJS.ProcessEnv): AppPorts[] {
  return appFolders(root)
    .map((app) => appPorts(app, env))
    .toSorted((a, b) => a.port.port - b.port.port);
}

/** The ports of a BFF, from `bff.yaml` and the environment. @throws Error for a `bff.yaml` that cannot be read */
export function appPorts(app: AppFolder, env: NodeJS.ProcessEnv): AppPorts {
  const listen = member(readSettings(app), 'listen');
  return {
    ...app,
    port: portSetting(member(listen, 'port'), env),
    adminPort: portSetting(member(listen, 'adminPort'), env),
  };
}

/** The variables in the addresses of an upstream in the `bff.yaml` of an app; undefined where the file has no such upstream. */
export function addressVariables(app: AppFolder, upstream: string): readonly string[] | undefined {
  const urls = member(member(member(readSettings(app), 'upstreams'), upstream), 'urls');
  if (urls === undefined) return undefined;
  return [...JSON.stringify(urls).matchAll(/\$\{(\w+)/g)].flatMap(([, name]) => (name === undefined ? [] : [name]));
}

/** Every upstream with a contract: the shared ones and those of single apps. */
export function listUpstreams(root: string): string[] {
  const apps = folders(join(root, 'apps'), 'upstreams').map((app) => join(root, 'apps', app, 'upstreams'));
  const places = [upstreamsPath(root), ...apps];
  return [...new Set(places.flatMap((place) => folders(place, 'openapi.yaml')))].toSorted();
}

/**
 * The names under which the sandbox serves the upstreams that an app can call: those of other apps count where no other has the name. The
 * sandbox serves an upstream of an app as `<app>.<name>` where the organisation or an app before it has one of this name.
 */
export function sandboxNames(root: string, app: string): ReadonlyMap<string, string> {
  const served = new Map(folders(upstreamsPath(root), 'openapi.yaml').map((name) => [name, name]));
  const own = new Map<string, string>();
  for (const each of folders(join(root, 'apps'), 'upstreams')) {
    for (const name of folders(join(root, 'apps', each, 'upstreams'), 'openapi.yaml')) {
      const shown = served.has(name) ? `${each}.${name}` : name;
      served.set(shown, shown);
      if (each === app) own.set(name, shown);
    }
  }
  return new Map([...served, ...own]);
}

/** The variable with the address of an upstream: `ORDERS_URL`, and `ORDERS_2_URL` for `orders@2`. */
export function urlVariable(upstream: string): string {
  return `${upstream.toUpperCase().replaceAll(/[-@]/g, '_')}_URL`;
}

function folders(parent: string, file: string): string[] {
  if (!existsSync(parent)) return [];
  return readdirSync(parent)
    .filter((name) => existsSync(join(parent, name, file)))
    .toSorted();
}

function readSettings({ name, folder }: AppFolder): unknown {
  try {
    return parse(readFileSync(join(folder, 'bff.yaml'), 'utf8'));
  } catch (cause) {
    throw new Error(`apps/${name}/bff.yaml cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}

function member(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).find(([name]) => name === key)?.[1]
    : undefined;
}

/** A number, or `${VARIABLE:-number}`. */
function portSetting(value: unknown, env: NodeJS.ProcessEnv): PortSetting {
  if (typeof value === 'number') return { port: value };
  const match = typeof value === 'string' ? /^\$\{(\w+)(?::-(\d+))?\}$/.exec(value) : null;
  const variable = match?.[1];
  if (variable === undefined) return { port: Number(value) || 0 };
  return { port: Number(env[variable] ?? match?.[2] ?? 0), variable };
}
