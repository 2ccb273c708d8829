import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export interface ChildOptions {
  /** Path of a TypeScript file, from this folder. */
  readonly file: string;
  readonly env: Readonly<Record<string, string>>;
  readonly nodeArguments?: readonly string[];
}

/** A process that runs a TypeScript source, decorators and all, with a channel for messages. */
export class Child {
  readonly #child: ChildProcess;
  /** The lines on standard error that are of interest. */
  stderr = '';
  #stdout = '';

  constructor({ file, env, nodeArguments = [] }: ChildOptions) {
    // Options that the test runner gives to node are not meant for its children.
    const { NODE_OPTIONS: _, ...inherited } = process.env;
    const hook = new URL('../process/register-decorators.mjs', import.meta.url).href;
    this.#child = fork(fileURLToPath(new URL(file, import.meta.url)), [], {
      cwd: fileURLToPath(new URL('../..', import.meta.url)),
      env: { ...inherited, ...env },
      execArgv: ['--conditions=@frontage/source', '--import', hook, ...nodeArguments],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    running.add(this.#child);
    this.#child.once('exit', () => running.delete(this.#child));
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr = (this.stderr + text).slice(-20_000);
    });
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout = (this.#stdout + text).slice(0, 20_000);
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get hasEnded(): boolean {
    return !running.has(this.#child);
  }

  /** The first line of its standard output. @throws with its standard error where none comes in the time */
  async firstLine(timeoutMs = 90_000): Promise<string> {
    const end = performance.now() + timeoutMs;
    while (!this.#stdout.includes('\n')) {
      // The channel for messages keeps a process running that could not start.
      if (this.hasEnded || performance.now() > end) throw new Error(`the process is not ready:\n${this.stderr}`);
      await pause(20);
    }
    return this.#stdout.slice(0, this.#stdout.indexOf('\n'));
  }

  /** The next message that it sends. @throws where it has ended, or sends none in the time */
  async message(timeoutMs = 20_000): Promise<unknown> {
    if (this.hasEnded) throw new Error(`the process has ended:\n${this.stderr}`);
    const [message] = (await once(this.#child, 'message', { signal: AbortSignal.timeout(timeoutMs) })) as unknown[];
    return message;
  }

  send(message: string): void {
    this.#child.send(message);
  }

  signal(name: 'SIGTERM' | 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void {
    this.#child.kill(name);
  }

  /** Resolves with the exit code. */
  async end(name: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    if (this.hasEnded) return this.#child.exitCode;
    const ended = once(this.#child, 'exit');
    this.#child.kill(name);
    await ended;
    return this.#child.exitCode;
  }
}
