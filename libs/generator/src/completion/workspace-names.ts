import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readClients } from '../new-app/template.js';
import { readIfThere } from '../workspace/upstream-folders.js';
import { upstreamsPath } from '../workspace/layout.js';
import { appFolders, findWorkspace, listUpstreams } from '../workspace/workspace.js';

export type NameKind =
  'app' | 'screen' | 'client' | 'upstream' | 'address' | 'operation' | 'endpoint' | 'user' | 'shell';

export const shells = ['bash', 'zsh', 'fish'] as const;

/**
 * The names of one kind, from files alone: nothing is built and no app is asked.
 * @param before the arguments before it
 * @returns none outside of a workspace
 */
export async function namesOf(kind: NameKind, cwd: string, before: readonly string[]): Promise<readonly string[]> {
  if (kind === 'shell') return shells;
  if (kind === 'user') return ['ada', 'grace', 'linus', 'acme'];
  const root = workspaceOf(cwd);
  if (root === undefined) return [];
  const apps = appFolders(root).map(({ name }) => name);
  switch (kind) {
    case 'app':
      return apps;
    case 'screen':
      return apps.map((app) => `${app}/`);
    case 'client':
      return (await readClients(root).catch(() => [])).map(({ name }) => name);
    case 'upstream':
      return listUpstreams(root);
    case 'address':
      return [...listUpstreams(root), 'issuer'].map((name) => `${name}=`);
    case 'operation':
      return operations(root, apps);
    case 'endpoint':
      return endpointWords(root, before);
  }
}

function workspaceOf(cwd: string): string | undefined {
  try {
    return findWorkspace(cwd);
  } catch {
    return undefined;
  }
}

/** `users.getUser` of every generated client. */
async function operations(root: string, apps: readonly string[]): Promise<string[]> {
  const folders = [upstreamsPath(root), ...apps.map((app) => join(root, 'apps', app, 'upstreams'))];
  const found = new Set<string>();
  for (const folder of folders) {
    for (const name of await readdir(folder).catch(() => [])) {
      const text = (await readIfThere(join(folder, name, `${name}.gen.ts`)).catch(() => undefined)) ?? '';
      for (const [, operation] of text.matchAll(/^export const (\w+): Operation</gm)) found.add(`${name}.${operation}`);
    }
  }
  return [...found].toSorted();
}

/** The methods of an app, then the paths of the method, from the document that the app promises. */
async function endpointWords(root: string, [app = '', method]: readonly string[]): Promise<string[]> {
  const file = join(root, 'apps', app, 'openapi.gen.json');
  const text = await readIfThere(file).catch(() => undefined);
  if (text === undefined) return [];
  const paths = Object.entries(pathsOf(text));
  if (method === undefined)
    return [...new Set(paths.flatMap(([, operations]) => Object.keys(operations).map((one) => one.toUpperCase())))];
  return paths.filter(([, operations]) => Object.hasOwn(operations, method.toLowerCase())).map(([path]) => path);
}

function pathsOf(text: string): Readonly<Record<string, object>> {
  try {
    const document: { readonly paths?: Readonly<Record<string, object>> } = JSON.parse(text);
    return document.paths ?? {};
  } catch {
    return {};
  }
}
