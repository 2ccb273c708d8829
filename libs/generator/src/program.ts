import { ContractError } from '@frontage/contracts';
import { Command, CommanderError } from 'commander';
import { CheckFailed, UsageError } from './command.errors.js';
import { registerAccept } from './accept.command.js';
import { registerDev } from './dev.command.js';
import { registerNew } from './new.command.js';
import { registerPlan } from './plan.command.js';
import { registerStart } from './start.command.js';
import { registerToken } from './token.command.js';
import { registerUpstream } from './upstream.command.js';

/** What a command may touch of the world. */
export interface CommandContext {
  readonly cwd: string;
  write(text: string): void;
  writeError(text: string): void;
}

/** In the order of `--help`. */
const commands: readonly ((program: Command, context: CommandContext) => void)[] = [
  registerStart,
  registerDev,
  registerNew,
  registerUpstream,
  registerToken,
  registerPlan,
  registerAccept,
];

const examples = `
Examples:
  npx frontage new tv --client mobile                          a BFF for a client that has none yet
  npm run dev -- tv                                            that BFF, rebuilt on save
  npx frontage upstream add orders ./contracts/orders.yaml     a service that it can call
  npx frontage token --user ada --scope home:read              who asks it

Each command says more with --help.`;

/**
 * Runs the `frontage` command.
 * @param args without node and script
 * @returns the exit code: 0 done, 1 checked and found wanting, 2 called wrongly
 */
export async function runProgram(args: readonly string[], context: CommandContext): Promise<number> {
  const program = new Command('frontage')
    .description('Frontage: one typed, fast, hardened endpoint per screen')
    .showHelpAfterError('(add --help for what is possible)')
    .exitOverride()
    .configureOutput({ writeOut: (text) => context.write(text), writeErr: (text) => context.writeError(text) })
    .configureHelp({ showGlobalOptions: false, sortSubcommands: false })
    .helpCommand(false);
  for (const command of commands) command(program, context);
  program.addHelpText('after', examples);
  try {
    await program.parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    return exitCode(error, context);
  }
}

function exitCode(error: unknown, context: CommandContext): number {
  // Commander has said what is wrong by now; asking for help is not wrong.
  if (error instanceof CommanderError) return error.exitCode === 0 || error.code === 'commander.help' ? 0 : 2;
  if (error instanceof CheckFailed || error instanceof ContractError) {
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
  throw error;
}
