import { terminalLine } from '@frontage/contracts/terminal-text';

/** The terminal of a long-running command. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  write(text: string): unknown;
}

/** One line of progress, on terminals only; it is removed when the work ends. */
export class Progress {
  #isShown = false;

  constructor(
    private readonly stream: ProgressStream | undefined,
    private readonly prefix: string,
  ) {}

  stage(text: string): void {
    if (this.stream?.isTTY !== true) return;
    this.stream.write(`\r\u001b[2K${terminalLine(`${this.prefix}: ${text}`)} ...`);
    this.#isShown = true;
  }

  end(): void {
    if (this.#isShown) this.stream?.write('\r\u001b[2K');
    this.#isShown = false;
  }
}
