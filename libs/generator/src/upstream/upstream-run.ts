import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { OverlaySource } from '@frontage/contracts';
import { CheckFailed } from '../terminal/command.errors.js';
import { contractChanges } from './contract-changes.js';
import { readGenerated } from './generated-contract.js';
import { safeMarks } from './policy-marks.js';
import type { OperationPatterns } from './operation-patterns.js';
import { Progress } from '../terminal/progress.js';
import type { CommandContext } from '../terminal/command-context.js';
import { fileChanges, filesText, nextText, type FileChange, type NextStep } from '../terminal/command-result.js';
import { linesText } from '../terminal/terminal.js';
import { upstreamFiles, type UpstreamFiles } from './upstream-files.js';
import { contractFile, readIfThere, type UpstreamFolders } from '../workspace/upstream-folders.js';
import { checksum, recordFile, recordText, sourceToStore, type UpstreamRecord } from './upstream-record.js';
import { upstreamReport, upstreamSummary, type UpstreamSummary } from './upstream-report.js';
import { checkFiles, staleFiles, writeFiles } from '../workspace/write-files.js';

/** One upstream to generate. */
export interface UpstreamTask {
  readonly name: string;
  readonly folder: string;
  /** Path or URL. */
  readonly source: string;
  /** The source is the stored contract itself. */
  readonly isStored: boolean;
  readonly only?: OperationPatterns;
  readonly allowRemote?: true;
  /** The folder that references may lead to. */
  readonly root?: string;
  /** Overlays to store beside the contract, as one. @default the stored one */
  readonly overlays?: readonly OverlaySource[];
  /** A note for the report. */
  readonly note?: string;
  /** Further files to write, such as those that make the upstream importable. */
  readonly further?: ReadonlyMap<string, string>;
  /** The lines after the report of a new upstream. */
  readonly next?: readonly NextStep[];
}

export interface GenerateOptions {
  readonly check?: true;
  /** Write nothing, and list the files. */
  readonly dryRun?: true;
  readonly verbose?: true;
  readonly validators?: true;
}

const maxChanges = 40;

/** Generates upstreams one after another and reports each. @throws {CheckFailed} {ContractError} {UsageError} */
export async function generateUpstreams(
  tasks: readonly UpstreamTask[],
  folders: UpstreamFolders,
  options: GenerateOptions,
  context: CommandContext,
): Promise<void> {
  const stale: string[] = [];
  const upstreams: UpstreamSummary[] = [];
  const allFiles: FileChange[] = [];
  const next: NextStep[] = [];
  const isDryRun = options.dryRun === true;
  for (const task of tasks) {
    const made = await generate(task, folders, options, context);
    const { contract, leftOut } = made;
    const isCheck = options.check === true;
    const report = upstreamReport(task.name, contract, { isVerbose: options.verbose === true, leftOut });
    const say = (lines: readonly string[]): void => context.write(linesText(lines));
    if (contract.operations.length === 0 && contract.refused.length > 0) {
      say(report);
      throw new CheckFailed(`${task.name}: no operation of the contract can be generated; nothing was written`);
    }
    const files = isCheck ? made.files : withRecord(made, task, folders);
    const isNew = !existsSync(join(task.folder, contractFile));
    await checkFiles(folders.root, files.keys());
    if (isCheck) {
      stale.push(...(await staleFiles(files)));
      upstreams.push(upstreamSummary(task.name, made));
      say(report);
      continue;
    }
    const changes = await changesOf(task, files);
    const all = new Map([...files, ...(task.further ?? [])]);
    const written = fileChanges(folders.root, await staleFiles(all));
    if (!isDryRun) await writeFiles(folders.root, all);
    say([
      ...report,
      ...(task.note === undefined ? [] : [`  note: ${task.note}`]),
      ...bounded(changes).map((change) => `  ${change}`),
    ]);
    context.write(filesText(written));
    allFiles.push(...written);
    upstreams.push({
      ...upstreamSummary(task.name, made),
      changes,
      ...(task.note !== undefined && { note: task.note }),
    });
    if (isNew && !isDryRun) next.push(...(task.next ?? []));
  }
  if (stale.length > 0) {
    const list = linesText(stale.map((path) => `  ${folders.show(path)}`));
    throw new CheckFailed(`not current:\n${list}Run: npx frontage upstream update`);
  }
  const end = isDryRun ? 'Nothing was written.\n' : next.length === 0 ? '' : `\n${nextText(next)}`;
  context.report({ text: end, files: allFiles, isDryRun, next, data: { upstreams } });
}

async function generate(
  task: UpstreamTask,
  folders: UpstreamFolders,
  options: GenerateOptions,
  context: CommandContext,
): Promise<UpstreamFiles> {
  const progress = new Progress(context.progress, task.name);
  try {
    return await upstreamFiles(task.name, task.source, task.folder, {
      cwd: context.cwd,
      onStage: (stage) => progress.stage(stage),
      safe: await safeMarks(task.name, task.folder, folders),
      ...(options.validators === undefined ? {} : { validators: options.validators }),
      ...(task.only === undefined ? {} : { only: task.only }),
      ...(task.allowRemote === undefined ? {} : { allowRemote: task.allowRemote }),
      ...(task.root === undefined ? {} : { root: task.root }),
      ...(task.overlays === undefined ? {} : { overlays: task.overlays }),
    });
  } finally {
    progress.end();
  }
}

/** Adds the record of the source, where the contract is not the stored one. */
function withRecord(made: UpstreamFiles, task: UpstreamTask, folders: UpstreamFolders): ReadonlyMap<string, string> {
  if (task.isStored) return made.files;
  const record: UpstreamRecord = {
    source: sourceToStore(folders.root, task.source),
    sha256: checksum(made.stored),
    ...(task.only === undefined ? {} : { only: task.only.patterns }),
    ...(task.allowRemote === undefined ? {} : { allowRemote: task.allowRemote }),
    ...(task.root === undefined ? {} : { root: sourceToStore(folders.root, task.root) }),
  };
  return new Map([...made.files, [join(task.folder, recordFile), recordText(record)]]);
}

/** The changes against the existing generated files; empty where there are none. */
async function changesOf({ name, folder }: UpstreamTask, files: ReadonlyMap<string, string>): Promise<string[]> {
  const paths = [join(folder, `${name}.gen.ts`), join(folder, 'schemas.gen.ts')] as const;
  const [operations, schemas] = await Promise.all(paths.map(readIfThere));
  const [nextOperations, nextSchemas] = paths.map((path) => files.get(path));
  if (operations === undefined || schemas === undefined || nextOperations === undefined || nextSchemas === undefined)
    return [];
  if (operations === nextOperations && schemas === nextSchemas) return [];
  return contractChanges(readGenerated(operations, schemas), readGenerated(nextOperations, nextSchemas));
}

function bounded(changes: readonly string[]): readonly string[] {
  if (changes.length <= maxChanges) return changes;
  return [...changes.slice(0, maxChanges), `and ${changes.length - maxChanges} more changes`];
}
