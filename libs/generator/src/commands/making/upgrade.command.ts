import { existsSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { InvalidArgumentError, type Command } from 'commander';
import { CheckFailed, UsageError } from '../../terminal/command.errors.js';
import type { CommandContext } from '../../terminal/command-context.js';
import type { FileChange } from '../../terminal/command-result.js';
import { recordFile } from '../../workspace/folder-record.js';
import { appFolders, findWorkspace } from '../../workspace/workspace.js';
import { applyUpgrades } from '../../upgrade/apply-upgrade.js';
import { changesPackages, checkApp, type UpgradeChecks } from '../../upgrade/check-upgrade.js';
import { checkClean } from '../../upgrade/clean-tree.js';
import { planUpgrade, type PlannedUpgrade, type UpgradeOptions } from '../../upgrade/plan-upgrade.js';
import { isDone, nextSteps, planText, upgradeText } from '../../upgrade/upgrade-report.js';
import { appTarget, type UpgradeTarget } from '../../upgrade/upgrade-target.js';
import { join } from 'node:path';

interface UpgradeFlags {
  readonly set?: Readonly<Record<string, string>>;
  readonly client?: string;
  readonly own?: readonly string[];
  readonly share?: readonly string[];
  readonly dryRun?: true;
  /** `--no-check` */
  readonly check: boolean;
}

/** `frontage upgrade`: brings the changes of the templates into apps and workspace, and leaves the work of the team as it is. */
export function registerUpgrade(program: Command, context: CommandContext): void {
  program
    .command('upgrade')
    .description('Bring the changes of the template into a BFF, merged with the changes of its team')
    .argument('[app]', 'a folder of apps/ (default: the workspace itself, and then every BFF)')
    .option('--set <name=value>', 'change a value of the template: client, owner or port', valueOf)
    .option(
      '--own <files>',
      'files that upgrades leave alone from now on, from the folder of the app: src/main.ts',
      filesOf,
    )
    .option('--share <files>', 'the reverse of --own', filesOf)
    .option('--client <kind>', 'the template of an app that was made before .frontage was kept')
    .option('--dry-run', 'list what would be changed, and change nothing')
    .option('--no-check', 'do not compile and test afterwards')
    .addHelpText(
      'after',
      `
Everything in the folder must be committed before, so that git can undo an upgrade.

Examples:
  npx frontage upgrade tv --dry-run
  npx frontage upgrade tv
  npx frontage upgrade tv --set owner=@screens
  npx frontage upgrade tv --own Dockerfile`,
    )
    .action(async (app: string | undefined, flags: UpgradeFlags) => {
      const root = findWorkspace(context.cwd);
      const options: UpgradeOptions = {
        values: flags.set ?? {},
        own: flags.own ?? [],
        shared: flags.share ?? [],
        ...(flags.client !== undefined && { client: flags.client }),
      };
      const isDryRun = flags.dryRun === true;
      const targets = targetsOf(root, app, options);
      if (!isDryRun) for (const target of targets) await checkClean(root, target);
      // All are planned before one is written: what cannot be done is told before anything has changed.
      const plans: PlannedUpgrade[] = [];
      for (const target of targets) plans.push(await planUpgrade(root, target, options));
      const files = plans.flatMap((plan) => changesOf(root, plan));
      const data = { upgrades: plans.map(dataOf) };
      if (isDryRun)
        return context.report({
          text: `${plans.map(planText).join('\n')}Nothing was changed.\n`,
          files,
          isDryRun,
          data,
        });
      const needsInstallation = (await Promise.all(plans.map(({ writes }) => changesPackages(writes)))).includes(true);
      const results: { readonly plan: PlannedUpgrade; readonly checks: UpgradeChecks }[] = [];
      await applyUpgrades(root, plans);
      for (const plan of plans) {
        const isChecked = flags.check && !needsInstallation && isDone(plan) && plan.target.app !== undefined && plan.writes.size + plan.deletes.length > 0; // prettier-ignore
        results.push({ plan, checks: isChecked ? await checkApp(root, plan.target.shown, context) : {} });
      }
      const text = results.map(({ plan, checks }) => upgradeText(plan, checks, needsInstallation)).join('\n');
      const next = results.flatMap(({ plan, checks }) => nextSteps(plan, checks, needsInstallation));
      const isGood = results.every(({ plan, checks }) => isDone(plan) && checks.isCompiled !== false && checks.arePassed !== false); // prettier-ignore
      if (!isGood) throw new CheckFailed(text.trimEnd(), { files, ...data });
      context.report({ text, files, next, data });
    });
}

/** @throws {UsageError} for options of one app without the app */
function targetsOf(root: string, app: string | undefined, options: UpgradeOptions): UpgradeTarget[] {
  if (app !== undefined) return [appTarget(root, app)];
  const isForOne = options.own.length + options.shared.length + Object.keys(options.values).length > 0;
  if (isForOne || options.client !== undefined)
    throw new UsageError('--set, --own, --share and --client are for one app: npx frontage upgrade <app> ...');
  const apps = appFolders(root).map(({ name }) => appTarget(root, name));
  const isMade = existsSync(join(root, recordFile));
  // The repository of Frontage itself is made from no template.
  return [...(isMade ? [{ folder: root, shown: '.' }] : []), ...apps];
}

const changesOf = (root: string, { writes, deletes }: PlannedUpgrade): FileChange[] => {
  const shown = (path: string): string => relative(root, path).replaceAll(sep, '/');
  return [
    ...[...writes.keys()].map((path): FileChange => ({
      path: shown(path),
      change: existsSync(path) ? 'change' : 'write',
    })),
    ...deletes.filter((path) => existsSync(path)).map((path): FileChange => ({ path: shown(path), change: 'delete' })),
  ];
};

const dataOf = ({ target, template, from, to, outcomes, codemods, notes }: PlannedUpgrade) => ({
  folder: target.shown,
  template,
  from,
  to,
  outcomes,
  codemods,
  notes,
});

function valueOf(text: string, before: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  const match = /^(\w+)=(.+)$/.exec(text);
  const [, name, value] = match ?? [];
  if (name === undefined || value === undefined)
    throw new InvalidArgumentError('Write a name and a value: owner=@screens.');
  return { ...before, [name]: value };
}

const filesOf = (text: string, before: readonly string[] = []): readonly string[] => [
  ...new Set([...before, ...text.split(',').map((file) => file.trim())]),
];
