import { InvalidArgumentError, type Command } from 'commander';
import { planApp, writeApp, type NewApp, type NewAppRequest } from '../../new-app/new-app.js';
import { blankClient } from '../../new-app/template.js';
import { maxPort } from '../../dev/processes.js';
import { UsageError } from '../../terminal/command.errors.js';
import type { CommandContext } from '../../terminal/command-context.js';
import { fileChanges, filesText, nextText, type FileChange, type NextStep } from '../../terminal/command-result.js';
import { staleFiles } from '../../workspace/write-files.js';
import { findWorkspace } from '../../workspace/workspace.js';

interface NewFlags {
  readonly client?: string;
  readonly upstreams?: readonly string[];
  readonly owner?: string;
  readonly port?: number;
  readonly dryRun?: true;
}

/** `frontage new`: makes a BFF that builds, is registered and serves a screen. */
export function registerNew(program: Command, context: CommandContext): void {
  program
    .command('new')
    .description('Make a BFF under apps/ from a template, with one screen that works and its tests')
    .argument('[name]', 'folder, package and audience: tv becomes apps/tv, @frontage/tv and tv-bff')
    .option('--client <kind>', 'its clients: mobile, web, partner or blank, a folder of templates/app (default: blank)')
    .option(
      '--upstreams <names>',
      'make its first screen from these: users,orders (default: that of the template)',
      namesOf,
    )
    .option('--owner <team>', 'who reviews changes, for CODEOWNERS (default: @<name>-team)')
    .option('--port <port>', 'its port (default: the next free one; its admin port is a thousand above)', portOf)
    .option('--dry-run', 'list the files that would be written, and write nothing')
    .addHelpText(
      'after',
      `
In a terminal, it asks for what is missing where no name is given.

Examples:
  npx frontage new tv --client mobile
  npx frontage new tv --upstreams users,orders`,
    )
    .action(async (given: string | undefined, options: NewFlags) => {
      const root = findWorkspace(context.cwd);
      const { name, client: kind, upstreams } = await completeRequest(root, given, options, context);
      const app = await planApp(root, {
        name,
        client: kind,
        ...(upstreams !== undefined && { upstreams }),
        ...(options.owner !== undefined && { owner: options.owner }),
        ...(options.port !== undefined && { port: options.port }),
      });
      // Existing files are reported as changed, before the new files exist.
      const files = fileChanges(root, await staleFiles(app.files));
      const isDryRun = options.dryRun === true;
      if (!isDryRun && files.length > 0) await writeApp(root, app);
      const { port, adminPort, client } = app;
      const next = isDryRun || files.length === 0 ? [] : nextSteps(name);
      const text = report(name, app, files, isDryRun);
      context.report({
        text,
        files,
        isDryRun,
        next,
        data: { app: { name, client: client.name, port, adminPort, owner: app.owner, try: app.request.path } },
      });
    });
}

async function completeRequest(
  root: string,
  name: string | undefined,
  { client, upstreams }: NewFlags,
  context: CommandContext,
): Promise<Pick<NewAppRequest, 'name' | 'client' | 'upstreams'>> {
  const given = { ...(client !== undefined && { client }), ...(upstreams !== undefined && { upstreams }) };
  if (name !== undefined) return { client: blankClient, ...given, name };
  if (!context.isInteractive || context.isJson)
    throw new UsageError(
      'missing: the name (such as npx frontage new tv). In a terminal, npx frontage new asks for it.',
    );
  const { askNewApp } = await import('../../new-app/ask-new-app.js');
  const { terminalPrompter } = await import('../../terminal/terminal-prompter.js');
  return askNewApp(root, given, await terminalPrompter(context.questions));
}

const namesOf = (text: string, before: readonly string[] = []): readonly string[] => [
  ...new Set([...before, ...text.split(',').map((name) => name.trim())]),
];

function portOf(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= 1 && port <= maxPort) return port;
  throw new InvalidArgumentError(`A port is a number from 1 to ${maxPort}.`);
}

const nextSteps = (name: string): NextStep[] => [
  { type: 'npm install', why: 'adds it to package-lock.json' },
  { type: `npm run dev -- ${name}`, why: `the sandbox and ${name}, rebuilt on save` },
  { type: `npx frontage endpoint ${name}/<screen>`, why: 'adds a screen' },
  {
    type: `npm test -- apps/${name}`,
    why: 'its tests; the first run writes openapi.gen.json and routes.gen.md; commit them',
  },
];

function report(name: string, app: NewApp, files: readonly FileChange[], isDryRun: boolean): string {
  const { client, port, adminPort, request } = app;
  const kind = client.name === blankClient ? '' : ` for ${client.name} clients`;
  const what = `${name}, a BFF${kind}, on port ${port} (admin port ${adminPort})`;
  if (files.length === 0) return `${what}: nothing has changed, ${app.files.size} files are current\n`;
  if (isDryRun) return `Would make ${what}:\n\n${filesText(files)}\nNothing was written.\n`;
  const token = `npx frontage token --user ada --scope ${request.scope} --audience ${name}-bff`;
  return `Made ${what}:

${filesText(files)}
${nextText(nextSteps(name))}
While it runs:

  curl -s -H "authorization: Bearer $(${token})" 'http://127.0.0.1:${port}${request.path}'
`;
}
