import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { runProgram } from '@frontage/generator';
import { vi } from 'vitest';

/** The keys of a terminal, as it sends them. */
export const keys = { enter: '\r', space: ' ', down: '\u001b[B', interrupt: '\u0003' } as const;

/** `frontage` in a terminal, with somebody who reads what it writes and presses keys. */
export class TerminalDialog {
  readonly #input = Object.assign(new PassThrough(), { isTTY: true });
  // A question that is answered ends its stream, which leaves a terminal open.
  readonly #output = Object.assign(new PassThrough(), { isTTY: true, columns: 120, rows: 40, end: () => undefined });
  readonly #ended: Promise<number>;
  #shown = '';
  #read = 0;
  out = '';
  errors = '';

  constructor(cwd: string, ...args: string[]) {
    this.#output.setEncoding('utf8').on('data', (text: string) => (this.#shown += stripVTControlCharacters(text)));
    this.#ended = runProgram(args, {
      cwd,
      isInteractive: true,
      questions: { input: this.#input, output: this.#output },
      write: (text) => (this.out += text),
      writeError: (text) => (this.errors += text),
    });
  }

  /** Waits until the terminal shows a text that it did not show before. @throws with all that it shows */
  async sees(text: string): Promise<void> {
    await vi.waitFor(
      () => {
        const at = this.#shown.indexOf(text, this.#read);
        if (at < 0) throw new Error(`${JSON.stringify(text)} does not come:\n${this.#shown}\n${this.errors}`);
        this.#read = at + text.length;
      },
      { timeout: 30_000, interval: 5 },
    );
  }

  press(pressed: string): void {
    this.#input.write(pressed);
  }

  /** Answers a question with a text, and waits until the question shows it. */
  async answers(question: string, text: string, shown: string = text): Promise<void> {
    await this.sees(question);
    this.press(text);
    await this.sees(shown);
    this.press(keys.enter);
  }

  /** The exit code. */
  ended(): Promise<number> {
    return this.#ended;
  }
}
