import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { quietEnvironment } from './workspace-copy.js';

/** `frontage` as a process of its own, which runs until the test ends it. */
export class RunningCommand {
  readonly #child: ChildProcess;
  #output = '';
  #read = 0;
  #wake = (): void => undefined;

  /** @param script of the command @default that of a workspace with libs */
  constructor(
    root: string,
    args: readonly string[],
    env: Readonly<Record<string, string>>,
    script = join(root, 'libs/generator/bin/frontage.js'),
  ) {
    this.#child = spawn(process.execPath, [script, ...args], {
      cwd: root,
      env: { ...quietEnvironment(), ...env },
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text;
        this.#wake();
      });
    }
    this.#child.once('close', () => this.#wake());
  }

  /** Waits for output that was not waited for before. @throws with all output, where the command ends or nothing comes */
  async until(pattern: RegExp, withinMs = 60_000): Promise<RegExpExecArray> {
    const deadline = AbortSignal.timeout(withinMs);
    for (;;) {
      const found = pattern.exec(this.#output.slice(this.#read));
      if (found !== null) {
        this.#read += found.index + found[0].length;
        return found;
      }
      if (deadline.aborted || this.#hasEnded) throw new Error(`${String(pattern)} did not come:\n${this.#output}`);
      const woken = Promise.withResolvers<void>();
      this.#wake = woken.resolve;
      deadline.addEventListener('abort', () => woken.resolve(), { once: true });
      await woken.promise;
    }
  }

  get output(): string {
    return this.#output;
  }

  /** Its exit code, once it and everything that holds its output have ended. */
  async ended(): Promise<number | null> {
    if (!this.#hasEnded) await once(this.#child, 'close');
    return this.#child.exitCode;
  }

  /** Presses Ctrl-C where only the command itself feels it. */
  async interrupt(): Promise<number | null> {
    this.#child.kill('SIGINT');
    return this.ended();
  }

  get #hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }
}
