import type { Command } from 'commander';
import { askApp, findApp } from '../../dev/built-app.js';
import type { AppDescription } from '../../plan/app-description.js';
import { findIncident } from '../../replay/find-incident.js';
import { replay } from '../../replay/replay.js';
import { UsageError } from '../../terminal/command.errors.js';
import type { CommandContext } from '../../terminal/command-context.js';
import { filesText, nextText } from '../../terminal/command-result.js';
import { linesText } from '../../terminal/terminal.js';
import { findWorkspace } from '../../workspace/workspace.js';

interface ReplayFlags {
  readonly admin?: string;
  readonly late?: string;
  readonly dryRun?: true;
}

/** `frontage replay`: a failing test of a request that did not go well. */
export function registerReplay(program: Command, context: CommandContext): void {
  program
    .command('replay')
    .description('Make a failing test of an incident: a request that failed, lacked parts, or was slow')
    .argument('<incident>', 'its file, the id of the request, as the log and x-request-id have it, or `latest`')
    .option('--admin <URL>', 'the admin port that has it (default: those of the apps here, on this machine)')
    .option('--late <ms>', 'time of a response that never came (default: half longer than it was waited for)')
    .option('--dry-run', 'write nothing')
    .addHelpText(
      'after',
      `
A bff.yaml says of which screens incidents are kept: docs/replay.md. FRONTAGE_ADMIN_TOKEN is the token of an admin port that wants one.

Examples:
  npx frontage replay 7d0c2f4e-5a1b-4c3d-9e8f-0a1b2c3d4e5f
  npx frontage replay incidents/7d0c2f4e.incident.json`,
    )
    .action(async (name: string, { admin, late, dryRun }: ReplayFlags) => {
      const root = findWorkspace(context.cwd);
      const lateMs = late === undefined ? undefined : msOf(late);
      const incident = await findIncident({ root, cwd: context.cwd, name, admin, env: process.env });
      const app = findApp(root, incident.app);
      // The gateway of this workspace prints it, so it has the shape of the gateway's description.
      const description = (await askApp(root, app, '--describe', context)) as AppDescription;
      const isDryRun = dryRun === true;
      const { spec, files, notes } = await replay({ root, app, description, incident, lateMs, isDryRun });
      const next = [{ type: `npx vitest run ${spec}`, why: 'fails until the incident cannot happen again' }];
      const text = files.length === 0 ? linesText([`${spec} is there already`]) : filesText(files);
      context.report({
        text: `${text}${linesText(notes.map((note) => `note: ${note}`))}\n${nextText(next)}`,
        files,
        ...(isDryRun && { isDryRun }),
        next,
        data: {
          incident: {
            requestId: incident.requestId,
            app: incident.app,
            screen: incident.screen,
            because: incident.because,
          },
          notes,
        },
      });
    });
}

function msOf(text: string): number {
  const ms = Number(text.replace(/ms$/, ''));
  if (Number.isSafeInteger(ms) && ms >= 1 && ms <= 600_000) return ms;
  throw new UsageError(`--late ${text} is no time: write milliseconds from 1 to 600000`);
}
