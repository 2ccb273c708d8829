import { failureJson, resultJson, type CommandFailure, type CommandResult } from './command-result.js';
import type { CommandContext, Terminal } from './command-context.js';
import { safeTerminal } from './safe-terminal.js';
import { renderStyled, type StyledText } from './styled-text.js';

/**
 * The output of one command, for people or as JSON. With `--json`, standard output has exactly one JSON object, for a success and for a
 * failure; everything else goes to standard error.
 */
export class CommandOutput implements CommandContext {
  /** The words of the command, such as `upstream add`. */
  command = '';
  readonly cwd: string;
  readonly progress: NonNullable<Terminal['progress']>;
  readonly isInteractive: boolean;
  readonly questions?: NonNullable<Terminal['questions']>;
  readonly #terminal: Terminal;
  readonly #writeStyled: (pieces: readonly StyledText[]) => void;

  constructor(
    terminal: Terminal,
    readonly isJson: boolean,
  ) {
    // Pieces are escaped one by one, before the colours that the terminal is to obey are added.
    this.#writeStyled = (pieces) =>
      isJson
        ? terminal.writeError(renderStyled(pieces, false))
        : terminal.write(renderStyled(pieces, terminal.hasColours === true));
    this.#terminal = safeTerminal(terminal);
    this.cwd = terminal.cwd;
    this.isInteractive = terminal.isInteractive === true;
    if (terminal.questions !== undefined) this.questions = terminal.questions;
    this.progress = terminal.progress ?? { write: () => undefined };
  }

  readonly write = (text: string): void => {
    if (this.isJson) this.#terminal.writeError(text);
    else this.#terminal.write(text);
  };

  readonly writeStyled = (pieces: readonly StyledText[]): void => this.#writeStyled(pieces);

  readonly writeError = (text: string): void => this.#terminal.writeError(text);

  readonly report = (result: CommandResult): void => {
    this.#terminal.write(this.isJson ? resultJson(this.command, result) : result.text);
  };

  readonly print = (text: string): void => this.#terminal.write(text);

  /** @param text for people, on standard error */
  fail(exitCode: number, failure: CommandFailure, text: string): void {
    if (this.isJson) this.#terminal.write(failureJson(this.command, exitCode, failure));
    else this.#terminal.writeError(text);
  }
}
