import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export interface SourceProcessOptions {
  /** Path of a TypeScript file. */
  readonly file: string;
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** How long the first line of output may take. @default 20000 */
  readonly readyWithinMs?: number;
}

/**
 * Arguments of node with which a child process runs the TypeScript sources of the libs: no build comes first, so none can be stale.
 * Node 24 takes the types out itself. Decorators it does not know, so this is for libs without Nest in them.
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

/** A child process that runs TypeScript sources, says in its first line of output that it is ready, and ends when its stdin does. */
export class SourceProcess {
  /** The JSON of the first line. */
  readonly ready: Readonly<Record<string, unknown>>;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, ready: Readonly<Record<string, unknown>>) {
    this.#child = child;
    this.ready = ready;
  }

  /** @throws with what the process wrote to stderr, where it ends or stays silent instead of being ready */
  static async start({ file, cwd, env, readyWithinMs = 20_000 }: SourceProcessOptions): Promise<SourceProcess> {
    // What the test runner asks of node is not meant for its children.
    const { NODE_OPTIONS: _, ...inherited } = process.env;
    const child = spawn(process.execPath, sourceArguments(file), { cwd, env: { ...inherited, ...env } });
    running.add(child);
    child.once('exit', () => running.delete(child));
    // A child that ended does not read: writing to it is no failure of the test.
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

  /** Asks it to end, and makes it end after five seconds. */
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

  /** Stops it in its tracks: connections open and nothing is answered, until {@link thaw}. */
  freeze(): void {
    this.#child.kill('SIGSTOP');
  }

  thaw(): void {
    this.#child.kill('SIGCONT');
  }
}
