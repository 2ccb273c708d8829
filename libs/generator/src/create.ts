import { relative, resolve } from 'node:path';
import { Command } from 'commander';
import { makeWorkspace, type NewWorkspace } from './new-workspace/new-workspace.js';
import { runCommand } from './program.js';
import type { CommandContext, Terminal } from './terminal/command-context.js';
import { filesText, nextText, type FileChange, type NextStep } from './terminal/command-result.js';

interface CreateFlags {
  readonly client: string;
  readonly app?: string;
  readonly packages?: string;
  readonly dryRun?: true;
}

/**
 * `npm create frontage`: makes a workspace.
 * @param args without node and script
 * @returns the exit code, as of every command
 */
export function runCreate(args: readonly string[], terminal: Terminal): Promise<number> {
  return runCommand(args, terminal, (context) => createCommand(context));
}

function createCommand(context: CommandContext): Command {
  return new Command('create-frontage')
    .description('Make a workspace of Backends for Frontends, with one app that works')
    .argument('<folder>', 'the new folder; its name is the name of the workspace')
    .option('--client <kind>', 'the clients of the first app: mobile, web or partner', 'web')
    .option('--app <name>', 'the name of the first app (default: the kind of its clients)')
    .option('--packages <folder>', 'take the packages of Frontage from this folder of packed files')
    .option('--dry-run', 'list the files that would be written, and write nothing')
    .addHelpText(
      'after',
      '\nExamples:\n  npm create frontage@latest shop\n  npm create frontage@latest shop -- --client mobile',
    )
    .action(async (given: string, flags: CreateFlags) => {
      const folder = resolve(context.cwd, given);
      const isDryRun = flags.dryRun === true;
      const made = await makeWorkspace({
        folder,
        client: flags.client,
        ...(flags.app !== undefined && { app: flags.app }),
        ...(flags.packages !== undefined && { packages: resolve(context.cwd, flags.packages) }),
        isDryRun,
      });
      const files = made.files.map((path): FileChange => ({ path, change: 'write' }));
      const next = isDryRun ? [] : nextSteps(relative(context.cwd, folder));
      const text = report(made, folder, files, next, isDryRun);
      const { name, app } = made;
      context.report({
        text,
        files,
        isDryRun,
        next,
        data: { folder, workspace: name, app: { client: app.client.name, port: app.port, adminPort: app.adminPort } },
      });
    });
}

const nextSteps = (folder: string): NextStep[] => [
  ...(folder === '' ? [] : [{ type: `cd ${folder}` }]),
  { type: 'git init', why: 'contracts and generated files are committed, too' },
  { type: 'npm install', why: 'brings Frontage, and the Node.js that runs it' },
  { type: 'npm start', why: 'builds, starts a sandbox of the services and the app, prints a request to try' },
  { type: 'npm test', why: 'all checks and tests; the first run writes openapi.gen.json and routes.gen.md' },
];

function report(
  { name, app }: NewWorkspace,
  folder: string,
  files: readonly FileChange[],
  next: readonly NextStep[],
  isDryRun: boolean,
): string {
  const what = `the workspace ${name} in ${folder}, with an app for ${app.client.name} clients on port ${app.port}`;
  // The contracts of the example are many files of one kind.
  const isShown = ({ path }: FileChange): boolean => !/^upstreams\/.+\//.test(path);
  const hidden = files.filter((file) => !isShown(file));
  const examples = new Set(hidden.map(({ path }) => path.split('/')[1]));
  const list = `${filesText(files.filter(isShown))}  write   upstreams/{${[...examples].join(',')}}, an example\n`;
  if (isDryRun) return `Would make ${what}:\n\n${list}\nNothing was written.\n`;
  return `Made ${what}:\n\n${list}\n${nextText(next)}`;
}
