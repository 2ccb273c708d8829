import type { OverlaySource } from '@frontage/contracts';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

export interface ContractFile {
  /** Path segment under which the sandbox serves it. */
  readonly upstream: string;
  readonly file: string;
  /** File of an OpenAPI Overlay that changes the contract. */
  readonly overlay?: string;
}

/**
 * The contracts of a workspace: `libs/upstreams/<name>/openapi.yaml` as `<name>`, `upstreams/<name>/openapi.yaml` where there is no such folder, and `apps/<app>/upstreams/<name>/openapi.yaml` as
 * `<name>` too, or as `<app>.<name>` where the organisation or an app before it has one of this name.
 */
export async function findContracts(root: string): Promise<readonly ContractFile[]> {
  const found = new Map<string, Omit<ContractFile, 'upstream'>>();
  const add = async (folder: string, nameOf: (upstream: string) => string): Promise<void> => {
    for (const upstream of await foldersOf(folder)) {
      const files = await readdir(join(folder, upstream));
      const name = files.find((file) => /^openapi\.(ya?ml|json)$/.test(file));
      if (name === undefined) continue;
      const overlay = files.includes('overlay.yaml') ? { overlay: join(folder, upstream, 'overlay.yaml') } : {};
      found.set(nameOf(upstream), { file: join(folder, upstream, name), ...overlay });
    }
  };
  const inLibs = await stat(join(root, 'libs/upstreams')).catch(() => undefined);
  await add(join(root, inLibs === undefined ? 'upstreams' : 'libs/upstreams'), (upstream) => upstream);
  for (const app of await foldersOf(join(root, 'apps'))) {
    await add(join(root, 'apps', app, 'upstreams'), (upstream) =>
      found.has(upstream) ? `${app}.${upstream}` : upstream,
    );
  }
  return [...found].map(([upstream, files]) => ({ upstream, ...files }));
}

/** The overlay of a contract; none where it has none. */
export async function readOverlays({ overlay }: ContractFile): Promise<readonly OverlaySource[]> {
  return overlay === undefined ? [] : [{ file: overlay, text: await readFile(overlay, 'utf8') }];
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
