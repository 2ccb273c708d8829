import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { loadConfig, type BffConfig } from '@frontage/config';
import { createGateway, type Gateway } from '@frontage/gateway';
import { startWorld, workspaceRoot, type World } from '@frontage/testing';
import { ResponseCheck } from '@frontage/testing/response-check';
import type { DrawnRequest, TokenKind } from './drawn-requests.js';
import type { Json } from './input-arbitrary.js';

export interface LiveAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** A whole BFF over real upstream processes, under a policy that lets a test ask hundreds of times. */
export class LiveBff {
  readonly world: World;
  readonly document: Json;
  readonly responses: ResponseCheck;
  readonly #name: string;
  readonly #gateway: Gateway;
  readonly #url: string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 16 });
  readonly #tokens = new Map<string, Promise<string>>();

  private constructor(name: string, world: World, gateway: Gateway, url: string, document: Json) {
    this.#name = name;
    this.world = world;
    this.#gateway = gateway;
    this.#url = url;
    this.document = document;
    this.responses = new ResponseCheck(document);
  }

  static async start(
    name: string,
    module: Parameters<typeof createGateway>[0],
    upstreams: readonly string[],
  ): Promise<LiveBff> {
    const world = await startWorld({ upstreams });
    try {
      const variable = name.toUpperCase();
      const env = { ...world.env, [`${variable}_PORT`]: '0', [`${variable}_ADMIN_PORT`]: '0' };
      const policy = loadConfig(join(workspaceRoot, `apps/${name}/bff.yaml`), { env, environment: 'test' });
      const gateway = createGateway(module, { loaded: generous(policy) });
      const { url, adminUrl = '' } = await gateway.start();
      const document = (await (await fetch(`${adminUrl}/openapi.json`)).json()) as Json;
      return new LiveBff(name, world, gateway, url, document);
    } catch (cause) {
      await world.stop();
      throw cause;
    }
  }

  async ask(drawn: DrawnRequest, user: string, scopes: readonly string[]): Promise<LiveAnswer> {
    const token = await this.#token(drawn.token, user, scopes);
    const headers = { ...drawn.headers, ...(token !== undefined && { authorization: `Bearer ${token}` }) };
    return this.#send(drawn, headers);
  }

  async stop(): Promise<void> {
    this.#agent.destroy();
    await this.#gateway.close();
    await this.world.stop();
  }

  /** By `node:http`, which leaves a path as it is written. */
  #send({ method, target, body }: DrawnRequest, headers: Readonly<Record<string, string>>): Promise<LiveAnswer> {
    return new Promise((resolve, reject) => {
      const { hostname, port } = new URL(this.#url);
      const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
      const asked = request({
        agent: this.#agent,
        hostname,
        port,
        method,
        path: target,
        headers: { ...headers, ...length },
      });
      asked.once('error', reject);
      asked.once('response', (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (piece: string) => (text += piece));
        response.once('error', reject);
        response.once('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
      });
      asked.end(body);
    });
  }

  #token(kind: TokenKind, user: string, scopes: readonly string[]): Promise<string | undefined> {
    if (kind === 'none') return Promise.resolve(undefined);
    if (kind === 'garbage') return Promise.resolve('eyJhbGciOiJub25lIn0.e30.');
    const key = [kind, user, ...scopes].join(' ');
    const audience = kind === 'other_app' ? 'other-bff' : `${this.#name}-bff`;
    const token =
      this.#tokens.get(key) ??
      this.world.token({
        user,
        scopes: kind === 'no_scope' ? [] : scopes,
        audience,
        ...(kind === 'expired' && { expiresInSeconds: -60 }),
      });
    this.#tokens.set(key, token);
    return token;
  }
}

/** More requests than a person makes, calls that end soon, and breakers that close again while the test runs. */
function generous(policy: BffConfig): BffConfig {
  const many = { limit: 1_000_000, windowMs: 1000 };
  return {
    ...policy,
    log: { ...policy.log, level: 'error', requests: false },
    addressLimit: many,
    rateClasses: Object.fromEntries(Object.keys(policy.rateClasses).map((name) => [name, [{ per: 'app', ...many }]])),
    upstreams: Object.fromEntries(
      Object.entries(policy.upstreams).map(([name, own]) => [
        name,
        { ...own, timeoutMs: 150, ...(own.breaker && { breaker: { ...own.breaker, openForMs: 100 } }) },
      ]),
    ),
  };
}
