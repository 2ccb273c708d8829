import { join, relative, sep } from 'node:path';
import type { Command } from 'commander';
import { askApp, findApp } from '../../dev/built-app.js';
import type { AppDescription } from '../../plan/app-description.js';
import { alertRules, alertRuleTests } from '../../slo/alert-rules.js';
import { appDashboard } from '../../slo/app-dashboard.js';
import { dashboard } from '../../slo/dashboard.js';
import { objectivesOf } from '../../slo/objectives.js';
import { CheckFailed } from '../../terminal/command.errors.js';
import type { CommandContext } from '../../terminal/command-context.js';
import { fileChanges, filesText, nextText, type NextStep } from '../../terminal/command-result.js';
import { findWorkspace } from '../../workspace/workspace.js';
import { staleFiles, writeFiles } from '../../workspace/write-files.js';

interface SloFlags {
  readonly job?: string;
  readonly check?: true;
  readonly dryRun?: true;
}

/** `frontage slo`: alerts and dashboards from the objectives of an app. */
export function registerSlo(program: Command, context: CommandContext): void {
  program
    .command('slo')
    .description('Write alert rules of Prometheus for the objectives of an app, and dashboards of Grafana')
    .argument('<app>', 'a folder of apps/')
    .option('--job <job>', 'the label `job` of its metrics (default: its name)')
    .option('--check', 'write nothing; exit 1 where a file is not current')
    .option('--dry-run', 'list the files that would be written, and write nothing')
    .addHelpText('after', '\nObjectives are the block `slo` of bff.yaml.\n\nExample:\n  npx frontage slo mobile')
    .action(async (name: string, { job, check, dryRun }: SloFlags) => {
      const root = findWorkspace(context.cwd);
      const app = (await askApp(root, findApp(root, name), '--describe', context)) as AppDescription;
      const objectives = objectivesOf(app, job ?? app.bff);
      const call = `npx frontage slo ${name}${job === undefined ? '' : ` --job ${job}`}`;
      const head = `# Written by ${call} from the objectives in apps/${name}/bff.yaml. Change those, and type the command again.\n`;
      const folder = join(root, 'deploy');
      const rules = `${name}.rules.gen.yaml`;
      const files = new Map([
        [join(folder, 'prometheus', rules), alertRules(app.bff, objectives, head)],
        [join(folder, 'prometheus', `${name}.rules-test.gen.yaml`), alertRuleTests(rules, objectives, head)],
        [join(folder, 'grafana', `${name}.slo.gen.json`), dashboard(app.bff, objectives)],
        [join(folder, 'grafana', `${name}.app.gen.json`), appDashboard(app.bff, job ?? app.bff)],
      ]);
      const stale = await staleFiles(files);
      const data = { objectives: objectives.map(({ screen, slo, share, words }) => ({ screen, slo, share, words })) };
      if (stale.length === 0)
        return context.report({
          text: `${files.size} files of ${name} are current: nothing has changed\n`,
          files: [],
          data,
        });
      const shown = stale.map((path) => relative(root, path).replaceAll(sep, '/'));
      if (check === true) throw new CheckFailed(`not current: ${shown.join(', ')}\nRun: ${call}`, data);
      const changes = fileChanges(root, stale);
      const isDryRun = dryRun === true;
      if (!isDryRun) await writeFiles(root, files);
      const next = isDryRun ? [] : nextSteps(name);
      const list = `${objectives.length} objectives of ${name}:\n\n${filesText(changes)}\n`;
      const text = isDryRun ? `${list}Nothing was written.\n` : `${list}${nextText(next)}`;
      context.report({ text, files: changes, isDryRun, next, data });
    });
}

const nextSteps = (name: string): NextStep[] => [
  {
    type: `promtool check rules deploy/prometheus/${name}.rules.gen.yaml`,
    why: 'is what Prometheus checks when it loads them',
  },
  {
    type: `promtool test rules deploy/prometheus/${name}.rules-test.gen.yaml`,
    why: 'plays four days of requests to them',
  },
];
