import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ContractError, readContract, type ContractDocument, type OverlaySource } from '@frontage/contracts';
import { askApp, meant } from '../dev/built-app.js';
import type { AppDescription } from '../plan/app-description.js';
import { UsageError } from '../terminal/command.errors.js';
import type { CommandContext } from '../terminal/command-context.js';
import { storedOverlays } from '../upstream/stored-contract.js';
import { ownerOfApp } from '../workspace/code-owners.js';
import { contractFile, UpstreamFolders } from '../workspace/upstream-folders.js';
import { appFolders, listUpstreams } from '../workspace/workspace.js';
import { usesOf, type UpstreamUse } from './operation-uses.js';

/** An app as it describes itself, with its team. */
export interface DescribedApp {
  readonly name: string;
  readonly app: AppDescription;
  readonly owner?: string;
}

/**
 * The apps of the workspace, built first where their sources changed.
 * @param chosen names of apps @default all
 * @throws {CheckFailed} where one does not start
 */
export async function describedApps(
  root: string,
  context: CommandContext,
  chosen?: ReadonlySet<string>,
): Promise<readonly DescribedApp[]> {
  const found: DescribedApp[] = [];
  for (const folder of appFolders(root)) {
    if (chosen !== undefined && !chosen.has(folder.name)) continue;
    // The gateway of this workspace prints it, so it has the shape of the gateway's description.
    const app = (await askApp(root, folder, '--describe', context)) as AppDescription;
    const owner = ownerOfApp(root, folder.name);
    found.push({ name: folder.name, app, ...(owner !== undefined && { owner }) });
  }
  return found;
}

/** The stored contract of an upstream with its overlays, and the calls of all screens to it. */
export interface UsedUpstream {
  readonly contract: ContractDocument;
  readonly overlays: readonly OverlaySource[];
  readonly uses: readonly UpstreamUse[];
  /** Of the stored contract. */
  readonly path: string;
}

/**
 * @param app the app that the upstream belongs to; undefined for one that all apps share
 * @throws {UsageError} for an unknown upstream, with the nearest one
 */
export async function usedUpstream(
  name: string,
  app: string | undefined,
  context: CommandContext,
): Promise<UsedUpstream> {
  const folders = UpstreamFolders.find(context.cwd);
  const { root } = folders;
  const folder = folders.upstream(name, app);
  const path = join(folder, contractFile);
  if (!existsSync(path))
    throw new UsageError(
      `there is no upstream ${name}${app === undefined ? '' : ` of ${app}`}${meant(name, listUpstreams(root))}`,
    );
  const overlays = await storedOverlays(folder, context.cwd);
  const contract = await readContract(path, { overlays, cwd: context.cwd, lint: false });
  const apps = (await describedApps(root, context)).filter((one) =>
    app === undefined ? !existsSync(join(folders.upstream(name, one.name), contractFile)) : one.name === app,
  );
  const uses = apps.flatMap((one) => usesOf(one.app, one.owner)).filter((use) => use.upstream === name);
  return { contract, overlays, uses, path };
}

/** A contract with overlays that another version of it was written for; an action that no longer fits is left out, and told. */
export async function readWithOverlays(
  source: string,
  overlays: readonly OverlaySource[],
  cwd: string,
): Promise<{ readonly contract: ContractDocument; readonly faults: readonly string[] }> {
  try {
    return { contract: await readContract(source, { overlays, cwd, lint: false }), faults: [] };
  } catch (error) {
    if (!(error instanceof ContractError) || !overlays.some(({ file }) => error.message.startsWith(file))) throw error;
    return { contract: await readContract(source, { cwd, lint: false }), faults: [error.message] };
  }
}
