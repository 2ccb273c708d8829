import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { appFindings, unusedFindings, upstreamFindings } from '../../doctor/contract-checks.js';
import { doctorText, failing, sorted, type DoctorFinding } from '../../doctor/doctor-finding.js';
import { nestFindings, nodeFindings, portFindings } from '../../doctor/installation-checks.js';
import { CheckFailed } from '../../terminal/command.errors.js';
import type { CommandContext } from '../../terminal/command-context.js';
import { describedApps } from '../../usage/described-apps.js';
import { UpstreamFolders } from '../../workspace/upstream-folders.js';
import { appFolders, findWorkspace } from '../../workspace/workspace.js';

/** `frontage doctor`: what in a workspace is not as it should be. */
export function registerDoctor(program: Command, context: CommandContext): void {
  program
    .command('doctor')
    .description('Check the workspace: stale files, unused upstreams, teams, ports, Node.js, copies of Nest')
    .addHelpText('after', '\nExit code 1 where there is an error or a warning.\n\nExample:\n  npx frontage doctor')
    .action(async () => {
      const findings = sorted(await examine(findWorkspace(context.cwd), context));
      const text = doctorText(findings);
      if (failing(findings) > 0) throw new CheckFailed(text.trimEnd(), { findings });
      context.report({ text, data: { findings } });
    });
}

async function examine(root: string, context: CommandContext): Promise<readonly DoctorFinding[]> {
  const folders = UpstreamFolders.find(root);
  const upstreams = await folders.allUpstreams();
  const apps = appFolders(root);
  const ofApps: DoctorFinding[] = [];
  for (const app of apps) ofApps.push(...(await appFindings(root, app, context)));
  const broken = new Set(
    ofApps.filter(({ rule }) => rule === 'does-not-start').map(({ place }) => place.slice('apps/'.length)),
  );
  const working = new Set(apps.map(({ name }) => name).filter((name) => !broken.has(name)));
  const ofUpstreams: DoctorFinding[] = [];
  for (const upstream of upstreams) ofUpstreams.push(...(await upstreamFindings(upstream, folders, context.cwd)));
  return [
    ...nodeFindings(root, process.versions.node),
    ...nestFindings(root, [...apps.map(({ folder }) => folder), ...libFolders(root)]),
    ...portFindings(root, process.env),
    ...ofUpstreams,
    ...unusedFindings(upstreams, folders, apps, await describedApps(root, context, working)),
    ...ofApps,
  ];
}

function libFolders(root: string): readonly string[] {
  try {
    return readdirSync(join(root, 'libs')).map((name) => join(root, 'libs', name));
  } catch {
    return [];
  }
}
