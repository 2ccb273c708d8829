import { spawn, type ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { whenParentEnds } from '@frontage/core';
import { linesText } from '../terminal/terminal.js';

export interface Started {
  readonly child: ChildProcess;
  /** The JSON of its ready line. */
  readonly ready: Readonly<Record<string, unknown>>;
}

export interface StartOptions {
  /** For messages. */
  readonly name: string;
  readonly script: string;
  readonly args?: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** Gets every line of standard output after the ready line. */
  readonly onLine?: (line: string) => void;
}

/** The processes of one command: they start one by one and end together, and none is left over. */
export class Processes {
  readonly #children = new Set<ChildProcess>();
  #stopping = false;

  /** @param writeError receives their errors after they have started */
  constructor(private readonly writeError: (text: string) => void) {}

  /** Called when a process ends by itself. */
  onExit: (name: string, code: number | null) => void = () => undefined;

  /** Resolves when the process has printed its ready line (JSON with `"ready":true`). */
  start(options: StartOptions): Promise<Started> {
    if (this.#stopping) return Promise.reject(new Error(`${options.name} is not started any more: all are ending`));
    // The end of this pipe shows a child that this process has ended, also after a crash.
    const child = spawn(process.execPath, [...(options.args ?? []), options.script], {
      cwd: options.cwd,
      env: options.env,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#children.add(child);
    const errorLines: string[] = [];
    let settled = false;
    createInterface({ input: child.stderr }).on('line', (line) => {
      errorLines.push(line);
      if (errorLines.length > 50) errorLines.shift();
      if (settled) this.writeError(linesText([`${options.name} | ${line}`]));
    });
    return new Promise((resolve, reject) => {
      createInterface({ input: child.stdout }).on('line', (line) => {
        const ready = settled ? undefined : readyLine(line);
        if (ready === undefined) return options.onLine?.(line);
        settled = true;
        resolve({ child, ready });
        return undefined;
      });
      child.once('error', reject);
      child.once('exit', (code) => {
        this.#children.delete(child);
        if (settled) {
          if (!this.#stopping) this.onExit(options.name, code);
          return;
        }
        // The last lines of standard error may still arrive.
        child.once('close', () => {
          reject(
            new Error(
              `${options.name} did not start:\n${errorLines.join('\n') || `it ended with code ${String(code)}`}`,
            ),
          );
        });
      });
    });
  }

  /** Ends one process: SIGTERM, and SIGKILL where it has not ended after `graceMs`. */
  static end(child: ChildProcess, graceMs = 5_000): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
    return new Promise((resolve) => {
      const cut = setTimeout(() => child.kill('SIGKILL'), graceMs);
      child.once('exit', () => {
        clearTimeout(cut);
        resolve();
      });
      child.kill('SIGTERM');
    });
  }

  get areEnding(): boolean {
    return this.#stopping;
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await Promise.all([...this.#children].map((child) => Processes.end(child)));
  }
}

/**
 * Ends all processes and then this one after Ctrl-C, SIGTERM, a closed terminal, or the end of npm or another parent process.
 * @param afterwards runs when the processes have ended
 * @returns a function that does the same with an exit code
 */
export function endTogether(
  processes: Processes,
  afterwards: () => Promise<void> | undefined = () => undefined,
): (code: number) => Promise<void> {
  let ending: Promise<void> | undefined;
  const end = (code: number): Promise<void> =>
    (ending ??= processes
      .stop()
      .then(afterwards)
      .finally(() => process.exit(code)));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void end(0));
  whenParentEnds(() => void end(0));
  return end;
}

function readyLine(line: string): Readonly<Record<string, unknown>> | undefined {
  if (!line.startsWith('{')) return undefined;
  const value: unknown = parseJson(line);
  if (typeof value !== 'object' || value === null || !('ready' in value) || value.ready !== true) return undefined;
  return { ...value };
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** The highest port. */
export const maxPort = 65_535;

/** True if a server can listen on this port. */
export function portIsFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ port, host, exclusive: true }, () => probe.close(() => resolve(true)));
  });
}
