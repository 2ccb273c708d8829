import { statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { changedSources, codemods } from '../codemods/codemods.js';
import { CheckFailed, UsageError } from '../terminal/command.errors.js';
import { readFolderRecord, recordTexts } from '../workspace/folder-record.js';
import { appFolders } from '../workspace/workspace.js';
import { staleFiles, type FileContent } from '../workspace/write-files.js';
import { filesByName, recordedState, type FolderState } from './base/folder-state.js';
import { recoverBase } from './base/recover-base.js';
import { pastTemplates, renderPast } from './base/template-history.js';
import { mergeFolder, type FileOutcome } from './merge-folder.js';
import { hasMarkers } from './merge/merge-lines.js';
import { plainText } from './merge/text-form.js';
import { teamFiles } from './team-files.js';
import { templateToday, type UpgradeTarget } from './upgrade-target.js';

export interface UpgradeOptions {
  /** Values of the template that change: `{ owner: '@tv' }`. */
  readonly values: Readonly<Record<string, string>>;
  /** The kind of clients of an app without a record. */
  readonly client?: string;
  /** Files that become the team's own, by path from the target. */
  readonly own: readonly string[];
  /** Files that the template shall change again. */
  readonly shared: readonly string[];
}

/** An upgrade before anything is written. */
export interface PlannedUpgrade {
  readonly target: UpgradeTarget;
  readonly template: string;
  readonly from: string;
  readonly to: string;
  readonly outcomes: readonly FileOutcome[];
  /** Sentences for the reader. */
  readonly notes: readonly string[];
  /** The codemods that have changed a file. */
  readonly codemods: readonly string[];
  /** Content by path, records included; only what changes. */
  readonly writes: ReadonlyMap<string, FileContent>;
  /** Paths. */
  readonly deletes: readonly string[];
  readonly owner?: string;
}

/**
 * Plans an upgrade in memory.
 * @throws {UsageError} for a value or a file that does not exist
 * @throws {CheckFailed} where markers of an earlier upgrade are left, a record cannot be read, or a codemod fails
 */
export async function planUpgrade(
  root: string,
  target: UpgradeTarget,
  options: UpgradeOptions,
): Promise<PlannedUpgrade> {
  const { folder, shown, app } = target;
  const files = await teamFiles(folder, app === undefined ? ['apps', 'upstreams', 'libs'] : ['upstreams']);
  checkMarkers(shown, files);
  const state = withOwn(await stateOf(root, target, options), options, shown);
  const today = await templateToday(root, target, state.record, options.values);
  const missing = codemods.filter(({ name }) => !state.record.codemods.includes(name));
  const team = changedSources(files, missing, shown);
  const merged = await mergeFolder({
    folder,
    team: team.files,
    original: files,
    state,
    base: changedSources(state.rendering, missing, `the last rendering of ${shown}`).files,
    today,
  });
  const absolute = (path: string): string => join(folder, path);
  const contents = new Map([...merged.files].map(([path, content]) => [absolute(path), content]));
  const records = recordTexts(folder, { ...today.origin, files: merged.record }, merged.rendering);
  const wanted = new Map<string, FileContent>([...contents, ...records]);
  checkPlaces(root, wanted.keys());
  const stale = new Set(await staleFiles(wanted));
  return {
    target,
    template: today.origin.template,
    from: state.record.version,
    to: today.origin.version,
    outcomes: merged.outcomes,
    notes: state.notes,
    codemods: team.codemods,
    writes: new Map([...wanted].filter(([path]) => stale.has(path))),
    deletes: [...merged.deletes, ...state.obsolete].map(absolute),
    ...(options.values['owner'] !== undefined && { owner: options.values['owner'] }),
  };
}

/** The state of a target, from its record or found again. */
async function stateOf(root: string, target: UpgradeTarget, { client, values }: UpgradeOptions): Promise<FolderState> {
  const { folder, app } = target;
  const record = await readFolderRecord(folder);
  if (record !== undefined)
    return recordedState(folder, record, async () => {
      const now = await templateToday(root, target, record, {});
      if (app === undefined) return [now.rendering];
      const words = { name: app, port: Number(record.values['port']), adminPort: Number(record.values['adminPort']), owner: String(record.values['owner']) }; // prettier-ignore
      const past = (await pastTemplates()).filter(({ version }) => version === record.version);
      const renderings = past.map(async (one) => filesByName(folder, await renderPast(root, one, words)));
      return [now.rendering, ...(await Promise.all(renderings))];
    });
  if (app !== undefined) return recoverBase(root, app, client ?? values['client']);
  throw new UsageError(
    `this workspace has no .frontage of its own: name the app to upgrade: npx frontage upgrade ${appFolders(root)[0]?.name ?? '<app>'}`,
  );
}

/** @throws {UsageError} for a file that no template has */
function withOwn(state: FolderState, { own, shared }: UpgradeOptions, shown: string): FolderState {
  const files = { ...state.record.files };
  for (const [paths, isOwn] of [
    [own, true],
    [shared, false],
  ] as const)
    for (const path of paths) {
      const entry = Object.hasOwn(files, path) ? files[path] : undefined;
      if (entry?.id === undefined)
        throw new UsageError(
          `${shown}/${path} comes from no template; those that do: ${Object.keys(files)
            .filter((one) => files[one]?.id !== undefined)
            .join(', ')}`,
        );
      const { own: _, ...rest } = entry;
      files[path] = isOwn ? { ...rest, own: true } : rest;
    }
  return { ...state, record: { ...state.record, files } };
}

/** @throws {CheckFailed} where a folder stands in the place of a file */
function checkPlaces(root: string, paths: Iterable<string>): void {
  for (const path of paths)
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true)
      throw new CheckFailed(
        `${relative(root, path)} is a folder, and the template has a file of that name: rename the folder. Nothing was changed.`,
      );
}

function checkMarkers(shown: string, files: ReadonlyMap<string, FileContent>): void {
  const marked = [...files].flatMap(([path, content]) =>
    path.endsWith('.conflict') || hasMarkers(plainText(content)?.text ?? '') ? [`${shown}/${path}`] : [],
  );
  if (marked.length === 0) return;
  throw new CheckFailed(
    `${shown} has conflicts of an earlier upgrade:\n  ${marked.join('\n  ')}\nResolve them (a .conflict file has the bytes of the template: take them or delete it), commit, and type the command again. Nothing was changed.`,
    { conflicts: marked },
  );
}
