import { existsSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { meant } from '../dev/built-app.js';
import { UsageError } from '../terminal/command.errors.js';
import { OperationPatterns } from '../upstream/operation-patterns.js';
import type { CommandContext } from '../terminal/command-context.js';
import { contractFile, readIfThere, UpstreamFolders } from '../workspace/upstream-folders.js';
import { checksum, isUrl, readRecord, recordFile, sourceToRead } from '../upstream/upstream-record.js';
import { filesText, type FileChange, type NextStep } from '../terminal/command-result.js';
import { linesText } from '../terminal/terminal.js';
import { generateUpstreams, type UpstreamTask } from '../upstream/upstream-run.js';
import { inOrder, readOverlays } from '../upstream/stored-contract.js';
import { validatorsFile } from '../codegen/validators-source.js';
import { appProjectFiles, withoutAppProject } from '../upstream/app-project.js';
import { updatedRecord } from '../workspace/folder-record.js';
import { urlVariable } from '../workspace/workspace.js';
import { finishWrites, removeFiles, writeFiles } from '../workspace/write-files.js';

interface UpstreamFlags {
  readonly app?: string;
  readonly allowRemote?: true;
  readonly check?: true;
  readonly dryRun?: true;
  readonly only?: readonly string[];
  readonly overlay?: readonly string[];
  readonly root?: string;
  readonly verbose?: true;
  readonly validators?: true;
}

/** `frontage upstream`: turns contracts into typed operations. */
export function registerUpstream(program: Command, context: CommandContext): void {
  const upstream = program
    .command('upstream')
    .helpCommand(false)
    .description('Manage the contracts of the services behind the BFFs, and the files that are generated from them');

  upstream
    .command('add')
    .description('Bundle an OpenAPI document into the workspace and generate its typed operations')
    .argument('<name>', 'its name in apps and bff.yaml, such as orders; orders@2 is a second version beside it')
    .argument('<source>', 'file or URL: OpenAPI 3.x or Swagger 2.0, YAML or JSON, one file or many')
    .option('--app <app>', 'for one app only: apps/<app>/upstreams')
    .option('--only <patterns...>', "operation ids and paths to keep: 'Charge*,/v1/customers/**'")
    .option('--validators', 'compile validators of its responses, for upstreams.<name>.validate in bff.yaml')
    .option('--allow-remote', 'follow references to other hosts')
    .option(
      '--overlay <file>',
      'change the contract by an OpenAPI Overlay, which is stored beside it; may be repeated',
      inOrder,
    )
    .option('--root <folder>', 'follow references to files in this folder, which holds the source (default: its own)')
    .option('--verbose', 'show every warning, not only the first of each kind')
    .option('--check', 'write nothing; exit 1 where files are not current')
    .option('--dry-run', 'list the files and changes, and write nothing')
    .addHelpText('after', addExamples)
    .action(async (name: string, source: string, options: UpstreamFlags) => {
      const folders = await openWorkspace(context);
      const folder = folders.upstream(name, options.app);
      const given = isUrl(source) ? source : resolve(context.cwd, source);
      if (!isUrl(source) && !existsSync(given)) throw new UsageError(`there is no file ${source}`);
      const isStored = given === join(folder, contractFile);
      const record = isStored ? await readRecord(folder) : undefined;
      const only = options.only ?? record?.only;
      const overlays = options.overlay && (await readOverlays(options.overlay, context.cwd));
      const task: UpstreamTask = {
        name,
        folder,
        source: given,
        isStored,
        ...(only === undefined ? {} : { only: OperationPatterns.parse(only) }),
        ...(options.allowRemote === true ? { allowRemote: true } : {}),
        ...(await placeOf(name, options.app, folders)),
        ...(options.root === undefined ? {} : { root: resolve(context.cwd, options.root) }),
        ...(overlays === undefined ? {} : { overlays }),
      };
      await generateUpstreams([task], folders, options, context);
    });

  upstream
    .command('update')
    .description('Fetch contracts again from their sources, generate the files again, and list the changes')
    .argument('[names...]', 'upstreams (default: all)')
    .option('--app <app>', 'only the upstreams of one app')
    .option('--validators', 'compile validators of responses, for upstreams.<name>.validate in bff.yaml')
    .option('--stored', 'fetch nothing: generate from the stored contracts')
    .option('--verbose', 'show every warning, not only the first of each kind')
    .option('--check', 'write and fetch nothing; exit 1 where files are not current')
    .option('--dry-run', 'list the files and changes, and write nothing')
    .addHelpText(
      'after',
      '\nExamples:\n  npx frontage upstream update\n  npx frontage upstream update orders --dry-run',
    )
    .action(async (names: string[], options: UpstreamFlags & { stored?: true }) => {
      const folders = await openWorkspace(context);
      const tasks: UpstreamTask[] = [];
      for (const { name, app } of await chosen(names, options.app, folders)) {
        const isOffline = options.check === true || options.stored === true;
        tasks.push(await storedTask(name, folders.upstream(name, app), folders, isOffline));
      }
      await generateUpstreams(tasks, folders, options, context);
    });

  upstream
    .command('list')
    .description('List the upstreams of the workspace, and the sources of their contracts')
    .addHelpText('after', '\nExample:\n  npx frontage upstream list')
    .action(async () => {
      const folders = await openWorkspace(context);
      const upstreams: ListedUpstream[] = [];
      for (const { name, app } of await folders.allUpstreams()) {
        const folder = folders.upstream(name, app);
        const record = await readRecord(folder);
        const source = record === undefined ? {} : { source: record.source };
        upstreams.push({ name, ...(app !== undefined && { app }), folder: folders.show(folder), ...source });
      }
      context.report({ text: listText(upstreams), data: { upstreams } });
    });

  upstream
    .command('remove')
    .description('Delete the contract and the generated files of an upstream')
    .argument('<name>', 'its name, as `frontage upstream list` shows it')
    .option('--app <app>', 'the upstream of one app')
    .option('--dry-run', 'list the files, and delete nothing')
    .addHelpText('after', '\nExample:\n  npx frontage upstream remove orders')
    .action(async (name: string, options: UpstreamFlags) => {
      const folders = await openWorkspace(context);
      const folder = folders.upstream(name, options.app);
      if (!existsSync(join(folder, contractFile)))
        throw new UsageError(`there is no upstream ${name}${meant(name, await folders.upstreamNames(options.app))}`);
      // Only generated files and the contract, the contract last: other files in the folder stay.
      const files = [`${name}.gen.ts`, 'schemas.gen.ts', validatorsFile, recordFile, contractFile];
      const isDryRun = options.dryRun === true;
      const deleted = files
        .filter((file) => existsSync(join(folder, file)))
        .map((file): FileChange => ({ path: folders.show(join(folder, file)), change: 'delete' }));
      const text = `${filesText(deleted)}${isDryRun ? 'Nothing was deleted.' : `removed ${folders.show(folder)}`}\n`;
      if (isDryRun) return context.report({ text, files: deleted, isDryRun });
      await removeFiles(folders.root, folder, files);
      if (options.app !== undefined && (await folders.upstreamNames(options.app)).length === 0) {
        await removeFiles(folders.root, folders.upstreams(options.app), ['tsconfig.json']);
        const project = await withoutAppProject(folders.root, `apps/${options.app}`);
        const record = await updatedRecord(join(folders.root, 'apps', options.app), project);
        await writeFiles(folders.root, record === undefined ? project : project.set(...record));
      }
      return context.report({ text, files: deleted });
    });
}

interface ListedUpstream {
  readonly name: string;
  readonly app?: string;
  readonly folder: string;
  readonly source?: string;
}

function listText(upstreams: readonly ListedUpstream[]): string {
  if (upstreams.length === 0) return 'No upstreams yet: npx frontage upstream add <name> <file or URL>\n';
  return linesText(
    upstreams.map(
      ({ name, folder, source }) => `${name.padEnd(20)} ${folder}${source === undefined ? '' : `  from ${source}`}`,
    ),
  );
}

const addExamples = `
Examples:
  npx frontage upstream add orders ./contracts/orders.yaml
  npx frontage upstream add orders@2 https://orders.example.com/openapi.json --app mobile
  npx frontage upstream add payments ./stripe.yaml --only 'Charge*,/v1/customers/**'
  npx frontage upstream add legacy ./legacy.yaml --overlay ./fix.yaml --root ..`;

/** The workspace, after the writes of a killed command are finished or removed. */
async function openWorkspace(context: CommandContext): Promise<UpstreamFolders> {
  const folders = UpstreamFolders.find(context.cwd);
  for (const folder of await folders.written()) await finishWrites(folders.root, folder);
  return folders;
}

/** The lines by which apps import an upstream and name its address, and for one app the files that make this possible. */
async function placeOf(
  name: string,
  app: string | undefined,
  folders: UpstreamFolders,
): Promise<Pick<UpstreamTask, 'further' | 'next'>> {
  const variable = name.replace('@', '').replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase());
  const address = `upstreams: { ${name}: { urls: ['\${${urlVariable(name)}}'] } }`;
  const place = app === undefined ? 'apps/<app>' : `apps/${app}`;
  const module = `${app === undefined ? '@frontage/upstreams' : '#upstreams'}/${name}`;
  const next: NextStep[] = [
    { type: `import * as ${variable} from '${module}'`, why: `in a screen of ${place}` },
    { type: address, why: `in ${place}/bff.yaml` },
  ];
  if (app === undefined) return { next };
  const folder = join(folders.root, 'apps', app);
  const further = await appProjectFiles(folders.root, `apps/${app}`);
  const record = await updatedRecord(folder, further);
  if (record !== undefined) further.set(...record);
  const isDependency = [...further.keys()].some((path) => basename(path) === 'package.json');
  if (isDependency) next.push({ type: 'npm install', why: `because apps/${app} now depends on @frontage/clients` });
  return { further, next };
}

async function chosen(
  names: readonly string[],
  app: string | undefined,
  folders: UpstreamFolders,
): Promise<readonly { readonly name: string; readonly app?: string }[]> {
  const all = await folders.allUpstreams();
  const wanted = all.filter(
    (each) => (app === undefined || each.app === app) && (names.length === 0 || names.includes(each.name)),
  );
  const missing = names.find((name) => !wanted.some((each) => each.name === name));
  if (missing === undefined) return wanted;
  const known = all.map(({ name }) => name);
  throw new UsageError(`there is no upstream ${missing}${meant(missing, known)}`);
}

/** Generates from the source of the contract, where it is known and the stored contract was not edited since. */
async function storedTask(
  name: string,
  folder: string,
  folders: UpstreamFolders,
  isOffline: boolean,
): Promise<UpstreamTask> {
  const stored = join(folder, contractFile);
  const record = await readRecord(folder);
  const rest = {
    name,
    folder,
    ...(record?.only === undefined ? {} : { only: new OperationPatterns(record.only) }),
    ...(record?.allowRemote === undefined ? {} : { allowRemote: record.allowRemote }),
  };
  const fromStored: UpstreamTask = { ...rest, source: stored, isStored: true };
  if (record === undefined || isOffline) return fromStored;
  const source = sourceToRead(folders.root, record.source);
  if (!isUrl(source) && !existsSync(source))
    return { ...fromStored, note: `${record.source} is not on this machine: generated from the stored contract` };
  if (checksum((await readIfThere(stored)) ?? '') !== record.sha256)
    return {
      ...fromStored,
      note: `the stored contract was edited since it came from ${record.source}: it is kept; run upstream add to replace it`,
    };
  const root = record.root === undefined ? {} : { root: sourceToRead(folders.root, record.root) };
  return { ...rest, ...root, source, isStored: false };
}
