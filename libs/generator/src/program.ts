import { inspect } from 'node:util';
import { Command, CommanderError } from 'commander';
import { CheckFailed, UsageError } from './terminal/command.errors.js';
import type { CommandContext } from './terminal/command-context.js';
import { linesText, safeTerminal } from './terminal/terminal.js';

type Register = (program: Command, context: CommandContext) => void;

/**
 * In the order of `--help`. Only the one that is called is loaded: `serve` stays for as long as the app does, and has no use for the
 * compiler and the printers of the others.
 */
const commands: ReadonlyMap<string, () => Promise<Register>> = new Map([
  ['start', async () => (await import('./commands/start.command.js')).registerStart],
  ['dev', async () => (await import('./commands/dev.command.js')).registerDev],
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
  npx frontage token --user ada --scope home:read              who asks it

Each command says more with --help.`;

/**
 * Runs the `frontage` command.
 * @param args without node and script
 * @returns the exit code: 0 done, 1 checked and found wanting, 2 called wrongly
 */
export async function runProgram(args: readonly string[], terminal: CommandContext): Promise<number> {
  const context = safeTerminal(terminal);
  const program = new Command('frontage')
    .description('Frontage: one typed, fast, hardened endpoint per screen')
    .showHelpAfterError('(add --help for what is possible)')
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

/** By name: loading the class would load all that reads contracts. */
const isContractError = (error: unknown): error is Error => error instanceof Error && error.name === 'ContractError';

function exitCode(error: unknown, context: CommandContext): number {
  // Commander has said what is wrong by now; asking for help is not wrong.
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
  // A bug: all that is known of it, by the same way to the terminal as everything else.
  context.writeError(`${inspect(error)}\n`);
  return 1;
}
