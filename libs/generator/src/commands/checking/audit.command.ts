import { writeFileSync } from 'node:fs';
import { relative, resolve, sep } from 'node:path';
import type { Command } from 'commander';
import { auditApp, auditText, failing } from '../../audit/audit.js';
import { sarifLog } from '../../audit/sarif.js';
import { askApp, findApp } from '../../dev/built-app.js';
import type { AppDescription } from '../../plan/app-description.js';
import { CheckFailed } from '../../terminal/command.errors.js';
import type { CommandContext } from '../../terminal/command-context.js';
import { findWorkspace } from '../../workspace/workspace.js';

interface AuditFlags {
  readonly ignore?: readonly string[];
  readonly sarif?: string;
}

/** `frontage audit`: what the policy and the declarations of an app lack. */
export function registerAudit(program: Command, context: CommandContext): void {
  program
    .command('audit')
    .description('Check the routes and the policy of an app, and explain each finding with its fix')
    .argument('<app>', 'a folder of apps/')
    .option('--ignore <rules...>', 'rules that are not checked')
    .option('--sarif <file>', 'also write the findings as SARIF 2.1.0')
    .addHelpText(
      'after',
      '\nExit code 1 where there is an error or a warning.\n\nExample:\n  npx frontage audit mobile',
    )
    .action(async (name: string, { ignore = [], sarif }: AuditFlags) => {
      const root = findWorkspace(context.cwd);
      const found = findApp(root, name);
      const app = (await askApp(root, found, '--describe', context)) as AppDescription;
      const folder = relative(root, found.folder).replaceAll(sep, '/');
      const findings = auditApp(app, { root, folder, ignored: ignore });
      if (sarif !== undefined)
        writeFileSync(resolve(context.cwd, sarif), `${JSON.stringify(sarifLog(findings), null, 2)}\n`);
      const text = auditText(app.bff, findings);
      const data = { bff: app.bff, findings };
      if (failing(findings) > 0) throw new CheckFailed(text.trimEnd(), data);
      context.report({ text, data });
    });
}
