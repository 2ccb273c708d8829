import type { CommandResult } from './command-result.js';
import type { ProgressStream } from './progress.js';
import type { QuestionStreams } from './prompter.js';
import type { StyledText } from './styled-text.js';

/** The terminal in which a command runs. */
export interface Terminal {
  readonly cwd: string;
  write(text: string): void;
  writeError(text: string): void;
  /** The terminal for a line of progress. @default no progress is shown */
  readonly progress?: ProgressStream;
  /** Standard output shows colours: a terminal, without `NO_COLOR`. @default false */
  readonly hasColours?: boolean;
  /** A person can answer questions. @default false */
  readonly isInteractive?: boolean;
  /** The streams of questions and answers. @default those of this process */
  readonly questions?: QuestionStreams;
}

/** The environment of a command. */
export interface CommandContext extends Terminal {
  /** `--json` was given: `write` writes to standard error, and standard output has the result alone. A command asks no questions then. */
  readonly isJson: boolean;
  /** Writes pieces of lines as `write` does, in colours where the terminal has them. */
  writeStyled(pieces: readonly StyledText[]): void;
  /** Writes to standard output whatever the format is: help, and the lines of an app that `serve` runs. */
  print(text: string): void;
  /** The result: its text for people, or one JSON object. Called once, at the end; a command that runs on calls it when it is ready. */
  report(result: CommandResult): void;
}
