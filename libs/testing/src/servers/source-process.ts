import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export interface SourceProcessOptions {
  /** Path of a TypeScript file, or of a JavaScript file, which runs as it is. */
  readonly file: string;
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Longest time for the first line of output, in ms. @default 20000 */
  readonly readyWithinMs?: number;
}

/**
 * Arguments of node with which a child process runs the TypeScript sources of the libs: no build comes first, so none can be stale.
 * Node 24 removes the types itself. It does not know decorators, so this works for libs without Nest.
 */
export const sourceArguments = (file: string): readonly string[] => [
  '--conditions=@frontage/source',
  '--experimental-transform-types',
  '--disable-warning=ExperimentalWarning',
  '--import',
  new URL(import.meta.url.endsWith('.ts') ? './register-sources.ts' : './register-sources.js', import.meta.url).href,
  file,
];

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** A child process that runs TypeScript sources, prints a first line when it is ready, and ends when its stdin ends. */
export class SourceProcess {
  /** The JSON of the first line. */
  readonly ready: Readonly<Record<string, unknown>>;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, ready: Readonly<Record<string, unknown>>) {
    this.#child = child;
    this.ready = ready;
  }

  /** @throws with the stderr of the process, where it ends or prints nothing instead of becoming ready */
  static async start({ file, cwd, env, readyWithinMs = 20_000 }: SourceProcessOptions): Promise<SourceProcess> {
    // The flags of node for the test runner are not for its children.
    const { NODE_OPTIONS: _, ...inherited } = process.env;
    const args = file.endsWith('.ts') ? sourceArguments(file) : [file];
    const child = spawn(process.execPath, args, { cwd, env: { ...inherited, ...env } });
    running.add(child);
    child.once('exit', () => running.delete(child));
    // A child that ended does not read; writing to it is no failure of the test.
    child.stdin.on('error', () => {});
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors = (errors + text).slice(-10_000);
    });
    const timeout = AbortSignal.timeout(readyWithinMs);
    const lines = createInterface({ input: child.stdout });
    const line = await Promise.race([
      once(lines, 'line', { signal: timeout }).then(([first]) => String(first)),
      once(child, 'exit', { signal: timeout }).then(() => undefined),
    ]).catch(() => undefined);
    if (line !== undefined) return new SourceProcess(child, JSON.parse(line) as Record<string, unknown>);
    child.kill('SIGKILL');
    throw new Error(`${file} did not become ready.\n${errors}`);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Asks it to end, and kills it after five seconds. */
  async stop(): Promise<void> {
    if (this.hasEnded) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGCONT');
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 5000);
    await ended;
    clearTimeout(timer);
  }

  /** Ends it as a crash does: open connections are reset, new ones refused. */
  async kill(): Promise<void> {
    if (this.hasEnded) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }

  /** Stops it: connections still open, and no response is sent, until {@link thaw}. */
  freeze(): void {
    this.#child.kill('SIGSTOP');
  }

  thaw(): void {
    this.#child.kill('SIGCONT');
  }
}
