import type { Command } from 'commander';
import type { AppDescription } from '../plan/app-description.js';
import { findEndpoint } from '../usage/find-endpoint.js';
import { askApp, findApp } from '../dev/built-app.js';
import { UsageError } from '../terminal/command.errors.js';
import { planMermaid } from '../plan/plan-mermaid.js';
import { planTree } from '../plan/plan-tree.js';
import { planWarnings } from '../plan/plan-warnings.js';
import { duration, planView, type PlanView } from '../plan/plan-view.js';
import type { CommandContext } from '../terminal/command-context.js';
import { linesText } from '../terminal/terminal.js';
import { findWorkspace } from '../workspace/workspace.js';

interface PlanFlags {
  readonly json?: true;
  readonly mermaid?: true;
}

/** `frontage plan`: the calls of an endpoint, their order, and the longest time that they may take. */
export function registerPlan(program: Command, context: CommandContext): void {
  program
    .command('plan')
    .description('Show the calls of an endpoint, the parts that may be missing, and its longest time')
    .argument('<app>', 'a folder of apps/')
    .argument('[endpoint...]', 'its method and path (default: all endpoints)')
    .option('--json', 'print the plan as one JSON object')
    .option('--mermaid', 'as a Mermaid flowchart')
    .addHelpText('after', '\nExample:\n  npx frontage plan mobile GET /home')
    .action(async (name: string, endpoint: readonly string[], options: PlanFlags) => {
      if (options.json === true && options.mermaid === true)
        throw new UsageError('--json and --mermaid are two formats of the same plan: choose one');
      const root = findWorkspace(context.cwd);
      // The gateway of this workspace prints it, so it has the shape of the gateway's description.
      const app = (await askApp(root, findApp(root, name), '--describe', context)) as AppDescription;
      const { text, data } = planResult(app, endpoint, options);
      context.report({ text, data: { ...data } });
    });
}

/** The output of `frontage plan` for people. @throws UsageError that suggests an endpoint */
export const planOutput = (app: AppDescription, wanted: readonly string[], options: PlanFlags = {}): string =>
  planResult(app, wanted, options).text;

interface PlanResult {
  readonly text: string;
  /** The members of the JSON object. */
  readonly data: (PlanView & { readonly warnings: readonly string[] }) | Pick<AppDescription, 'endpoints'>;
}

export function planResult(app: AppDescription, wanted: readonly string[], options: PlanFlags): PlanResult {
  if (wanted.length === 0) {
    if (options.mermaid === true) throw new UsageError('a flowchart shows one endpoint: name its method and path');
    return { text: endpointTable(app), data: { endpoints: app.endpoints } };
  }
  const endpoint = findEndpoint(app, wanted);
  const { screen, method, path, handler } = endpoint;
  if (screen === undefined)
    throw new UsageError(`${method} ${path} is written by hand (${handler}): its calls are not known`);
  const view = planView(app, endpoint, screen);
  const warnings = planWarnings(view, app);
  return { text: options.mermaid === true ? planMermaid(view) : planTree(view, warnings), data: { ...view, warnings } };
}

function endpointTable(app: AppDescription): string {
  const rows = app.endpoints.map((endpoint) => {
    const { method, path, handler, screen } = endpoint;
    if (screen === undefined) return [`${method} ${path}`, '', '', '', handler];
    const { parts, worstCaseMs } = planView(app, endpoint, screen);
    const calls = parts.filter(({ kind }) => kind !== 'step').length;
    return [
      `${method} ${path}`,
      screen.name,
      `${calls} ${calls === 1 ? 'call' : 'calls'}`,
      `${duration(worstCaseMs)} at worst`,
      handler,
    ];
  });
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return linesText(rows.map((row) => row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ')));
}
