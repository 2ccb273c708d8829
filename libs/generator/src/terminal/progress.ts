import { terminalLine } from '@frontage/contracts/terminal-text';

/** The terminal of a long-running command. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** A step that takes longer, in ms, is named also where the output is no terminal, such as the log of a build server. */
const longMs = 2_000;

/**
 * The progress of one command. A terminal shows one line, which is removed when the work ends; elsewhere each step that takes more than
 * two seconds gets a line.
 */
export class Progress {
  #isShown = false;
  #waiting: NodeJS.Timeout | undefined;

  constructor(
    private readonly stream: ProgressStream | undefined,
    private readonly prefix: string,
  ) {}

  stage(text: string): void {
    const line = `${terminalLine(`${this.prefix}: ${text}`)} ...`;
    if (isTerminal(this.stream)) {
      this.stream?.write(`\r\u001b[2K${line}`);
      this.#isShown = true;
      return;
    }
    clearTimeout(this.#waiting);
    this.#waiting = setTimeout(() => this.stream?.write(`${line}\n`), longMs).unref();
  }

  end(): void {
    clearTimeout(this.#waiting);
    if (this.#isShown) this.stream?.write('\r\u001b[2K');
    this.#isShown = false;
  }
}

/** A terminal that can delete a line: a dumb one cannot. */
const isTerminal = (stream: ProgressStream | undefined): boolean =>
  stream?.isTTY === true && process.env['TERM'] !== 'dumb';
