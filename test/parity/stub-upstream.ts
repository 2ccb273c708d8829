import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as an upstream got it. */
export interface StubRequest {
  readonly method: string;
  /** Path and query, as they were sent. */
  readonly target: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** The JSON of the body; undefined where there is none. */
  readonly body: unknown;
  /** The decoded segments that stand in the places of `{...}`. */
  readonly params: readonly string[];
  /** Settles when the caller has left before its response was written. */
  readonly left: Promise<void>;
}

export interface StubReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; without it the response has no body. */
  readonly body?: unknown;
}

/** `reset` closes the connection instead of sending a response. */
type Answer = StubReply | 'reset';
export type StubHandler = (request: StubRequest) => Answer | Promise<Answer>;

/** More than any test sends. */
const maxRequests = 1000;

/** A small service on a free port; it follows the scenario until a test overrides it. */
export class StubUpstream {
  /** Requests since the last `reset()`. */
  readonly requests: StubRequest[] = [];
  /** While it is set, it responds in place of the service. */
  fault: StubHandler | undefined;
  readonly #routes: readonly { readonly method: string; readonly path: RegExp; readonly handler: StubHandler }[];
  readonly #server: Server;
  readonly #waiting = new Set<() => void>();
  #gate: Promise<void> = Promise.resolve();
  #open = (): void => {};

  private constructor(routes: Readonly<Record<string, StubHandler>>) {
    this.#routes = Object.entries(routes).map(([route, handler]) => {
      const [method = '', path = ''] = route.split(' ');
      return { method, path: new RegExp(`^${path.replaceAll(/\{\w+\}/g, '([^/]+)')}$`), handler };
    });
    this.#server = createServer((request, response) => void this.#serve(request, response));
  }

  /** @param routes by method and template: `GET /items/{id}` */
  static async start(routes: Readonly<Record<string, StubHandler>>): Promise<StubUpstream> {
    const upstream = new StubUpstream(routes);
    upstream.#server.listen(0, '127.0.0.1');
    await once(upstream.#server, 'listening');
    return upstream;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Requests of one method, `GET` say. */
  got(method: string): readonly StubRequest[] {
    return this.requests.filter((request) => request.method === method);
  }

  /** Waits until so many requests have arrived. */
  async arrived(count: number): Promise<readonly StubRequest[]> {
    while (this.requests.length < count) await new Promise<void>((resolve) => void this.#waiting.add(resolve));
    return this.requests;
  }

  /** Takes requests from now on without a response, until `release()`. */
  hold(): void {
    this.#gate = new Promise((resolve) => (this.#open = resolve));
  }

  release(): void {
    this.#open();
  }

  /** Forgets the requests, and returns to the scenario. */
  reset(): void {
    this.requests.length = 0;
    this.fault = undefined;
    this.release();
  }

  async stop(): Promise<void> {
    this.release();
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  async #serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(incoming.url ?? '/', this.url);
    const route = this.#routes.find(({ method, path }) => method === incoming.method && path.test(pathname));
    const request: StubRequest = {
      method: incoming.method ?? '',
      target: incoming.url ?? '',
      path: pathname,
      query: searchParams,
      headers: incoming.headers,
      body: await readJson(incoming),
      params: (route?.path.exec(pathname) ?? []).slice(1).map(decodeURIComponent),
      left: new Promise((resolve) => void response.once('close', () => response.writableEnded || resolve())),
    };
    if (this.requests.length < maxRequests) this.requests.push(request);
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
    await this.#gate;
    const answer = await (this.fault ?? route?.handler ?? notFound)(request);
    if (answer === 'reset') return void incoming.socket.resetAndDestroy();
    const { status, headers, body } = answer;
    if (body === undefined) return void response.writeHead(status, headers).end();
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  }
}

const notFound: StubHandler = () => ({ status: 404 });

async function readJson(incoming: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = await incoming.toArray();
  const text = Buffer.concat(chunks).toString('utf8');
  return text === '' ? undefined : JSON.parse(text);
}
