import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

export interface ContractFile {
  /** Path segment under which the sandbox serves it. */
  readonly upstream: string;
  readonly file: string;
}

/**
 * The contracts of a workspace: `libs/upstreams/<name>/openapi.yaml` as `<name>`, and `apps/<app>/upstreams/<name>/openapi.yaml` as
 * `<name>` too, or as `<app>.<name>` where the organisation or an app before it has one of this name.
 */
export async function findContracts(root: string): Promise<readonly ContractFile[]> {
  const found = new Map<string, string>();
  const add = async (folder: string, nameOf: (upstream: string) => string): Promise<void> => {
    for (const upstream of await foldersOf(folder)) {
      const name = (await readdir(join(folder, upstream))).find((file) => /^openapi\.(ya?ml|json)$/.test(file));
      if (name !== undefined) found.set(nameOf(upstream), join(folder, upstream, name));
    }
  };
  await add(join(root, 'libs/upstreams'), (upstream) => upstream);
  for (const app of await foldersOf(join(root, 'apps'))) {
    await add(join(root, 'apps', app, 'upstreams'), (upstream) =>
      found.has(upstream) ? `${app}.${upstream}` : upstream,
    );
  }
  return [...found].map(([upstream, file]) => ({ upstream, file }));
}

/** Names of the folders in a folder, sorted; none where there is no such folder. */
export async function foldersOf(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
    throw error;
  });
  return entries
    .filter((entry) => entry.isDirectory() && entry.name !== 'node_modules' && entry.name !== 'dist')
    .map(({ name }) => name)
    .toSorted();
}
