import { inspect } from 'node:util';
import { runProgram } from './program.js';
import { safeTerminal } from './terminal/safe-terminal.js';

// `frontage ... | head` closes the pipe early; that is no error. `serve` continues without a reader.
const serves = process.argv[2] === 'serve';
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  if (!serves && !process.emit('SIGTERM')) process.exit(0);
});
process.stderr.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

const context = {
  cwd: process.cwd(),
  write: (text: string) => void process.stdout.write(text),
  writeError: (text: string) => void process.stderr.write(text),
  progress: process.stderr,
  // Regards NO_COLOR, FORCE_COLOR and TERM, too.
  hasColours: process.stdout.isTTY && process.stdout.hasColors(),
  isInteractive: process.stdin.isTTY && process.stdout.isTTY,
};

// Node.js prints an uncaught error unescaped, including texts of contracts.
process.on('uncaughtException', (error) => {
  safeTerminal(context).writeError(`${inspect(error)}\n`);
  process.exit(1);
});

process.exitCode = await runProgram(process.argv.slice(2), context);
