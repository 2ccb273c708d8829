import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Command } from 'commander';
import { findApp, meant } from '../dev/built-app.js';
import { manifestName } from '../pack/output-folder.js';
import { CheckFailed, UsageError } from '../terminal/command.errors.js';
import type { CommandContext } from '../terminal/command-context.js';
import { appFolders, findWorkspace } from '../workspace/workspace.js';

/** Most processes; a larger number is a typing mistake. */
const maxProcesses = 1_024;

/** The functions of the app's gateway that serve in several processes. */
interface GatewayServe {
  serveProcesses(options: {
    readonly script: string;
    readonly processes: number;
    readonly outliveParent: boolean;
    write(text: string): void;
    writeError(text: string): void;
  }): Promise<number>;
}

interface ServeFlags {
  readonly processes: string;
  readonly outliveParent?: boolean;
}

/** `frontage serve`: a built app in production, in a process per core. */
export function registerServe(program: Command, context: CommandContext): void {
  program
    .command('serve')
    .description('Run a built BFF in production: a process per core behind one port, replaced without a gap on SIGHUP')
    .argument('[app]', 'a folder of apps/, or the path of a main.js (default: the only app)')
    .option('--processes <number>', 'number of processes, or auto for one per core', 'auto')
    .option('--outlive-parent', 'continue after the process that started this one ends, such as a start script')
    .option('--json', 'print a failure as one JSON object; the lines of the processes are JSON in any case')
    .addHelpText(
      'after',
      `
Signals: SIGTERM and SIGINT let requests under way end, and a second one ends them at once. SIGHUP and SIGUSR2 replace one process after
the other by the current build. The end of the process that started this one, such as npx, counts as SIGTERM. The admin port shows the
sums of all processes, and each process under /processes.

Examples:
  npx frontage serve mobile
  npx frontage serve apps/mobile/dist/main.js --processes 4`,
    )
    .action(async (app: string | undefined, { processes, outliveParent = false }: ServeFlags) => {
      const count = processCount(processes);
      if (app !== undefined) refusePack(app, context.cwd);
      const script = scriptOf(app, context.cwd);
      const gateway = await gatewayOf(script);
      process.exit(
        await gateway.serveProcesses({
          script,
          processes: count,
          outliveParent,
          write: (text) => context.print(text),
          writeError: (text) => context.writeError(text),
        }),
      );
    });
}

function processCount(text: string): number {
  // The number of cores that this process may use, quotas of a container included.
  if (text === 'auto') return availableParallelism();
  const count = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (count >= 1 && count <= maxProcesses) return count;
  throw new UsageError(`--processes is ${JSON.stringify(text)}: write auto, or a number from 1 to ${maxProcesses}`);
}

/** The built `main.js` of the app. */
function scriptOf(app: string | undefined, cwd: string): string {
  if (app !== undefined && /\.[cm]?[jt]s$/.test(app)) {
    const script = resolve(cwd, app);
    if (existsSync(script)) return script;
    throw new CheckFailed(`${app} is missing: is the app built?`);
  }
  const root = findWorkspace(cwd);
  const script = join(findApp(root, app ?? onlyApp(root)).folder, 'dist/main.js');
  if (existsSync(script)) return script;
  throw new CheckFailed(`${relative(root, script)} is missing: run \`npm run build\` first`);
}

function onlyApp(root: string): string {
  const names = appFolders(root).map(({ name }) => name);
  const [name, ...others] = names;
  if (name !== undefined && others.length === 0) return name;
  throw new UsageError(`name the app to serve${meant('', names)}`);
}

/** @throws UsageError for a packed app, which has a script of its own for several processes */
function refusePack(app: string, cwd: string): void {
  const given = resolve(cwd, app);
  const folder = [given, dirname(given)].find((one) => existsSync(join(one, manifestName)));
  if (folder === undefined) return;
  const serve = relative(cwd, join(folder, 'serve.js'));
  throw new UsageError(`${app} is a packed app, which starts without this command: node ${serve}`);
}

/** The app's own gateway manages its processes, so that both sides have one version; this command only finds it. */
async function gatewayOf(script: string): Promise<GatewayServe> {
  let path: string;
  try {
    path = createRequire(script).resolve('@frontage/gateway/serve');
  } catch (cause) {
    throw new CheckFailed(`${script} uses no @frontage/gateway that can serve in several processes`, { cause });
  }
  const loaded: GatewayServe = await import(pathToFileURL(path).href);
  return loaded;
}
