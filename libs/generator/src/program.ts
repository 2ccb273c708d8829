import { inspect } from 'node:util';
import { Command, CommanderError } from 'commander';
import { CheckFailed, exitCodes, UsageError } from './terminal/command.errors.js';
import type { CommandContext, Terminal } from './terminal/command-context.js';
import { CommandOutput } from './terminal/command-output.js';
import type { CommandFailure } from './terminal/command-result.js';
import { linesText } from './terminal/terminal.js';
import { ownVersion } from './workspace/layout.js';
import { commandAt, nameOf, wrongCallMessage } from './terminal/wrong-call.js';

type Register = (program: Command, context: CommandContext) => void;

/**
 * The commands, in the order of `--help`. Only the called one is loaded: `serve` runs as long as the app, and does not need the compiler
 * and the printers of the others.
 */
const commands: ReadonlyMap<string, () => Promise<Register>> = new Map([
  ['start', async () => (await import('./commands/start.command.js')).registerStart],
  ['dev', async () => (await import('./commands/dev.command.js')).registerDev],
  ['build', async () => (await import('./commands/build.command.js')).registerBuild],
  ['serve', async () => (await import('./commands/serve.command.js')).registerServe],
  ['pack', async () => (await import('./commands/pack.command.js')).registerPack],
  ['new', async () => (await import('./commands/making/new.command.js')).registerNew],
  ['endpoint', async () => (await import('./commands/making/endpoint.command.js')).registerEndpoint],
  ['remove', async () => (await import('./commands/making/remove.command.js')).registerRemove],
  ['upgrade', async () => (await import('./commands/making/upgrade.command.js')).registerUpgrade],
  ['upstream', async () => (await import('./commands/upstream.command.js')).registerUpstream],
  ['token', async () => (await import('./commands/token.command.js')).registerToken],
  ['keys', async () => (await import('./commands/keys.command.js')).registerKeys],
  ['revoke', async () => (await import('./commands/revoke.command.js')).registerRevoke],
  ['plan', async () => (await import('./commands/plan.command.js')).registerPlan],
  ['audit', async () => (await import('./commands/checking/audit.command.js')).registerAudit],
  ['audit-log', async () => (await import('./commands/checking/audit-log.command.js')).registerAuditLog],
  ['why', async () => (await import('./commands/insight/why.command.js')).registerWhy],
  ['impact', async () => (await import('./commands/insight/impact.command.js')).registerImpact],
  ['contract', async () => (await import('./commands/insight/contract.command.js')).registerContract],
  ['slo', async () => (await import('./commands/checking/slo.command.js')).registerSlo],
  ['egress', async () => (await import('./commands/insight/egress.command.js')).registerEgress],
  ['graph', async () => (await import('./commands/insight/graph.command.js')).registerGraph],
  ['tune', async () => (await import('./commands/insight/tune.command.js')).registerTune],
  ['load', async () => (await import('./commands/insight/load.command.js')).registerLoad],
  ['replay', async () => (await import('./commands/insight/replay.command.js')).registerReplay],
  ['doctor', async () => (await import('./commands/insight/doctor.command.js')).registerDoctor],
  ['accept', async () => (await import('./commands/accept.command.js')).registerAccept],
  ['sdk', async () => (await import('./commands/frontend/sdk.command.js')).registerSdk],
  ['mocks', async () => (await import('./commands/frontend/mocks.command.js')).registerMocks],
  ['preview', async () => (await import('./commands/frontend/preview.command.js')).registerPreview],
  ['completion', async () => (await import('./completion/completion.command.js')).registerCompletion],
]);

const examples = `
Examples:
  npx frontage new tv --client mobile                          a BFF for a client that has none yet
  npm run dev -- tv                                            that BFF, rebuilt on save
  npx frontage endpoint tv/profile --calls users.getUser       a screen of it, over operations of the contracts
  npx frontage serve tv                                        that BFF in production, a process per core
  npx frontage pack tv --out build/tv                          that BFF in a folder, to deploy without this workspace
  npx frontage upstream add orders ./contracts/orders.yaml     a service that it can call
  npx frontage token --user ada --scope home:read              a token for a request

See --help of each command for more.`;

/**
 * Runs the `frontage` command.
 * @param args without node and script
 * @returns the exit code, one of {@link exitCodes}
 */
export function runProgram(args: readonly string[], terminal: Terminal): Promise<number> {
  return runCommand(args, terminal, async (context) => {
    const program = new Command('frontage').description('Frontage: one typed, fast, hardened endpoint per screen');
    const called = commands.get(args[0] ?? '');
    // Inherited by the commands, so it comes first.
    program.configureHelp({ showGlobalOptions: false, sortSubcommands: false }).helpCommand(false).exitOverride();
    for (const load of called === undefined ? commands.values() : [called]) (await load())(program, context);
    return program.addHelpText('after', examples);
  });
}

/**
 * Runs a program with the output of every command of Frontage.
 * @param make makes the program with its commands
 * @returns the exit code, one of {@link exitCodes}
 */
export async function runCommand(
  args: readonly string[],
  terminal: Terminal,
  make: (context: CommandContext) => Command | Promise<Command>,
): Promise<number> {
  const output = new CommandOutput(terminal, optionsOf(args).includes('--json'));
  const program = await make(output);
  let help = '';
  program.version(ownVersion(), '--version', 'print the version').hook('preAction', (_, called) => {
    output.command = nameOf(called);
  });
  for (const command of withChildren(program)) {
    command.exitOverride();
    // A mistake is reported below, like all others; the help of a group of commands comes this way too.
    command.configureOutput({ writeOut: (text) => output.print(text), writeErr: (text) => (help += text) });
    if (command.commands.length === 0) addJson(command);
  }
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCodes.success;
  } catch (error) {
    if (!(error instanceof CommanderError)) return exitCode(error, output);
    // --help and --version are no mistakes, and are printed already.
    if (error.exitCode === 0) return exitCodes.success;
    if (error.code === 'commander.help') {
      output.print(help);
      return exitCodes.success;
    }
    const command = commandAt(program, args);
    const message = wrongCallMessage(error, command, optionsOf(args));
    output.command = nameOf(command);
    const words = ['npx', program.name(), command === program ? '' : output.command, '--help'].filter(
      (word) => word !== '',
    );
    output.fail(exitCodes.wrongCall, { kind: 'usage', message }, `error: ${message}\nSee: ${words.join(' ')}\n`);
    return exitCodes.wrongCall;
  }
}

/** The words before `--`, behind which everything is an argument. */
function optionsOf(args: readonly string[]): readonly string[] {
  const end = args.indexOf('--');
  return end === -1 ? args : args.slice(0, end);
}

function* withChildren(command: Command): Generator<Command> {
  yield command;
  for (const each of command.commands) yield* withChildren(each);
}

/** Every command knows `--json`; its output decides about the format, so the command itself need not read it. */
function addJson(command: Command): void {
  if (command.options.some(({ long }) => long === '--json')) return;
  command.option('--json', 'print the result as one JSON object');
}

/** Compares by name, because loading the class would load the reader of contracts. */
const isContractError = (error: unknown): error is Error => error instanceof Error && error.name === 'ContractError';

function exitCode(error: unknown, output: CommandOutput): number {
  if (error instanceof UsageError) {
    output.fail(exitCodes.wrongCall, { kind: 'usage', message: error.message }, `error: ${error.message}\n`);
    return exitCodes.wrongCall;
  }
  output.fail(exitCodes.failed, ...failureOf(error));
  return exitCodes.failed;
}

function failureOf(error: unknown): [failure: CommandFailure, text: string] {
  if (isContractError(error)) return [{ kind: 'contract', message: error.message }, linesText([error.message])];
  if (error instanceof CheckFailed)
    return [{ kind: 'check', message: error.message, data: error.data }, `${error.message}\n`];
  if (error instanceof Error && error.constructor === Error)
    return [{ kind: 'failure', message: error.message }, `${error.message}\n`];
  // A bug: the whole error is printed, escaped like all other output.
  const text = inspect(error);
  return [{ kind: 'fault', message: text }, `${text}\n`];
}
