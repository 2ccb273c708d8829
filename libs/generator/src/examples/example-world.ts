import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Processes } from '../dev/processes.js';
import { appFlags, appScript, startSandbox, type SandboxWorld } from '../dev/sandbox-world.js';
import { fetchToken } from '../dev/token.js';
import { runningApp } from '../dev/try-line.js';
import type { SampleRequest } from '../endpoint/planner/sample-request.js';
import { sampleUser } from '../endpoint/planner/screen-samples.js';
import type { Fault } from '@frontage/sandbox';
import type { AppDescription, EndpointDescription } from '../plan/app-description.js';
import { contractsFolder, upstreamsPath } from '../workspace/layout.js';
import { appPorts, sandboxNames, type AppFolder } from '../workspace/workspace.js';

/** The time for one response. The policy of an app ends its requests earlier. */
const longestWaitMs = 30_000;

export interface ExampleResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** One process of an app, on free ports. */
export interface ExampleApp {
  readonly url: string;
  /** Absent where its admin port is switched off. */
  readonly adminUrl?: string;
  readonly description: AppDescription;
}

/** A fault of an upstream in the sandbox. */
export interface SandboxFault {
  readonly upstream: string;
  readonly fault: Fault;
}

/** An app and the sandbox, started for examples of responses. All ports are free ones, so that running apps are not disturbed. */
export class ExampleWorld {
  readonly #root: string;
  readonly #app: AppFolder;
  readonly #processes: Processes;
  readonly #sandbox: SandboxWorld;
  readonly #tokens = new Map<string, string>();

  private constructor(root: string, app: AppFolder, processes: Processes, sandbox: SandboxWorld) {
    this.#root = root;
    this.#app = app;
    this.#processes = processes;
    this.#sandbox = sandbox;
  }

  /** @throws Error where the sandbox is not built or does not start */
  static async start(root: string, app: AppFolder, env: NodeJS.ProcessEnv): Promise<ExampleWorld> {
    const processes = new Processes(() => undefined);
    try {
      const sandbox = await startSandbox(root, processes, { ...env, SANDBOX_PORT: '0' });
      return new ExampleWorld(root, app, processes, sandbox);
    } catch (cause) {
      await processes.stop();
      throw cause;
    }
  }

  stop(): Promise<void> {
    return this.#processes.stop();
  }

  /** Starts a process of the app, with caches that are empty. @throws Error where it does not start, or has no admin port */
  async startApp(): Promise<ExampleApp> {
    const { port, adminPort } = appPorts(this.#app, process.env);
    const free = [port.variable, adminPort.variable].flatMap((name) => (name === undefined ? [] : [[name, '0']]));
    const { ready } = await this.#processes.start({
      name: this.#app.name,
      script: appScript(this.#app),
      args: appFlags(1),
      cwd: this.#app.folder,
      env: { ...this.#sandbox.envFor(this.#app.name), ...Object.fromEntries(free) },
    });
    const { url, adminUrl } = runningApp(this.#app.name, ready);
    if (adminUrl === undefined) throw new Error(`the admin port of ${this.#app.name} is switched off`);
    const response = await fetch(`${adminUrl}/describe`);
    // The gateway of the workspace defines its shape.
    return { url, adminUrl, description: (await response.json()) as AppDescription };
  }

  /** Sends a request with a token that the access rule of the endpoint accepts. */
  async ask(
    app: ExampleApp,
    endpoint: EndpointDescription,
    { path, headers, body }: SampleRequest,
  ): Promise<ExampleResponse> {
    const response = await fetch(`${app.url}${path}`, {
      method: endpoint.method,
      headers: await this.headersFor(endpoint, { headers, body }),
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(longestWaitMs),
    });
    return { status: response.status, headers: response.headers, text: await response.text() };
  }

  /** The header fields of a request, with a token that the access rule of the endpoint accepts. */
  async headersFor(
    endpoint: EndpointDescription,
    { headers, body }: Pick<SampleRequest, 'headers' | 'body'>,
  ): Promise<Readonly<Record<string, string>>> {
    const token = await this.#tokenFor(endpoint);
    return {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    };
  }

  /** True for a text with an address or a token of this run: it is another one in the next run. */
  isOfThisRun(app: ExampleApp, text: string): boolean {
    return [this.#sandbox.url, app.url, ...this.#tokens.values()].some((own) => text.includes(own));
  }

  /** Makes operations of upstreams fail with 500. */
  async fail(operations: readonly { readonly upstream: string; readonly operation: string }[]): Promise<void> {
    for (const { upstream, operation } of operations)
      await this.setFault({ upstream, fault: { operation, status: 500 } });
  }

  /** Gives an upstream a fault. */
  async setFault({ upstream, fault }: SandboxFault): Promise<void> {
    const served = sandboxNames(this.#root, this.#app.name);
    await this.#control('PUT', `/${served.get(upstream) ?? upstream}/faults`, fault);
  }

  async clearFaults(): Promise<void> {
    await this.#control('DELETE', '/faults');
  }

  /** The folder with the contract of an upstream: one of the app comes before one of all apps. */
  contractFolder(upstream: string): string | undefined {
    const places = [
      join(this.#app.folder, 'upstreams'),
      ...(contractsFolder(this.#root) ? [upstreamsPath(this.#root)] : []),
    ];
    return places.map((place) => join(place, upstream)).find((folder) => existsSync(join(folder, 'openapi.yaml')));
  }

  async #control(method: string, path: string, body?: unknown): Promise<void> {
    const response = await fetch(`${this.#sandbox.url}/__sandbox${path}`, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`the sandbox refused a fault: ${await response.text()}`);
  }

  async #tokenFor({ access }: EndpointDescription): Promise<string | undefined> {
    if (access === 'public') return undefined;
    const key = JSON.stringify(access);
    const known = this.#tokens.get(key);
    if (known !== undefined) return known;
    const { allScopes, anyScopes, anyRoles, acr, maxAgeSeconds } = access;
    const token = await fetchToken(`${this.#sandbox.url}/issuer`, {
      user: sampleUser,
      scopes: [...allScopes, ...anyScopes.slice(0, 1)],
      roles: anyRoles.slice(0, 1),
      audience: `${this.#app.name}-bff`,
      claims: {
        ...(acr?.[0] !== undefined && { acr: acr[0] }),
        ...(maxAgeSeconds !== undefined && { auth_time: Math.floor(Date.now() / 1000) }),
      },
    });
    this.#tokens.set(key, token);
    return token;
  }
}
