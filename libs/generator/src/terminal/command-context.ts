import type { ProgressStream } from './progress.js';

/** What a command may touch of the world. */
export interface CommandContext {
  readonly cwd: string;
  write(text: string): void;
  writeError(text: string): void;
  /** Where a line that is replaced again and again may be shown. @default nowhere */
  readonly progress?: ProgressStream;
}
