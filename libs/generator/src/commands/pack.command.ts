import { realpathSync } from 'node:fs';
import { relative, resolve, sep } from 'node:path';
import type { Command } from 'commander';
import { askApp, findApp, meant } from '../dev/built-app.js';
import { checkFolder, digestOf, hasContent, writeFolder } from '../pack/output-folder.js';
import { planPack, type Pack } from '../pack/pack.js';
import { rehearsePack } from '../pack/rehearsal.js';
import { UsageError } from '../terminal/command.errors.js';
import type { CommandContext } from '../terminal/command-context.js';
import { Progress } from '../terminal/progress.js';
import { linesText } from '../terminal/terminal.js';
import { appFolders, findWorkspace } from '../workspace/workspace.js';

interface PackFlags {
  readonly out: string;
  readonly outside: readonly string[];
  readonly dryRun?: true;
  readonly json?: true;
}

interface Packed {
  readonly app: string;
  /** As the user wrote it. */
  readonly out: string;
  readonly pack: Pack;
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
    .option('--outside <package>', 'a package that is installed and not bundled; may be repeated', listed, [])
    .option('--dry-run', 'pack in memory and check the result, and write nothing')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
The folder has a Dockerfile, a list of its packages (sbom.cdx.json) and their licences. The same sources give the same bytes.
Exit codes: 0 packed, or nothing to change; 1 the app cannot be packed, or the folder is not one of this command; 2 a wrong call.

Examples:
  npx frontage pack mobile --out build/mobile
  docker build -t mobile build/mobile`,
    )
    .action(async (given: string | undefined, flags: PackFlags) => {
      const root = realpathSync(findWorkspace(context.cwd));
      const name = given ?? onlyApp(root);
      const packed = await packApp(root, name, flags, context);
      context.write(flags.json === true ? jsonOf(packed) : report(packed));
    });
}

const listed = (value: string, before: readonly string[]): string[] => [...before, value];

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
    const pack = await planPack({ root, name, folder: app.folder, outside: flags.outside });
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
    if (!isDryRun && !isSame) await writeFolder(out, pack.content);
    return { app: name, out: relative(context.cwd, out) || '.', pack, isDryRun, isSame };
  } finally {
    progress.end();
  }
}

const sizeOf = (content: string | Uint8Array): number => Buffer.byteLength(content);
const bytesOf = ({ content }: Pack): number => content.values().reduce((sum, each) => sum + sizeOf(each), 0);

function jsonOf({ app, out, pack, isDryRun, isSame }: Packed): string {
  const files = [...pack.content].map(([path, content]) => ({
    path,
    bytes: sizeOf(content),
    sha256: digestOf(content),
  }));
  const { packages, installs } = pack;
  const written = !isDryRun && !isSame;
  return `${JSON.stringify({ app, out, written, bytes: bytesOf(pack), packages, installs, files }, null, 2)}\n`;
}

function report({ app, out, pack, isDryRun, isSame }: Packed): string {
  const megabytes = (bytesOf(pack) / 1_000_000).toFixed(1);
  const what = `${app} into ${out}: ${pack.content.size} files, ${megabytes} MB, with ${pack.packages} packages`;
  if (isDryRun) return `Would pack ${what}.\nNothing was written.\n`;
  const done = isSame ? `${out} is this pack of ${app} already; nothing was written.` : `Packed ${what}.`;
  const installs =
    pack.installs.length === 0
      ? ['Nothing is left to install.']
      : [
          `Not in the bundle: ${pack.installs.join(', ')}. Install them with \`npm ci\` in ${out}; the Dockerfile does it.`,
        ];
  const steps = [
    [`node ${out}/main.js`, 'in one process'],
    [`node ${out}/serve.js`, 'in a process per core'],
    [`docker build -t ${app} ${out}`, 'as an image'],
  ] as const;
  const width = Math.max(...steps.map(([command]) => command.length));
  return linesText([
    done,
    ...installs,
    '',
    'Next:',
    '',
    ...steps.map(([command, how]) => `  ${command.padEnd(width)}   ${how}`),
  ]);
}
