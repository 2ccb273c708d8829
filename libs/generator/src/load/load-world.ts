import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readContract } from '@frontage/contracts';
import { sampled } from '../endpoint/planner/sampled-contract.js';
import { documentedEndpoints } from '../examples/documented-endpoints.js';
import { exampleRequest } from '../examples/example-request.js';
import { ExampleWorld, type ExampleApp, type SandboxFault } from '../examples/example-world.js';
import { UpstreamValues } from '../examples/upstream-values.js';
import type { AppDescription, EndpointDescription } from '../plan/app-description.js';
import { CheckFailed } from '../terminal/command.errors.js';
import type { AppFolder } from '../workspace/workspace.js';

export interface LoadWorldOptions {
  readonly root: string;
  readonly app: AppFolder;
  readonly description: AppDescription;
  readonly endpoint: EndpointDescription;
  /** The OpenAPI document of the app. */
  readonly document: unknown;
  readonly faults: readonly SandboxFault[];
  readonly env: NodeJS.ProcessEnv;
}

/** The request that is sent again and again. */
export interface LoadRequest {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A BFF over the sandbox, without the limits per caller and address: one caller sends all requests of a load test. */
export class LoadWorld {
  readonly request: LoadRequest;
  readonly metricsUrl: string;
  readonly #world: ExampleWorld;
  readonly #folder: string;

  private constructor(world: ExampleWorld, folder: string, request: LoadRequest, metricsUrl: string) {
    this.#world = world;
    this.#folder = folder;
    this.request = request;
    this.metricsUrl = metricsUrl;
  }

  /** @throws {CheckFailed} for an endpoint that cannot be asked, or an app without metrics */
  static async start(options: LoadWorldOptions): Promise<LoadWorld> {
    const { root, app, description, faults, env } = options;
    const folder = await mkdtemp(join(tmpdir(), 'frontage-load-'));
    // The app finds the policy above its script: this one extends that of the app.
    await writeFile(join(folder, 'bff.yaml'), policyText(app, description));
    for (const name of ['dist', 'upstreams', 'package.json'])
      if (existsSync(join(app.folder, name))) await symlink(join(app.folder, name), join(folder, name));
    const world = await ExampleWorld.start(root, { name: app.name, folder }, env);
    try {
      const started = await world.startApp();
      if (started.adminUrl === undefined)
        throw new CheckFailed(`the admin port of ${app.name} is switched off: it has the metrics`);
      for (const fault of faults) await world.setFault(fault);
      const request = await requestOf(options, world, started);
      return new LoadWorld(world, folder, request, `${started.adminUrl}/metrics`);
    } catch (cause) {
      await world.stop();
      await rm(folder, { recursive: true, force: true });
      throw cause;
    }
  }

  async stop(): Promise<void> {
    await this.#world.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** JSON is YAML. */
function policyText({ name, folder }: AppFolder, { endpoints }: AppDescription): string {
  const unlimited = [{ per: 'app', limit: 1_000_000, window: '1s' }];
  const used = new Set(endpoints.flatMap(({ rateClass }) => rateClass ?? []));
  const classes = [...used].map((one) => [one, unlimited] as const);
  return JSON.stringify({
    bff: name,
    extends: join(folder, 'bff.yaml'),
    listen: { port: 0, adminPort: 0 },
    addressLimit: 'off',
    rateClasses: Object.fromEntries(classes),
    metrics: { enabled: true },
  });
}

async function requestOf(
  { app, document, endpoint }: LoadWorldOptions,
  world: ExampleWorld,
  started: ExampleApp,
): Promise<LoadRequest> {
  // A file that exists, for messages.
  const contract = sampled(
    await readContract(join(app.folder, 'bff.yaml'), { text: JSON.stringify(document), lint: false }),
  );
  const name = `${endpoint.method} ${endpoint.path}`;
  const documented = documentedEndpoints(started.description, contract).find(
    (one) => one.endpoint.method === endpoint.method && one.endpoint.path === endpoint.path,
  );
  if (documented === undefined)
    throw new CheckFailed(`${name} is no screen with JSON: its requests and their cost are not known`);
  const values = new UpstreamValues((upstream) => world.contractFolder(upstream));
  const request = await exampleRequest(documented, contract.samples, values);
  if ('reason' in request) throw new CheckFailed(`${name}: ${request.reason}`);
  return {
    url: `${started.url}${request.path}`,
    method: endpoint.method,
    headers: { ...(await world.headersFor(documented.endpoint, request)) },
    ...(request.body !== undefined && { body: JSON.stringify(request.body) }),
  };
}
