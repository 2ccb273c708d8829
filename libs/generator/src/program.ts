import { inspect } from 'node:util';
import { Command, CommanderError } from 'commander';
import { CheckFailed, UsageError } from './terminal/command.errors.js';
import type { CommandContext } from './terminal/command-context.js';
import { linesText, safeTerminal } from './terminal/terminal.js';

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
  ['new', async () => (await import('./commands/new.command.js')).registerNew],
  ['upstream', async () => (await import('./commands/upstream.command.js')).registerUpstream],
  ['token', async () => (await import('./commands/token.command.js')).registerToken],
  ['plan', async () => (await import('./commands/plan.command.js')).registerPlan],
  ['accept', async () => (await import('./commands/accept.command.js')).registerAccept],
]);

const examples = `
Examples:
  npx frontage new tv --client mobile                          a BFF for a client that has none yet
  npm run dev -- tv                                            that BFF, rebuilt on save
  npx frontage serve tv                                        that BFF in production, a process per core
  npx frontage upstream add orders ./contracts/orders.yaml     a service that it can call
  npx frontage token --user ada --scope home:read              a token for a request

See --help of each command for more.`;

/**
 * Runs the `frontage` command.
 * @param args without node and script
 * @returns the exit code: 0 success, 1 a failed check, 2 a wrong call
 */
export async function runProgram(args: readonly string[], terminal: CommandContext): Promise<number> {
  const context = safeTerminal(terminal);
  const program = new Command('frontage')
    .description('Frontage: one typed, fast, hardened endpoint per screen')
    .showHelpAfterError('(add --help for a list of commands and options)')
    .exitOverride()
    .configureOutput({ writeOut: (text) => context.write(text), writeErr: (text) => context.writeError(text) })
    .configureHelp({ showGlobalOptions: false, sortSubcommands: false })
    .helpCommand(false);
  const called = commands.get(args[0] ?? '');
  for (const load of called === undefined ? commands.values() : [called]) (await load())(program, context);
  program.addHelpText('after', examples);
  try {
    await program.parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    return exitCode(error, context);
  }
}

/** Compares by name, because loading the class would load the reader of contracts. */
const isContractError = (error: unknown): error is Error => error instanceof Error && error.name === 'ContractError';

function exitCode(error: unknown, context: CommandContext): number {
  // Commander has already printed the mistake; --help is no mistake.
  if (error instanceof CommanderError) return error.exitCode === 0 || error.code === 'commander.help' ? 0 : 2;
  if (isContractError(error)) {
    context.writeError(linesText([error.message]));
    return 1;
  }
  if (error instanceof CheckFailed) {
    context.writeError(`${error.message}\n`);
    return 1;
  }
  if (error instanceof UsageError) {
    context.writeError(`error: ${error.message}\n`);
    return 2;
  }
  if (error instanceof Error && error.constructor === Error) {
    context.writeError(`${error.message}\n`);
    return 1;
  }
  // A bug: the whole error is printed, escaped like all other output.
  context.writeError(`${inspect(error)}\n`);
  return 1;
}
