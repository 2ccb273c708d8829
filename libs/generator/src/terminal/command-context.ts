import type { ProgressStream } from './progress.js';

/** The environment of a command. */
export interface CommandContext {
  readonly cwd: string;
  write(text: string): void;
  writeError(text: string): void;
  /** The terminal for a line of progress. @default no progress is shown */
  readonly progress?: ProgressStream;
}
