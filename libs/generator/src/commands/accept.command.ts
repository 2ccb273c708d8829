import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { compareDocuments, type DocumentChange } from '@frontage/contracts/compare-documents';
import type { Command } from 'commander';
import { askApp, findApp } from '../dev/built-app.js';
import { CheckFailed } from '../terminal/command.errors.js';
import type { CommandContext } from '../terminal/command-context.js';
import { fileChanges, filesText } from '../terminal/command-result.js';
import { linesText } from '../terminal/terminal.js';
import { findWorkspace } from '../workspace/workspace.js';
import { checkFiles, writeFiles } from '../workspace/write-files.js';

interface AcceptFlags {
  readonly check?: true;
  readonly dryRun?: true;
}

/** `frontage accept`: writes the promise of an app to its clients. */
export function registerAccept(program: Command, context: CommandContext): void {
  program
    .command('accept')
    .description(
      'Accept the current responses of an app as its promise to clients: write openapi.gen.json, list the changes',
    )
    .argument('<app>', 'a folder of apps/')
    .option('--check', 'write nothing; exit 1 where the promise differs')
    .option('--dry-run', 'list the changes, and write nothing')
    .addHelpText('after', '\nExample:\n  npx frontage accept tv')
    .action(async (name: string, { check, dryRun }: AcceptFlags) => {
      const root = findWorkspace(context.cwd);
      const app = findApp(root, name);
      const document = await askApp(root, app, '--openapi', context);
      const path = join(app.folder, 'openapi.gen.json');
      const shown = `apps/${name}/openapi.gen.json`;
      await checkFiles(root, [path]);
      const text = `${JSON.stringify(document, null, 2)}\n`;
      const pinned = existsSync(path) ? await readFile(path, 'utf8') : undefined;
      if (pinned === text)
        return context.report({ text: `${shown} is current: nothing has changed\n`, files: [], data: { changes: [] } });
      const changes = pinned === undefined ? [] : compareDocuments(parsed(pinned, shown), document);
      const list = pinned === undefined ? '' : changesText(changes);
      if (check === true) throw new CheckFailed(`${list}${shown} is not current. Run: npx frontage accept ${name}`);
      const isDryRun = dryRun === true;
      const files = fileChanges(root, [path]);
      if (!isDryRun) await writeFiles(root, new Map([[path, text]]));
      const end = isDryRun ? 'Nothing was written.\n' : '';
      return context.report({ text: `${list}${filesText(files)}${end}`, files, isDryRun, data: { changes } });
    });
}

function changesText(changes: readonly DocumentChange[]): string {
  if (changes.length === 0) return 'Only descriptions and order change; the promise to clients does not.\n';
  return linesText(changes.map(({ text }) => text));
}

function parsed(text: string, shown: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new CheckFailed(`${shown} is no JSON: restore it from version control, or delete it`);
  }
}
