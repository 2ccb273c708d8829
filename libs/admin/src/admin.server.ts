import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { boundSending, channels, isLoopback, systemClock, type Warning } from '@frontage/core';

export interface AdminPage {
  readonly contentType: string;
  readonly body: string | Buffer;
  readonly status?: number;
}

/** The response of a path of the admin port; made per request, so a page costs nothing until it is requested. */
export type AdminRoute = (path: string) => AdminPage | undefined | Promise<AdminPage | undefined>;

export const jsonPage = (value: unknown): AdminPage => ({
  contentType: 'application/json',
  body: `${JSON.stringify(value, null, 2)}\n`,
});

/** The response of `/readyz` for operators. */
export const readinessPage = (report: { readonly status: 'ok' | 'error' }): AdminPage => ({
  ...jsonPage(report),
  status: report.status === 'ok' ? 200 : 503,
});

/** The page of a path. A path of `routes` that ends in `/*` matches every path below it. */
export function findPage(routes: ReadonlyMap<string, AdminRoute>, path: string): ReturnType<AdminRoute> {
  const exact = routes.get(path);
  if (exact !== undefined) return exact(path);
  for (const [pattern, route] of routes) {
    if (pattern.endsWith('/*') && path.startsWith(pattern.slice(0, -1))) return route(path);
  }
  return undefined;
}

/** How an address stands in a URL (RFC 3986 section 3.2.2); one that means all of a machine's, as one that can be asked. */
export function urlHost(host: string): string {
  const bare = host.replace(/^\[(.*)\]$/, '$1');
  if (bare === '0.0.0.0' || bare === '::') return '127.0.0.1';
  return bare.includes(':') ? `[${bare}]` : bare;
}

/** Operators read what they ask for. */
const sendLimits = { sendIdleTimeoutMs: 10_000, sendTimeoutMs: 60_000 };

/**
 * The port for operators: metrics, health, documents. It serves reads only. On a loopback address it requires a loopback
 * name in `Host`, so that a page in a browser cannot reach it by a name that resolves here (DNS rebinding). On any other address it accepts
 * every name, and each client that reaches the port can read it: a network policy has to restrict access.
 */
export class AdminServer {
  readonly #server: Server;
  readonly #routes: ReadonlyMap<string, AdminRoute>;
  #loopback = true;

  /** @param routes by path, as {@link findPage} reads them */
  constructor(routes: ReadonlyMap<string, AdminRoute>) {
    this.#routes = routes;
    this.#server = createServer((request, response) => {
      this.#respond(request, response).catch((cause: unknown) => {
        // The cause may name files of this machine, so it goes to the log only.
        const message = `the admin port failed to respond: ${cause instanceof Error ? cause.message : 'unknown'}`;
        channels.warning.publish({ from: 'gateway', message } satisfies Warning);
        response.writeHead(500, { 'content-type': 'text/plain; charset=utf-8' }).end('This page could not be made.\n');
      });
    });
    boundSending(this.#server, sendLimits, systemClock);
  }

  /** Resolves with its URL once it accepts connections. */
  listen(port: number, host: string): Promise<string> {
    this.#loopback = isLoopback(host);
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, host, () => {
        const { port: taken } = this.#server.address() as AddressInfo;
        resolve(`http://${urlHost(host)}:${taken}`);
      });
    });
  }

  close(): Promise<void> {
    if (!this.#server.listening) return Promise.resolve();
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const page = this.#refusal(request) ?? (await findPage(this.#routes, pathOf(request.url ?? '/')));
    const {
      status = 200,
      contentType,
      body,
    } = page ?? {
      status: 404,
      contentType: 'text/plain; charset=utf-8',
      body: `Nothing here. Try: ${[...this.#routes.keys()].join(' ')}\n`,
    };
    response.writeHead(status, {
      'content-type': contentType,
      'content-length': Buffer.byteLength(body),
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'content-security-policy':
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'",
    });
    response.end(request.method === 'HEAD' ? undefined : body);
  }

  #refusal(request: IncomingMessage): AdminPage | undefined {
    const text = { contentType: 'text/plain; charset=utf-8' };
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return { ...text, status: 405, body: 'GET and HEAD only\n' };
    const name = (request.headers.host ?? '').replace(/:\d+$/, '');
    if (this.#loopback && !isLoopback(name))
      return { ...text, status: 421, body: 'Ask by a loopback name, such as localhost\n' };
    return undefined;
  }
}

const pathOf = (url: string): string => {
  const end = url.indexOf('?');
  return end === -1 ? url : url.slice(0, end);
};
