import { terminalText } from '@frontage/contracts/terminal-text';
import type { Terminal } from './command-context.js';

/**
 * The output of every command: text of contracts, file names and child processes is escaped, so that the terminal obeys none of it.
 * A line of progress goes to `progress`, which escapes it itself.
 */
export function safeTerminal(terminal: Terminal): Terminal {
  return {
    ...terminal,
    write: (text) => terminal.write(terminalText(text)),
    writeError: (text) => terminal.writeError(terminalText(text)),
  };
}
