import type { CallReport, Fault } from '@frontage/sandbox';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SourceProcess } from './source-process.js';

const libs = new URL('../../../', import.meta.url);

/** The libs are folders of a workspace here, and packages elsewhere. */
const isFolder = !import.meta.url.includes('/node_modules/');

/** The workspace that this lib belongs to; where it is a package, the workspace around the working directory. */
export const workspaceRoot = isFolder ? fileURLToPath(new URL('..', libs)) : workspaceAround(process.cwd());

function workspaceAround(start: string): string {
  for (let folder = resolve(start); ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'apps')) && existsSync(join(folder, 'upstreams'))) return folder;
    if (dirname(folder) === folder) return resolve(start);
  }
}

/** Sources in a workspace, so that no build is stale; what was built in a package. */
const sandboxScript = isFolder
  ? fileURLToPath(new URL('sandbox/src/main.ts', libs))
  : createRequire(import.meta.url).resolve('@frontage/sandbox/main');

export interface SandboxProcessOptions {
  /** Only these upstreams. @default all contracts of the workspace */
  readonly upstreams?: readonly string[];
  /** The workspace whose contracts are served. @default that of this lib */
  readonly root?: string;
  /** @default 0: a free one */
  readonly port?: number;
  /** Seed of generated values. @default frontage */
  readonly seed?: string;
  /** Names by which it may be reached, beside those of the loopback. @default none */
  readonly hosts?: readonly string[];
}

export interface WorldToken {
  /** `ada`, `grace`, `linus` and `acme` have data. */
  readonly user: string;
  readonly scopes?: readonly string[];
  /** @default all apps of the workspace: `mobile-bff`, `web-bff`, ... */
  readonly audience?: string;
  readonly roles?: readonly string[];
  readonly tenant?: string;
  /** The client that the token is issued to (`client_id`). */
  readonly app?: string;
  /** Negative for a token that has expired. @default 3600 */
  readonly expiresInSeconds?: number;
  /** Replace all other claims, for tokens that must be refused. */
  readonly claims?: Readonly<Record<string, unknown>>;
}

/** The sandbox as a process of its own. A test can set faults, and kill, freeze and restart it. */
export class SandboxProcess {
  readonly #options: SandboxProcessOptions;
  #process: SourceProcess;

  private constructor(options: SandboxProcessOptions, process: SourceProcess) {
    this.#options = options;
    this.#process = process;
  }

  static async start(options: SandboxProcessOptions = {}): Promise<SandboxProcess> {
    return new SandboxProcess(options, await run(options));
  }

  /** Without a slash at the end. */
  get baseUrl(): string {
    return String(this.#process.ready['url']);
  }

  get issuerUrl(): string {
    return `${this.baseUrl}/issuer`;
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** Address of one upstream. */
  url(upstream: string): string {
    return `${this.baseUrl}/${upstream}`;
  }

  /** Sets a fault; it replaces the fault of the operation, or of the whole upstream. */
  async setFault(upstream: string, fault: Fault): Promise<void> {
    await this.#ask(`/__sandbox/${upstream}/faults`, { method: 'PUT', body: JSON.stringify(fault) });
  }

  /** @param upstream all where left out */
  async clearFaults(upstream?: string): Promise<void> {
    await this.#ask(upstream === undefined ? '/__sandbox/faults' : `/__sandbox/${upstream}/faults`, {
      method: 'DELETE',
    });
  }

  /** The calls that the upstreams received since the start, or since {@link resetCalls}. */
  async calls(): Promise<CallReport> {
    return (await this.#ask('/__sandbox/calls')) as CallReport;
  }

  /** Waits for the first report that `fits`; each new call wakes it, not a clock. @throws after `withinMs` */
  async untilCalls(fits: (report: CallReport) => boolean, withinMs = 5000): Promise<CallReport> {
    const signal = AbortSignal.timeout(withinMs);
    let report = await this.calls();
    while (!fits(report)) {
      const asked = this.#ask(`/__sandbox/calls?since=${report.version}`, { signal });
      const last = report;
      report = (await asked.catch((cause: unknown) => {
        throw new Error(`The calls did not fit within ${withinMs} ms: ${JSON.stringify(last.counts)}`, {
          cause,
        });
      })) as CallReport;
    }
    return report;
  }

  async resetCalls(): Promise<void> {
    await this.#ask('/__sandbox/calls', { method: 'DELETE' });
  }

  /** An access token that the issuer of the sandbox signed. */
  async token({ user, scopes, expiresInSeconds, app, ...rest }: WorldToken): Promise<string> {
    const body = JSON.stringify({ user, scopes, expires_in: expiresInSeconds, client_id: app, ...rest });
    const issued = (await this.#ask('/issuer/token', { method: 'POST', body })) as { readonly access_token: string };
    return issued.access_token;
  }

  kill(): Promise<void> {
    return this.#process.kill();
  }

  freeze(): void {
    this.#process.freeze();
  }

  thaw(): void {
    this.#process.thaw();
  }

  /** Starts it again on the port it had, with the data of the seed. */
  async restart(): Promise<void> {
    const port = Number(new URL(this.baseUrl).port);
    await this.#process.kill();
    this.#process = await run({ ...this.#options, port });
  }

  stop(): Promise<void> {
    return this.#process.stop();
  }

  async #ask(path: string, init?: RequestInit): Promise<unknown> {
    const response = await fetch(this.baseUrl + path, init);
    const text = await response.text();
    if (!response.ok) throw new Error(`${init?.method ?? 'GET'} ${path} of the sandbox: ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }
}

function run({
  upstreams,
  root = workspaceRoot,
  port = 0,
  seed,
  hosts,
}: SandboxProcessOptions): Promise<SourceProcess> {
  return SourceProcess.start({
    file: sandboxScript,
    cwd: root,
    env: {
      SANDBOX_ROOT: root,
      SANDBOX_PORT: String(port),
      SANDBOX_STDIN: 'open',
      ...(upstreams !== undefined && { SANDBOX_UPSTREAMS: upstreams.join(',') }),
      ...(seed !== undefined && { SANDBOX_SEED: seed }),
      ...(hosts !== undefined && { SANDBOX_HOSTS: hosts.join(',') }),
    },
  });
}
