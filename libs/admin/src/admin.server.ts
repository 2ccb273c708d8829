import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { boundSending, channels, isLoopback, systemClock, type SecurityDecision, type Warning } from '@frontage/core';

export interface AdminPage {
  readonly contentType: string;
  readonly body: string | Buffer;
  readonly status?: number;
}

/**
 * The response of a path of the admin port; made per request, so a page costs nothing until it is requested.
 * @param accept `Accept` of the request, for a page that has several formats
 */
export type AdminRoute = (path: string, accept?: string) => AdminPage | undefined | Promise<AdminPage | undefined>;

/** The response to a request that changes something, by its body. */
export type AdminAction = (body: unknown) => AdminPage | Promise<AdminPage>;

/**
 * Responds to requests of its own below the admin port, after their `Host` was checked; it checks the rest itself.
 * @returns false for a path that is none of its own
 */
export type AdminArea = (request: IncomingMessage, response: ServerResponse, path: string) => Promise<boolean>;

/** The requests that change something, and who may send them. */
export interface AdminActions {
  /** By path. */
  readonly actions: ReadonlyMap<string, AdminAction>;
  /** The bearer token that each of them needs; absent: none is accepted, unless `isOpen`. */
  readonly token?: string;
  /** Accepts them without a token from clients of this machine. @default false */
  readonly isOpen?: boolean;
}

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
export function findPage(
  routes: ReadonlyMap<string, AdminRoute>,
  path: string,
  accept?: string,
): ReturnType<AdminRoute> {
  const exact = routes.get(path);
  if (exact !== undefined) return exact(path, accept);
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
 * The port for operators: metrics, health, documents. It serves reads, and the few actions that need a token. On a loopback address it requires a loopback
 * name in `Host`, so that a page in a browser cannot reach it by a name that resolves here (DNS rebinding). On any other address it accepts
 * every name, and each client that reaches the port can read it: a network policy has to restrict access.
 */
export class AdminServer {
  readonly #server: Server;
  readonly #routes: ReadonlyMap<string, AdminRoute>;
  readonly #actions: AdminActions;
  #area: AdminArea | undefined;
  #loopback = true;

  /** @param routes by path, as {@link findPage} reads them */
  constructor(routes: ReadonlyMap<string, AdminRoute>, actions: AdminActions = { actions: new Map() }) {
    this.#routes = routes;
    this.#actions = actions;
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

  /** Gives requests to an area first. */
  add(area: AdminArea): void {
    this.#area = area;
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
    const path = pathOf(request.url ?? '/');
    const action = request.method === 'POST' ? this.#actions.actions.get(path) : undefined;
    const misnamed = this.#misnamed(request);
    if (misnamed === undefined && (await this.#area?.(request, response, path)) === true) return;
    const page =
      misnamed ??
      wrongMethod(request, action !== undefined) ??
      (action === undefined
        ? await findPage(this.#routes, path, request.headers.accept)
        : await this.#act(action, request));
    const {
      status = 200,
      contentType,
      body,
    } = page ?? {
      ...plainText,
      status: 404,
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

  async #act(action: AdminAction, request: IncomingMessage): Promise<AdminPage> {
    const { token, isOpen = false } = this.#actions;
    const { authorization = '', origin, 'content-type': type = '' } = request.headers;
    const text = plainText;
    // A page in a browser can send neither this content type nor a token without a preflight, which fails here.
    if (origin !== undefined || !/^application\/json\b/i.test(type))
      return { ...text, status: 415, body: 'Send application/json, and not from a page\n' };
    const isAllowed = token === undefined ? isOpen && this.#loopback : isSame(authorization, `Bearer ${token}`);
    if (!isAllowed) {
      tellRefused(request);
      const body = token === undefined ? 'Set admin.token in the policy of this app\n' : 'Send the admin token\n';
      return { ...text, status: token === undefined ? 403 : 401, body };
    }
    const body = await readJson(request);
    return body === undefined ? { ...text, status: 400, body: 'The body is no JSON\n' } : action(body);
  }

  #misnamed(request: IncomingMessage): AdminPage | undefined {
    const name = (request.headers.host ?? '').replace(/:\d+$/, '');
    if (!this.#loopback || isLoopback(name)) return undefined;
    return { ...plainText, status: 421, body: 'Ask by a loopback name, such as localhost\n' };
  }
}

const plainText = { contentType: 'text/plain; charset=utf-8' };

function wrongMethod({ method }: IncomingMessage, isAction: boolean): AdminPage | undefined {
  if (isAction || method === 'GET' || method === 'HEAD') return undefined;
  return { ...plainText, status: 405, body: 'GET and HEAD only\n' };
}

function tellRefused({ url = '', socket }: IncomingMessage): void {
  if (channels.securityDecision.hasSubscribers)
    channels.securityDecision.publish({
      event: 'admin.refused',
      what: `POST ${pathOf(url)}`,
      why: `${socket.remoteAddress ?? 'somebody'} did not send the admin token`,
    } satisfies SecurityDecision);
}

const maxActionBytes = 16_384;

/** The body of an action, 16 KiB at most. @returns `undefined` for one that is no JSON, or too large */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    if (!(chunk instanceof Buffer) || (size += chunk.length) > maxActionBytes) return undefined;
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    return undefined;
  }
}

/** Takes the same time wherever the texts differ. */
function isSame(given: string, wanted: string): boolean {
  return timingSafeEqual(createHash('sha256').update(given).digest(), createHash('sha256').update(wanted).digest());
}

const pathOf = (url: string): string => {
  const end = url.indexOf('?');
  return end === -1 ? url : url.slice(0, end);
};
