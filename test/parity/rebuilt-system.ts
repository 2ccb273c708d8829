import { loadConfig } from '@frontage/config';
import { systemClock, type Clock } from '@frontage/core';
import { createGateway, type Gateway, type GatewayAddress } from '@frontage/gateway';
import { createSandbox, type Sandbox } from '@frontage/sandbox';
import type { StubUpstream } from './stub-upstream.js';

export interface RebuiltOptions {
  /** Path of its `bff.yaml`. */
  readonly config: string;
  /** By name; `bff.yaml` reads their addresses from `<NAME>_URL`. */
  readonly upstreams: Readonly<Record<string, StubUpstream>>;
  /** The audience of the tokens. @default none: the app takes no tokens */
  readonly audience?: string;
  /** @default the machine's clock */
  readonly clock?: Clock;
}

export interface Question {
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** As it came. */
  readonly text: string;
  /** The JSON of it; undefined where there is nothing to read. */
  readonly body: unknown;
}

interface OpenApiDocument {
  readonly paths: Readonly<
    Record<
      string,
      Readonly<Record<string, { readonly operationId: string; readonly parameters: readonly Parameter[] }>>
    >
  >;
}
interface Parameter {
  readonly name: string;
  readonly in: string;
}

/** A system that others wrote, rebuilt: the BFF through `createGateway`, before small services that behave as theirs. */
export class RebuiltSystem {
  readonly url: string;
  readonly #adminUrl: string;
  readonly #gateway: Gateway;
  readonly #issuer: Sandbox;
  readonly #options: RebuiltOptions;

  private constructor(address: GatewayAddress, gateway: Gateway, issuer: Sandbox, options: RebuiltOptions) {
    this.url = address.url;
    this.#adminUrl = address.adminUrl ?? '';
    this.#gateway = gateway;
    this.#issuer = issuer;
    this.#options = options;
  }

  /** @param module the app's root module */
  static async start(module: Parameters<typeof createGateway>[0], options: RebuiltOptions): Promise<RebuiltSystem> {
    const issuer = await createSandbox({ contracts: [], behaviours: {} });
    const urls = Object.entries(options.upstreams).map(([name, { url }]) => [
      `${name.toUpperCase().replaceAll('-', '_')}_URL`,
      url,
    ]);
    const env = { ...Object.fromEntries(urls), ISSUER_URL: `${issuer.url}/issuer` };
    try {
      const policy = loadConfig(options.config, { env, environment: 'test' });
      const loaded = { ...policy, log: { ...policy.log, requests: false } };
      const gateway = createGateway(module, { loaded, ...(options.clock && { clock: options.clock }) });
      return new RebuiltSystem(await gateway.start(), gateway, issuer, options);
    } catch (cause) {
      await issuer.close();
      throw cause;
    }
  }

  /** @param target method and path: `GET /api/v1/products` */
  async ask(target: string, { token, headers, body }: Question = {}): Promise<Answer> {
    const [method, path] = target.split(' ');
    const response = await fetch(this.url + path, {
      method,
      redirect: 'manual',
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: text === '' ? undefined : JSON.parse(text),
    };
  }

  /** Its OpenAPI document, as the admin port serves it. */
  async document(): Promise<OpenApiDocument> {
    const response = await fetch(`${this.#adminUrl}/openapi.json`);
    // Headers that our gateway writes, by its standard.
    return (await response.json()) as OpenApiDocument;
  }

  /** A token of the given user. */
  token(subject: string, audience = this.#options.audience ?? ''): Promise<string> {
    // The clock of a test may be behind that of the machine.
    const iat = Math.floor((this.#options.clock ?? systemClock).wallTime() / 1000);
    return this.#issuer.issueToken({ subject, audience, claims: { iat, exp: iat + 3600 } });
  }

  async stop(): Promise<void> {
    await this.#gateway.close();
    await this.#issuer.close();
  }
}
