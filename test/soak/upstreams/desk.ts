import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { posix } from 'node:path';
import { json } from 'node:stream/consumers';
import { markOf, subjectOf } from './marks.js';

/** Calls at the same time that policy allows to the desk. */
export const deskConcurrency = 30;
export const newsTitle = 'All is well';
const bigText = 'abcdefgh'.repeat(64 * 1024);

/** The upstream that is always well. It writes down what the BFF should never have sent. */
export class Desk {
  readonly #server: Server;
  #waiting: (() => void)[] = [];
  /** Requests that no client of the BFF may cause. */
  readonly intrusions: string[] = [];
  orders = 0;

  private constructor() {
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch(() => response.destroy());
    });
    this.#server.keepAliveTimeout = 60_000;
  }

  static async start(): Promise<Desk> {
    const desk = new Desk();
    desk.#server.listen(0, '127.0.0.1');
    await once(desk.#server, 'listening');
    return desk;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // As nginx does with `proxy_pass` and a path: decodes, then resolves.
    const path = posix.normalize(decodeURIComponent((request.url ?? '').split('?', 1)[0] ?? '').replaceAll('\\', '/'));
    const [, place = '', id = ''] = path.split('/');
    if (request.method === 'POST' && place === 'orders') return this.#order(request, response);
    if (place === 'profiles') return this.#profile(id, request, response);
    if (place === 'news') return send(response, { title: newsTitle });
    if (place === 'big') return send(response, { text: bigText });
    if (place === 'together') return this.#together(id, response);
    this.intrusions.push(`${request.method} ${request.url}`);
    response.writeHead(404).end();
  }

  #profile(id: string, request: IncomingMessage, response: ServerResponse): void {
    const subject = subjectOf(request.headers.authorization);
    if (subject !== undefined && subject !== id) this.intrusions.push(`the token of ${subject} for ${id}`);
    send(response, { id, mark: markOf(id) });
  }

  async #order(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { name } = (await json(request)) as { readonly name: string };
    const subject = subjectOf(request.headers.authorization) ?? 'none';
    this.orders++;
    if (!name.startsWith('fine')) this.intrusions.push(`an order of ${subject}: ${name.slice(0, 80)}`);
    send(response, { id: name, mark: markOf(subject) }, 201);
  }

  /** Responses wait for each other: they come only if as many calls as policy allows are under way at the same time. */
  #together(id: string, response: ServerResponse): void {
    this.#waiting.push(() => send(response, { id, mark: markOf(id) }));
    if (this.#waiting.length < deskConcurrency) return;
    for (const answer of this.#waiting) answer();
    this.#waiting = [];
  }
}

function send(response: ServerResponse, value: unknown, status = 200): void {
  const body = JSON.stringify(value);
  response
    .writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
    .end(body);
}
