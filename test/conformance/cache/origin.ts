import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '@frontage/core';
import type { Case } from './definitions.js';
import { dateText, headerValue } from './header-values.js';

/** A request that reached the origin. */
export interface Seen {
  /** The number of the client's request that led to it; 1 for the first. */
  readonly number: number;
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  /** The headers of its response, by lower-case name. */
  readonly sent: ReadonlyMap<string, string>;
  /** Those of them for which the client looks. */
  readonly checked: ReadonlySet<string>;
}

interface Played {
  readonly test: Case;
  readonly seen: Seen[];
}

const withoutContent: ReadonlySet<number> = new Set([204, 304]);

/** A server that acts out the responses in definitions, over sockets, at the time of a clock. */
export class Origin {
  readonly #server: Server;
  readonly #clock: Clock;
  readonly #played = new Map<string, Played>();

  private constructor(clock: Clock) {
    this.#clock = clock;
    this.#server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => this.#respond(request, response));
  }

  static async start(clock: Clock): Promise<Origin> {
    const origin = new Origin(clock);
    origin.#server.listen(0, '127.0.0.1');
    await once(origin.#server, 'listening');
    return origin;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Plays a case under `/test/<id>`. @returns the requests that arrive for it */
  play(id: string, test: Case): readonly Seen[] {
    const seen: Seen[] = [];
    this.#played.set(id, { test, seen });
    return seen;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #respond(request: IncomingMessage, response: ServerResponse): void {
    const { url = '', method = '', headers } = request;
    request.resume();
    const id = url.split(/[/?]/)[2] ?? '';
    const played = this.#played.get(id);
    const number = Number(headers['req-num'] ?? (played?.seen.length ?? 0) + 1);
    const step = played?.test.requests[number - 1];
    if (played === undefined || step === undefined) {
      response.writeHead(409).end(`no response to request ${number}`);
      return;
    }
    const { test, seen } = played;
    const now = this.#clock.wallTime();
    const fields = (step.response_headers ?? []).map(
      (header) => [header[0], headerValue(header, step, now, url)] as const,
    );
    const previous = test.requests[number - 2]?.response_headers ?? [];
    let status = step.response_status?.[0] ?? 200;
    if (step.expected_type?.endsWith('validated') === true) {
      // The validators of the response before it; a date that is counted from now is the one that was sent then.
      const validators = seen.at(-1)?.sent ?? new Map<string, string>();
      const is = (name: string, asked: string): boolean =>
        previous.some(([one]) => one.toLowerCase() === name) && headers[asked] === validators.get(name);
      status = is('etag', 'if-none-match') || is('last-modified', 'if-modified-since') ? 304 : 999;
    }
    response.statusCode = status;
    // Headers that stand for what the operation client of a front hands on of a response besides its value.
    response.setHeader('Server-Request-Count', number);
    response.setHeader('Server-Now', now);
    if (status !== 304) response.setHeader('Server-Status', status);
    response.sendDate = false;
    if (!fields.some(([name]) => name.toLowerCase() === 'date')) response.setHeader('Date', dateText(now, false));
    for (const [name, value] of fields) response.appendHeader(name, value);
    if (!response.hasHeader('content-type')) response.setHeader('Content-Type', 'text/plain');
    const sent = new Map(fields.map(([name]) => [name.toLowerCase(), textOf(response, name)]));
    const unchecked = (step.response_headers ?? []).filter(([, , isChecked]) => isChecked === false);
    const ignored = new Set(['date', ...unchecked.map(([name]) => name.toLowerCase())]);
    seen.push({ number, method, headers, sent, checked: new Set(sent.keys()).difference(ignored) });
    if (step.disconnect === true) request.socket.destroy();
    else if (withoutContent.has(status)) response.end();
    else response.end(step.response_body ?? id);
  }
}

function textOf(response: ServerResponse, name: string): string {
  const value = response.getHeader(name);
  return Array.isArray(value) ? value.join(', ') : String(value ?? '');
}
