import { realpathSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import type { Command } from 'commander';
import { askApp, findApp, meant } from '../dev/built-app.js';
import { checkFolder, digestOf, hasContent, writeFolder } from '../pack/output-folder.js';
import { planPack, type Pack } from '../pack/pack.js';
import { rehearsePack } from '../pack/rehearsal.js';
import { UsageError } from '../terminal/command.errors.js';
import type { CommandContext } from '../terminal/command-context.js';
import { Progress } from '../terminal/progress.js';
import {
  fileChanges,
  nextText,
  type CommandResult,
  type FileChange,
  type NextStep,
} from '../terminal/command-result.js';
import { linesText } from '../terminal/terminal.js';
import { appFolders, findWorkspace } from '../workspace/workspace.js';

interface PackFlags {
  readonly out: string;
  readonly outside?: readonly string[];
  readonly dryRun?: true;
}

interface Packed {
  readonly app: string;
  /** As the user wrote it. */
  readonly out: string;
  readonly pack: Pack;
  readonly files: readonly FileChange[];
  readonly isDryRun: boolean;
  readonly isSame: boolean;
}

/** `frontage pack`: a folder with everything that runs an app, for an image or a server without this workspace. */
export function registerPack(program: Command, context: CommandContext): void {
  program
    .command('pack')
    .description(
      'Pack a BFF for deployment: its code and that of all packages in one folder, which starts with `node main.js`',
    )
    .argument('[app]', 'a folder of apps/ (default: the only app)')
    .requiredOption('--out <folder>', 'a new folder, or one that was packed before')
    .option('--outside <package>', 'a package that is installed and not bundled; may be repeated', listed)
    .option('--dry-run', 'pack in memory and check the result, and write nothing')
    .addHelpText(
      'after',
      `
The folder has a Dockerfile, a list of its packages (sbom.cdx.json) and their licences. The same sources give the same bytes.
A folder that this command did not make, or that was changed since, is refused.

Examples:
  npx frontage pack mobile --out build/mobile
  docker build -t mobile build/mobile`,
    )
    .action(async (given: string | undefined, flags: PackFlags) => {
      const root = realpathSync(findWorkspace(context.cwd));
      const name = given ?? onlyApp(root);
      context.report(resultOf(await packApp(root, name, flags, context)));
    });
}

const listed = (value: string, before: readonly string[] = []): string[] => [...before, value];

function onlyApp(root: string): string {
  const names = appFolders(root).map(({ name }) => name);
  const [name, ...others] = names;
  if (name !== undefined && others.length === 0) return name;
  throw new UsageError(`name the app to pack${meant('', names)}`);
}

async function packApp(root: string, name: string, flags: PackFlags, context: CommandContext): Promise<Packed> {
  const app = findApp(root, name);
  const out = resolve(context.cwd, flags.out);
  if (root === out || root.startsWith(out + sep))
    throw new UsageError(`--out ${flags.out} is the workspace or a folder around it: name a folder of its own`);
  await checkFolder(out);
  const progress = new Progress(context.progress, name);
  try {
    progress.stage('building');
    const description = await askApp(root, app, '--describe', context);
    progress.stage('bundling');
    const pack = await planPack({ root, name, folder: app.folder, outside: flags.outside ?? [] });
    progress.stage('starting it in an empty folder');
    const writeError = (text: string): void => context.writeError(text);
    await rehearsePack(pack.content, {
      root,
      app: app.folder,
      description,
      installs: pack.installs.length > 0,
      writeError,
    });
    progress.stage('writing');
    const isDryRun = flags.dryRun === true;
    // It may have changed meanwhile.
    await checkFolder(out);
    const isSame = await hasContent(out, pack.content);
    const files = isSame
      ? []
      : fileChanges(
          root,
          pack.content.keys().map((path) => join(out, path)),
        );
    if (!isDryRun && !isSame) await writeFolder(out, pack.content);
    return { app: name, out: relative(context.cwd, out) || '.', pack, files, isDryRun, isSame };
  } finally {
    progress.end();
  }
}

const sizeOf = (content: string | Uint8Array): number => Buffer.byteLength(content);
const bytesOf = ({ content }: Pack): number => content.values().reduce((sum, each) => sum + sizeOf(each), 0);

function resultOf(packed: Packed): CommandResult {
  const { app, out, pack, files, isDryRun } = packed;
  const { content, packages, installs } = pack;
  const sha256 = Object.fromEntries([...content].map(([path, bytes]) => [path, digestOf(bytes)]));
  const next = isDryRun ? [] : nextSteps(app, out);
  const data = { pack: { app, folder: out, bytes: bytesOf(pack), packages, installs, sha256 } };
  return { text: textOf(packed, next), files, isDryRun, next, data };
}

const nextSteps = (app: string, out: string): NextStep[] => [
  { type: `node ${out}/main.js`, why: 'in one process' },
  { type: `node ${out}/serve.js`, why: 'in a process per core' },
  { type: `docker build -t ${app} ${out}`, why: 'as an image' },
];

function textOf({ app, out, pack, isDryRun, isSame }: Packed, next: readonly NextStep[]): string {
  const megabytes = (bytesOf(pack) / 1_000_000).toFixed(1);
  const what = `${app} into ${out}: ${pack.content.size} files, ${megabytes} MB, with ${pack.packages} packages`;
  if (isDryRun) return linesText([`Would pack ${what}.`, 'Nothing was written.']);
  const done = isSame ? `${out} is this pack of ${app} already; nothing was written.` : `Packed ${what}.`;
  const names = pack.installs.join(', ');
  const installs =
    pack.installs.length === 0
      ? 'Nothing is left to install.'
      : `Not in the bundle: ${names}. Install them with \`npm ci\` in ${out}; the Dockerfile does it.`;
  return `${linesText([done, installs])}\n${nextText(next)}`;
}
