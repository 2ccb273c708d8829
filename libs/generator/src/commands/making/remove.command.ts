import { relative, sep } from 'node:path';
import type { Command } from 'commander';
import type { CommandContext } from '../../terminal/command-context.js';
import { CheckFailed } from '../../terminal/command.errors.js';
import { filesText, nextText, type FileChange, type NextStep } from '../../terminal/command-result.js';
import { linesText } from '../../terminal/terminal.js';
import { planRemoval, removeApp, type AppRemoval } from '../../new-app/remove-app.js';
import { findWorkspace } from '../../workspace/workspace.js';

interface RemoveFlags {
  readonly force?: boolean;
  readonly dryRun?: boolean;
}

/** `frontage remove`: the reverse of `frontage new`. */
export function registerRemove(program: Command, context: CommandContext): void {
  program
    .command('remove')
    .description('Delete a BFF: its folder under apps/, and its lines in the files that list it')
    .argument('<app>', 'a folder of apps/')
    .option('--force', 'delete files too that were written or changed by hand')
    .option('--dry-run', 'list the files that would be deleted and changed, and change nothing')
    .addHelpText(
      'after',
      `
Without --force it deletes only files that a command of frontage has written and that nothing has changed since.

Examples:
  npx frontage remove tv --dry-run
  npx frontage remove tv`,
    )
    .action(async (name: string, { force = false, dryRun = false }: RemoveFlags) => {
      const root = findWorkspace(context.cwd);
      const removal = await planRemoval(root, name);
      if (!force && removal.byHand.length > 0) throw new CheckFailed(refusal(name, removal.byHand));
      const files = changesOf(root, removal);
      if (!dryRun) await removeApp(root, removal);
      const next = dryRun ? [] : nextSteps;
      const list = filesText(files);
      const text = dryRun
        ? `Would remove ${name}:\n\n${list}\nNothing was deleted.\n`
        : `Removed ${name}:\n\n${list}\n${nextText(next)}`;
      context.report({ text, files, isDryRun: dryRun, next, data: { app: { name } } });
    });
}

const nextSteps: readonly NextStep[] = [{ type: 'npm install', why: 'takes it out of package-lock.json' }];

function refusal(name: string, byHand: readonly string[]): string {
  const one = byHand.length === 1;
  return `${name} is not removed: ${one ? 'a file was' : `${byHand.length} files were`} written or changed by hand, and would be lost:

${linesText(byHand.map((file) => `  ${file}`))}
Nothing was deleted. To delete ${one ? 'it' : 'them'} too: npx frontage remove ${name} --force`;
}

function changesOf(root: string, { files, listings }: AppRemoval): FileChange[] {
  return [
    ...files.map((path): FileChange => ({ path, change: 'delete' })),
    ...[...listings].map(([path, text]): FileChange => ({
      path: relative(root, path).replaceAll(sep, '/'),
      change: text.trim() === '' ? 'delete' : 'change',
    })),
  ];
}
