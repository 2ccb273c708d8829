import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { workspaceRoot } from '@frontage/testing';

export interface AppProcessOptions {
  /** Path of what runs, from the root of the workspace. @default the mobile app */
  readonly script?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** An app as a process of its own, started by its `main.ts`. */
export class AppProcess {
  readonly #child: ChildProcess;
  #stdout = '';
  #stderr = '';
  /** Resolves when the process has ended. */
  readonly ended: Promise<Ended>;

  constructor({ script = 'apps/mobile/src/main.ts', env = {}, args = [] }: AppProcessOptions = {}) {
    // Options of the test runner for node are not meant for child processes.
    const { NODE_OPTIONS: _, ...inherited } = process.env;
    const hook = new URL('register-decorators.mjs', import.meta.url).href;
    const main = fileURLToPath(new URL(`../../${script}`, import.meta.url));
    this.#child = spawn(process.execPath, ['--conditions=@frontage/source', '--import', hook, main, ...args], {
      cwd: workspaceRoot,
      env: { ...inherited, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    running.add(this.#child);
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.#stdout += text));
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.#stderr += text));
    this.ended = once(this.#child, 'close').then(([code]: (number | null)[]) => {
      running.delete(this.#child);
      return { code: code ?? null, stdout: this.#stdout, stderr: this.#stderr };
    });
  }

  /** Its output on standard error so far. */
  get stderr(): string {
    return this.#stderr;
  }

  /** The addresses that it prints once it serves. @throws with what it wrote where it ends instead */
  async ready(): Promise<{ readonly url: string; readonly adminUrl: string }> {
    if (this.#child.stdout === null) throw new Error('unreachable: stdout is a pipe');
    const line = once(createInterface({ input: this.#child.stdout }), 'line').then(([first]) => String(first));
    const first = await Promise.race([line, this.ended]);
    if (typeof first !== 'string') throw new Error(`the app ended:\n${first.stderr}`);
    return JSON.parse(first) as { url: string; adminUrl: string };
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  signal(name: 'SIGTERM' | 'SIGINT' | 'SIGKILL' | 'SIGHUP' | 'SIGUSR2'): void {
    this.#child.kill(name);
  }

  /** Its output on standard error so far. */
  get said(): string {
    return this.#stderr;
  }

  get isRunning(): boolean {
    return running.has(this.#child);
  }
}
