import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { impactOf } from '../../impact/impact.js';
import { impactMarkdown, impactText } from '../../impact/impact-text.js';
import { CheckFailed, UsageError } from '../../terminal/command.errors.js';
import type { CommandContext } from '../../terminal/command-context.js';
import { linesText } from '../../terminal/terminal.js';
import { isUrl } from '../../upstream/upstream-record.js';
import { readWithOverlays, usedUpstream } from '../../usage/described-apps.js';

interface ImpactFlags {
  readonly app?: string;
  readonly markdown?: true;
}

/** `frontage impact`: what a new contract of an upstream breaks or changes in the apps. */
export function registerImpact(program: Command, context: CommandContext): void {
  program
    .command('impact')
    .description('Show what a new contract of an upstream breaks in each BFF: call, field, members, team')
    .argument('<upstream>', 'its name, as `frontage upstream list` shows it')
    .argument('<contract>', 'the new contract: a file or a URL')
    .option('--app <app>', 'the upstream of one app')
    .option('--markdown', 'as a table for a pull request')
    .addHelpText(
      'after',
      '\nExit code 1 where something breaks.\n\nExample:\n  npx frontage impact orders ../orders/openapi.yaml --markdown',
    )
    .action(async (name: string, source: string, { app, markdown }: ImpactFlags) => {
      const given = isUrl(source) ? source : resolve(context.cwd, source);
      if (!isUrl(source) && !existsSync(given)) throw new UsageError(`there is no file ${source}`);
      const { contract: before, overlays, uses } = await usedUpstream(name, app, context);
      const { contract: after, faults } = await readWithOverlays(given, overlays, context.cwd);
      const findings = impactOf(before, after, uses);
      const compared = { upstream: name, before: before.version, after: after.version };
      const shown = markdown === true ? impactMarkdown(compared, findings) : impactText(compared, findings);
      const text = `${shown}${linesText(faults.map((fault) => `the overlay no longer fits: ${fault}`))}`;
      const data = { upstream: name, before: before.version, after: after.version, findings, overlay: faults };
      if (faults.length > 0 || findings.some(({ verdict }) => verdict === 'breaks'))
        throw new CheckFailed(text.trimEnd(), data);
      context.report({ text, data });
    });
}
