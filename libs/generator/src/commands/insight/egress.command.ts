import type { Command } from 'commander';
import { findApp } from '../../dev/built-app.js';
import { egressRows, egressText } from '../../egress/egress.js';
import type { CommandContext } from '../../terminal/command-context.js';
import { describedApps } from '../../usage/described-apps.js';
import { findWorkspace } from '../../workspace/workspace.js';

/** `frontage egress`: the classified members that leave by the apps. */
export function registerEgress(program: Command, context: CommandContext): void {
  program
    .command('egress')
    .description('List the classified members (x-pii, x-classification) that leave: by which BFF, under which scope')
    .argument('[apps...]', 'folders of apps/ (default: all)')
    .option('--class <class>', 'only members of this class, such as pii')
    .addHelpText('after', '\nExample:\n  npx frontage egress mobile --class pii')
    .action(async (names: readonly string[], options: { readonly class?: string }) => {
      const root = findWorkspace(context.cwd);
      const chosen = new Set(names.map((name) => findApp(root, name).name));
      const apps = await describedApps(root, context, chosen.size === 0 ? undefined : chosen);
      const rows = apps.flatMap((app) => egressRows(app, options.class));
      context.report({ text: egressText(rows), data: { egress: rows } });
    });
}
