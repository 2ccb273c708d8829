import { terminalLine, terminalText } from '@frontage/contracts/terminal-text';
import type { CommandContext } from './command-context.js';

/**
 * The way of every command to the terminal: contracts, file names and child processes are the text of others, and none of it is obeyed.
 * A line that is being replaced goes to `progress`, which escapes it by itself.
 */
export function safeTerminal(terminal: CommandContext): CommandContext {
  return {
    ...terminal,
    write: (text) => terminal.write(terminalText(text)),
    writeError: (text) => terminal.writeError(terminalText(text)),
  };
}

/** Lines as one text; none of them can hold another one. */
export function linesText(lines: readonly string[]): string {
  return lines.map((line) => `${terminalLine(line)}\n`).join('');
}
