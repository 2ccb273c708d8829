import { relative } from 'node:path';
import type { Command } from 'commander';
import { DevLoop } from '../dev/dev-loop.js';
import { compile } from '../dev/compile.js';
import { endTogether, Processes } from '../dev/processes.js';
import type { CommandContext } from '../terminal/command-context.js';
import { checkPorts, sandboxPort, startSandbox } from '../dev/sandbox-world.js';
import { findWorkspace, listApps } from '../workspace/workspace.js';

export function registerDev(program: Command, context: CommandContext): void {
  program
    .command('dev')
    .argument('<app>', 'folder under apps/')
    .description('Start the sandbox and one BFF, and rebuild and restart the BFF on every save')
    .addHelpText(
      'after',
      '\nPorts come from its bff.yaml; SANDBOX_PORT and, for an app tv, TV_PORT and TV_ADMIN_PORT change them.',
    )
    .action(async (name: string) => {
      await dev(findWorkspace(context.cwd), name, process.env, context);
    });
}

async function dev(root: string, name: string, env: NodeJS.ProcessEnv, context: CommandContext): Promise<void> {
  const apps = listApps(root, env);
  const app = apps.find((candidate) => candidate.name === name);
  if (app === undefined)
    throw new Error(`there is no app '${name}': apps/ has ${apps.map((known) => known.name).join(', ') || 'none yet'}`);
  await checkPorts(`npm run dev -- ${name}`, [
    ['the sandbox', sandboxPort(env)],
    [app.name, app.port],
    [`the admin port of ${app.name}`, app.adminPort],
  ]);
  const processes = new Processes((text) => context.writeError(text));
  const end = endTogether(processes);
  try {
    if (!(await compile(root, [relative(root, app.folder), 'libs/sandbox'], context)))
      throw new Error(`${name} does not compile: correct the errors above and start again`);
    const world = await startSandbox(root, processes, env);
    const loop = new DevLoop({ root, app, processes, world, context });
    processes.onExit = (ended, code) => {
      if (loop.isReplacing(ended)) return;
      context.writeError(`${ended} ended by itself (code ${String(code)})`);
      if (ended !== app.name) void end(1);
      context.writeError(ended === app.name ? '; waiting for the next save\n' : '\n');
    };
    await loop.run();
  } catch (cause) {
    if (!processes.areEnding) context.writeError(`${cause instanceof Error ? cause.message : String(cause)}\n`);
    await end(1);
  }
}
