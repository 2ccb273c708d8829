import { join } from 'node:path';
import { loadConfig, type BffConfig } from '@frontage/config';
import { createGateway, type Gateway } from '@frontage/gateway';
import { startWorld, workspaceRoot, type World } from '@frontage/testing';
import { MobileModule } from '../../apps/mobile/src/mobile.module.js';
import { mobileUpstreams as upstreams, type Upstream } from './mobile-upstreams.js';

export type { Upstream };

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>>;
  /** From the sending of the request to the last byte of the response. */
  readonly tookMs: number;
}

/** The mobile app as it is deployed, policy included, over upstreams that are processes of their own. */
export class Mobile {
  readonly world: World;
  readonly #gateway: Gateway;
  readonly url: string;
  readonly #adminUrl: string;
  readonly #token: string;

  private constructor(world: World, gateway: Gateway, url: string, adminUrl: string, token: string) {
    this.world = world;
    this.#gateway = gateway;
    this.url = url;
    this.#adminUrl = adminUrl;
    this.#token = token;
  }

  /**
   * @param separate upstreams that can be killed and frozen while the others go on
   * @param adapt changes the policy
   * @param hosts names by which the upstreams are reached
   */
  static async start(
    separate: readonly Upstream[] = [],
    adapt: (policy: BffConfig) => BffConfig = (policy) => policy,
    hosts: readonly string[] = [],
  ): Promise<Mobile> {
    const world = await startWorld({ upstreams, separate, hosts });
    try {
      const env = { ...world.env, MOBILE_PORT: '0', MOBILE_ADMIN_PORT: '0' };
      const policy = adapt(loadConfig(join(workspaceRoot, 'apps/mobile/bff.yaml'), { env, environment: 'test' }));
      const gateway = createGateway(MobileModule, { loaded: { ...policy, log: { ...policy.log, requests: false } } });
      const { url, adminUrl = '' } = await gateway.start();
      const scopes = ['home:read', 'catalogue:read', 'cart:read', 'cart:write', 'orders:read'];
      return new Mobile(world, gateway, url, adminUrl, await world.token({ user: 'ada', scopes }));
    } catch (cause) {
      await world.stop();
      throw cause;
    }
  }

  async get(path: string, init: RequestInit = {}): Promise<Answer> {
    const sentAt = performance.now();
    const response = await this.send(path, init);
    const body = (await response.json()) as Answer['body'];
    return { status: response.status, headers: response.headers, body, tookMs: performance.now() - sentAt };
  }

  send(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = {
      authorization: `Bearer ${this.#token}`,
      ...(init.body && { 'content-type': 'application/json' }),
    };
    return fetch(this.url + path, { ...init, headers });
  }

  /** Value of one gauge or counter of the admin port. */
  async metric(name: string): Promise<number> {
    const text = await (await fetch(`${this.#adminUrl}/metrics`)).text();
    const line = text.split('\n').find((one) => one.startsWith(`${name} `) || one.startsWith(`${name}{`));
    if (line === undefined) throw new Error(`there is no metric ${name}`);
    return Number(line.slice(line.lastIndexOf(' ')));
  }

  async stop(): Promise<void> {
    await this.#gateway.close();
    await this.world.stop();
  }
}
