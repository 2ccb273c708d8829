import { loadConfig } from '@frontage/config';
import { createGateway, type AppDescription, type Gateway, type GatewayAddress } from '@frontage/gateway';
import { ResponseCheck, type OpenApiDocument } from './response-check.js';
import { SlowClock } from '../clocks/slow-clock.js';
import { RecordedServices } from '../servers/recorded-services.js';
import { startWorld, urlVariable, type World } from '../servers/world.js';

export interface AppUnderTestOptions {
  /** Path of its `bff.yaml`. */
  readonly config: string;
  /** Its name in `bff.yaml`; `web` listens on the ports WEB_PORT and WEB_ADMIN_PORT. */
  readonly bff: string;
  readonly upstreams: readonly string[];
  /** Upstreams that get a process of their own, so that a test can kill or freeze them. @default none */
  readonly separate?: readonly string[];
  /** Folder of responses that `frontage dev --record` has kept: its upstreams are served from it. @default none */
  readonly recorded?: URL | string;
  /** The admin port has the page for developers, with the sandbox that plays the shared upstreams. @default false */
  readonly developerPage?: true;
}

export interface AppRequest {
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as `multipart/form-data`, in the place of a body: texts and files by name; a list is a part per item. */
  readonly form?: Readonly<Record<string, FormValue | readonly FormValue[]>>;
}

type FormValue = string | File;

export interface AppResponse {
  readonly status: number;
  readonly headers: Headers;
  /** The body, parsed where it is JSON, else its text. */
  readonly body: unknown;
}

/** Policies have timeouts of 100 ms; a test machine that runs ten processes at once needs a second for the same work. */
const slowness = 10;

/** A whole app, made by the same `createGateway` as in its `main.ts`, with real upstream processes; every port is a free one. */
export class AppUnderTest {
  readonly world: World;
  /** The services of {@link AppUnderTestOptions.recorded}. */
  readonly recorded: RecordedServices | undefined;
  readonly description: AppDescription;
  /** Its OpenAPI document, as the admin port serves it. */
  readonly document: OpenApiDocument;
  /** Validates responses against the document. */
  readonly responses: ResponseCheck;
  readonly #gateway: Gateway;
  readonly #address: GatewayAddress;

  private constructor(
    { world, recorded }: { readonly world: World; readonly recorded: RecordedServices | undefined },
    gateway: Gateway,
    address: GatewayAddress,
    served: { readonly document: OpenApiDocument; readonly description: AppDescription },
  ) {
    this.world = world;
    this.recorded = recorded;
    this.#gateway = gateway;
    this.#address = address;
    this.document = served.document;
    this.description = served.description;
    this.responses = new ResponseCheck(served.document);
  }

  /** @param module the app's root module */
  static async start(module: Parameters<typeof createGateway>[0], options: AppUnderTestOptions): Promise<AppUnderTest> {
    const { bff, config, recorded: folder, developerPage, ...upstreams } = options;
    const recorded = folder === undefined ? undefined : await RecordedServices.start(folder);
    const world = await startWorld(upstreams);
    const name = bff.toUpperCase().replaceAll('-', '_');
    const addresses = (recorded?.upstreams ?? []).map((one) => [urlVariable(one), recorded?.url(one) ?? ''] as const);
    const env = { ...world.env, ...Object.fromEntries(addresses), [`${name}_PORT`]: '0', [`${name}_ADMIN_PORT`]: '0' };
    const policy = loadConfig(config, { env });
    // One line per request is for operators; here it would hide the output of a test.
    const loaded = { ...policy, log: { ...policy.log, requests: false } };
    const page = developerPage === true && { developerPage: { sandboxUrl: new URL(world.issuerUrl).origin } };
    const gateway = createGateway(module, { loaded, clock: new SlowClock(slowness), ...page });
    try {
      const address = await gateway.start();
      const [document, description] = await Promise.all([
        get<OpenApiDocument>(`${address.adminUrl}/openapi.json`),
        get<AppDescription>(`${address.adminUrl}/describe`),
      ]);
      return new AppUnderTest({ world, recorded }, gateway, address, { document, description });
    } catch (cause) {
      await gateway.close();
      await world.stop();
      await recorded?.stop();
      throw cause;
    }
  }

  /** Its address: `http://127.0.0.1:40123`. */
  get url(): string {
    return this.#address.url;
  }

  /** That of its admin port. */
  get adminUrl(): string {
    return this.#address.adminUrl ?? '';
  }

  /** @param target method and path: `GET /home` */
  async ask(target: string, { token, headers, body, form }: AppRequest = {}): Promise<AppResponse> {
    const [method, path] = target.split(' ');
    const response = await fetch(`${this.#address.url}${path}`, {
      method,
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(form !== undefined && { body: formData(form) }),
    });
    const isJson = /[/+]json\b/i.test(response.headers.get('content-type') ?? '');
    const content: unknown = isJson ? await response.json() : await response.text();
    return { status: response.status, headers: response.headers, body: content };
  }

  /** A token for this app. */
  token(user: string, ...scopes: readonly string[]): Promise<string> {
    return this.world.token({ user, scopes, audience: `${this.description.bff}-bff` });
  }

  async stop(): Promise<void> {
    await this.#gateway.close();
    await this.world.stop();
    await this.recorded?.stop();
  }
}

function formData(form: NonNullable<AppRequest['form']>): FormData {
  const data = new FormData();
  for (const [name, values] of Object.entries(form)) for (const value of [values].flat()) data.append(name, value);
  return data;
}

async function get<T>(url: string): Promise<T> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`GET ${url}: ${response.status}`);
  return (await response.json()) as T;
}
