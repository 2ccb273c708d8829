import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { findApp } from '../dev/built-app.js';
import { compile } from '../dev/compile.js';
import { DevLoop } from '../dev/dev-loop.js';
import { endTogether, Processes } from '../dev/processes.js';
import { issuerName, realUpstreams, type RealUpstream } from '../dev/real-upstreams.js';
import { checkPorts, sandboxPort, startSandbox } from '../dev/sandbox-world.js';
import { Recorder } from '../recording/recorder.js';
import { UsageError } from '../terminal/command.errors.js';
import type { CommandContext } from '../terminal/command-context.js';
import { linesText } from '../terminal/terminal.js';
import { hasLibs } from '../workspace/layout.js';
import { appPorts, findWorkspace, type AppFolder } from '../workspace/workspace.js';

interface DevFlags {
  readonly real?: readonly string[];
  readonly record?: true;
}

export function registerDev(program: Command, context: CommandContext): void {
  program
    .command('dev')
    .argument('<app>', 'folder under apps/')
    .description('Start the sandbox and one BFF, and rebuild and restart the BFF on every save')
    .option(
      '--real <upstream=URL>',
      'call this service in the place of the sandbox; may be repeated',
      (flag: string, before: readonly string[] | undefined) => [...(before ?? []), flag],
    )
    .option('--record', 'keep the responses of real services in apps/<app>/test/recorded, without secrets')
    .addHelpText(
      'after',
      `
Ports come from its bff.yaml; SANDBOX_PORT and, for an app tv, TV_PORT and TV_ADMIN_PORT change them.
A variable of bff.yaml that is set, such as ORDERS_URL, is the address of a real service too; --real issuer=URL is the issuer of tokens.

Examples:
  npm run dev -- tv --real orders=https://orders.staging.example.com
  npm run dev -- tv --real orders=https://orders.staging.example.com --record`,
    )
    .action(async (name: string, flags: DevFlags) => {
      const root = findWorkspace(context.cwd);
      const app = findApp(root, name);
      const real = realUpstreams(root, app, flags.real ?? [], process.env);
      if (flags.record === true && real.every((one) => one.name === issuerName))
        throw new UsageError(
          '--record keeps what real services send: name one, such as --real orders=https://orders.example.com',
        );
      await dev({ root, app, real, isRecorded: flags.record === true }, process.env, context);
    });
}

interface DevTask {
  readonly root: string;
  readonly app: AppFolder;
  readonly real: readonly RealUpstream[];
  readonly isRecorded: boolean;
}

async function dev(
  { root, app, real, isRecorded }: DevTask,
  env: NodeJS.ProcessEnv,
  context: CommandContext,
): Promise<void> {
  await checkPortsOf(app, env);
  const processes = new Processes((text) => context.writeError(text));
  const folder = join(app.folder, 'test/recorded');
  const recorder = isRecorded ? new Recorder({ root, folder, context }) : undefined;
  const end = endTogether(processes, () => recorder?.stop());
  try {
    if (hasLibs(root) && !(await compile(root, ['libs/sandbox'], context))) {
      if (!existsSync(join(root, 'libs/sandbox/dist/main.js')))
        throw new Error('the sandbox does not compile: correct the errors above first');
      context.write('The sandbox does not compile; it runs as it was built before.\n');
    }
    const addresses: (readonly [variable: string, url: string])[] = [];
    for (const one of real) {
      const url = recorder === undefined || one.name === issuerName ? one.url : await recorder.addressFor(one);
      addresses.push(...one.variables.map((variable) => [variable, url] as const));
    }
    const world = await startSandbox(root, processes, env, Object.fromEntries(addresses));
    if (real.length > 0)
      context.write(
        linesText(real.map(({ name, url }) => `${name} is real: ${url}${recorder === undefined ? '' : ', recorded'}`)),
      );
    const issuer = real.some(({ name }) => name === issuerName) ? undefined : `${world.url}/issuer`;
    const loop = new DevLoop({ root, app, processes, world, issuer, context });
    processes.onExit = (ended, code) => {
      if (loop.isReplacing(ended)) return;
      context.writeError(`${ended} ended by itself (code ${String(code)})`);
      if (ended !== app.name) void end(1);
      context.writeError(ended === app.name ? '; waiting for the next save\n' : '\n');
    };
    await loop.run();
  } catch (cause) {
    if (!processes.areEnding) context.writeError(`${messageOf(cause)}\n`);
    await end(1);
  }
}

/** A `bff.yaml` that cannot be read stops no start: the app says where its mistake is, and runs once it is corrected. */
async function checkPortsOf(app: AppFolder, env: NodeJS.ProcessEnv): Promise<void> {
  const ports = portsOrNone(app, env);
  await checkPorts(`npm run dev -- ${app.name}`, [
    ['the sandbox', sandboxPort(env)],
    ...(ports === undefined
      ? []
      : ([
          [app.name, ports.port],
          [`the admin port of ${app.name}`, ports.adminPort],
        ] as const)),
  ]);
}

function portsOrNone(app: AppFolder, env: NodeJS.ProcessEnv): ReturnType<typeof appPorts> | undefined {
  try {
    return appPorts(app, env);
  } catch {
    return undefined;
  }
}

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));
