import { spawn, type ChildProcess } from 'node:child_process';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { whenParentEnds } from '@frontage/core';
import { linesText } from '../terminal/terminal.js';

export interface Started {
  readonly child: ChildProcess;
  /** What the process said of itself when it was ready. */
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

/** The processes under one command: started one by one, ended together, none left behind. */
export class Processes {
  readonly #children = new Set<ChildProcess>();
  #stopping = false;

  /** @param writeError gets what they complain of once they have started */
  constructor(private readonly writeError: (text: string) => void) {}

  /** Set by who wants to know that a process ended by itself. */
  onExit: (name: string, code: number | null) => void = () => undefined;

  /** Resolves once the process has printed its ready line (JSON with `"ready":true`). */
  start(options: StartOptions): Promise<Started> {
    if (this.#stopping) return Promise.reject(new Error(`${options.name} is not started any more: all are ending`));
    // An end of stdin that nobody writes to tells a child that this process has gone, however it went.
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
        // The last lines of standard error may still be on their way.
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
 * Makes Ctrl-C, SIGTERM, a closed terminal and the end of npm, or of who else started this one, end all processes, and then this one.
 * @returns does the same with an exit code of its own
 */
export function endTogether(processes: Processes): (code: number) => Promise<void> {
  let ending: Promise<void> | undefined;
  const end = (code: number): Promise<void> => (ending ??= processes.stop().then(() => process.exit(code)));
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

/** The highest port there is. */
export const maxPort = 65_535;

/** Can somebody listen there? */
export function portIsFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ port, host, exclusive: true }, () => probe.close(() => resolve(true)));
  });
}
