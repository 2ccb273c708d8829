import { loadConfig } from '@frontage/config';
import { createGateway, type AppDescription, type Gateway, type GatewayAddress } from '@frontage/gateway';
import { ResponseCheck, type OpenApiDocument } from './response-check.js';
import { SlowClock } from '../clocks/slow-clock.js';
import { startWorld, type World } from '../servers/world.js';

export interface AppUnderTestOptions {
  /** Path of its `bff.yaml`. */
  readonly config: string;
  /** Its name in `bff.yaml`; `web` listens on the ports WEB_PORT and WEB_ADMIN_PORT. */
  readonly bff: string;
  readonly upstreams: readonly string[];
  /** Upstreams that get a process of their own, so that a test can kill or freeze them. @default none */
  readonly separate?: readonly string[];
}

export interface AppRequest {
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
}

export interface AppResponse {
  readonly status: number;
  readonly headers: Headers;
  /** The body, parsed as JSON. */
  readonly body: unknown;
}

/** Policies have timeouts of 100 ms; a test machine that runs ten processes at once needs a second for the same work. */
const slowness = 10;

/** A whole app, made by the same `createGateway` as in its `main.ts`, with real upstream processes; every port is a free one. */
export class AppUnderTest {
  readonly world: World;
  readonly description: AppDescription;
  /** Its OpenAPI document, as the admin port serves it. */
  readonly document: OpenApiDocument;
  /** Validates responses against the document. */
  readonly responses: ResponseCheck;
  readonly #gateway: Gateway;
  readonly #address: GatewayAddress;

  private constructor(
    world: World,
    gateway: Gateway,
    address: GatewayAddress,
    served: { readonly document: OpenApiDocument; readonly description: AppDescription },
  ) {
    this.world = world;
    this.#gateway = gateway;
    this.#address = address;
    this.document = served.document;
    this.description = served.description;
    this.responses = new ResponseCheck(served.document);
  }

  /** @param module the app's root module */
  static async start(module: Parameters<typeof createGateway>[0], options: AppUnderTestOptions): Promise<AppUnderTest> {
    const { bff, config, ...upstreams } = options;
    const world = await startWorld(upstreams);
    const name = bff.toUpperCase().replaceAll('-', '_');
    const env = { ...world.env, [`${name}_PORT`]: '0', [`${name}_ADMIN_PORT`]: '0' };
    const policy = loadConfig(config, { env });
    // One line per request is for operators; here it would hide the output of a test.
    const loaded = { ...policy, log: { ...policy.log, requests: false } };
    const gateway = createGateway(module, { loaded, clock: new SlowClock(slowness) });
    try {
      const address = await gateway.start();
      const [document, description] = await Promise.all([
        get<OpenApiDocument>(`${address.adminUrl}/openapi.json`),
        get<AppDescription>(`${address.adminUrl}/describe`),
      ]);
      return new AppUnderTest(world, gateway, address, { document, description });
    } catch (cause) {
      await gateway.close();
      await world.stop();
      throw cause;
    }
  }

  /** @param target method and path: `GET /home` */
  async ask(target: string, { token, headers, body }: AppRequest = {}): Promise<AppResponse> {
    const [method, path] = target.split(' ');
    const response = await fetch(`${this.#address.url}${path}`, {
      method,
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { status: response.status, headers: response.headers, body: await response.json() };
  }

  /** A token for this app. */
  token(user: string, ...scopes: readonly string[]): Promise<string> {
    return this.world.token({ user, scopes, audience: `${this.description.bff}-bff` });
  }

  async stop(): Promise<void> {
    await this.#gateway.close();
    await this.world.stop();
  }
}

async function get<T>(url: string): Promise<T> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`GET ${url}: ${response.status}`);
  return (await response.json()) as T;
}
