import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { compareDocuments, type DocumentChange } from '@frontage/contracts/compare-documents';
import { withoutResponseExamples, withResponseExamples } from '@frontage/contracts/response-examples';
import type { Command } from 'commander';
import { askApp, findApp } from '../dev/built-app.js';
import { responseExamples, type ExampleOptions, type MissingExample } from '../examples/response-examples.js';
import { CheckFailed } from '../terminal/command.errors.js';
import type { CommandContext } from '../terminal/command-context.js';
import { fileChanges, filesText } from '../terminal/command-result.js';
import { Progress } from '../terminal/progress.js';
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
      const promised = await askApp(root, app, '--openapi', context);
      const path = join(app.folder, 'openapi.gen.json');
      const shown = `apps/${name}/openapi.gen.json`;
      await checkFiles(root, [path]);
      const text = existsSync(path) ? await readFile(path, 'utf8') : undefined;
      const pinned = text === undefined ? undefined : parsed(text, shown);
      const isPromiseKept =
        pinned !== undefined && isSame(withoutResponseExamples(pinned), withoutResponseExamples(promised));
      const current = { text: `${shown} is current: nothing has changed\n`, files: [] };
      if (check === true && isPromiseKept) return context.report({ ...current, data: { changes: [] } });
      const changes = pinned === undefined ? [] : compareDocuments(pinned, promised);
      const list = pinned === undefined ? '' : changesText(changes, isPromiseKept);
      if (check === true) throw new CheckFailed(`${list}${shown} is not current. Run: npx frontage accept ${name}`);
      const { document, missing } = await withExamples({ root, app, document: promised, env: process.env }, context);
      const data = { changes, missingExamples: missing };
      const notes = linesText(missing.map(({ endpoint, reason }) => `No example for ${endpoint}: ${reason}`));
      const next = `${JSON.stringify(document, null, 2)}\n`;
      if (next === text) return context.report({ ...current, text: `${notes}${current.text}`, data });
      const isDryRun = dryRun === true;
      const files = fileChanges(root, [path]);
      if (!isDryRun) await writeFiles(root, new Map([[path, next]]));
      const end = isDryRun ? 'Nothing was written.\n' : '';
      return context.report({ text: `${list}${filesText(files)}${notes}${end}`, files, isDryRun, data });
    });
}

interface DocumentWithExamples {
  readonly document: unknown;
  readonly missing: readonly MissingExample[];
}

/** The document with responses of the sandbox as examples; with those that it has already where the sandbox or the app does not start. */
async function withExamples(options: ExampleOptions, context: CommandContext): Promise<DocumentWithExamples> {
  const progress = new Progress(context.progress, `apps/${options.app.name}`);
  progress.stage('requesting examples from the sandbox');
  try {
    const { examples, missing } = await responseExamples(options);
    return { document: withResponseExamples(options.document, examples), missing };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    context.writeError(linesText([`No new examples of responses: ${reason}`]));
    return { document: options.document, missing: [] };
  } finally {
    progress.end();
  }
}

/** JSON values with their members in the same order. */
const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

function changesText(changes: readonly DocumentChange[], isPromiseKept: boolean): string {
  if (isPromiseKept) return 'Only examples of responses change; the promise to clients does not.\n';
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
