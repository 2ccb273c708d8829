import { existsSync } from 'node:fs';
import { relative } from 'node:path';
import { InvalidArgumentError, type Command } from 'commander';
import { planApp, writeApp, type NewApp } from '../new-app/new-app.js';
import { maxPort } from '../dev/processes.js';
import type { CommandContext } from '../terminal/command-context.js';
import { linesText } from '../terminal/terminal.js';
import { findWorkspace } from '../workspace/workspace.js';

interface NewFlags {
  readonly client: string;
  readonly port?: number;
  readonly dryRun?: true;
}

/** `frontage new`: makes a BFF that builds, is registered and serves a screen. */
export function registerNew(program: Command, context: CommandContext): void {
  program
    .command('new')
    .description('Make a BFF under apps/ from a template, with one screen that works and its tests')
    .argument('<name>', 'folder, package and audience: tv becomes apps/tv, @frontage/tv and tv-bff')
    .requiredOption('--client <kind>', 'its clients: mobile, web or partner (a folder of templates/app)')
    .option('--port <port>', 'its port (default: the next free one; its admin port is a thousand above)', portOf)
    .option('--dry-run', 'list the files that would be written, and write nothing')
    .addHelpText('after', '\nExample:\n  npx frontage new tv --client mobile')
    .action(async (name: string, options: NewFlags) => {
      const root = findWorkspace(context.cwd);
      const app = await planApp(root, {
        name,
        client: options.client,
        ...(options.port !== undefined && { port: options.port }),
      });
      // Existing files are reported as changed, before the new files exist.
      const changes = [...app.files.keys()].map(
        (path) => `  ${existsSync(path) ? 'change' : 'write '}  ${relative(root, path)}`,
      );
      if (options.dryRun !== true) await writeApp(root, app);
      context.write(report(name, app, changes, options.dryRun === true));
    });
}

function portOf(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= 1 && port <= maxPort) return port;
  throw new InvalidArgumentError(`A port is a number from 1 to ${maxPort}.`);
}

function report(name: string, app: NewApp, changes: readonly string[], isDryRun: boolean): string {
  const { client, port, adminPort } = app;
  const what = `${name}, a BFF for ${client.name} clients, on port ${port} (admin port ${adminPort})`;
  if (isDryRun) return `Would make ${what}:\n\n${linesText(changes)}\nNothing was written.\n`;
  const token = `npx frontage token --user ada --scope ${client.scope} --audience ${name}-bff`;
  const steps = [
    ['npm install', 'adds it to package-lock.json'],
    [`npm run dev -- ${name}`, `the sandbox and ${name}, rebuilt on save`],
    [`npm test -- apps/${name}`, 'its tests; the first run writes openapi.gen.json and routes.gen.md; commit them'],
  ] as const;
  const width = Math.max(...steps.map(([command]) => command.length));
  const lines = steps.map(([command, why]) => `  ${command.padEnd(width)}   ${why}\n`);
  return `Made ${what}:

${linesText(changes)}
Next:

${lines.join('')}
While it runs:

  curl -s -H "authorization: Bearer $(${token})" 'http://127.0.0.1:${port}${client.path}'
`;
}
