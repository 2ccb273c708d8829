import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The part of a file of `frontage dev --record` that is served again. */
interface Recorded {
  readonly request: { readonly method: string; readonly target: string; readonly bodySha256?: string };
  readonly response: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: unknown;
    readonly bodyText?: string;
  };
}

interface Served extends Recorded {
  readonly file: string;
  readonly path: RegExp;
  /** Sorted by name and value. */
  readonly query: readonly (readonly [name: string, value: RegExp])[];
}

/** Responses of real services, recorded by `frontage dev <app> --real ... --record`, as a server. */
export class RecordedServices {
  /** Requests for which there is no recorded response, such as `orders GET /orders?limit=3`; they got status 501. */
  readonly missed: string[] = [];
  /** The upstreams with a folder of recorded responses. */
  readonly upstreams: readonly string[];
  readonly #server: Server;
  readonly #url: string;

  private constructor(server: Server, url: string, upstreams: readonly string[]) {
    this.#server = server;
    this.#url = url;
    this.upstreams = upstreams;
  }

  /**
   * Serves all recorded responses of a folder on a free port of the loopback.
   * @param folder such as `new URL('recorded/', import.meta.url)`
   * @throws {Error} where the folder has none, or a file that is no recorded response
   */
  static async start(folder: URL | string): Promise<RecordedServices> {
    const path = typeof folder === 'string' ? folder : fileURLToPath(folder);
    const names = existsSync(path) ? readdirSync(path, { withFileTypes: true }).filter((one) => one.isDirectory()) : [];
    const upstreams = new Map(names.map(({ name }) => [name, readFolder(join(path, name))]));
    if (upstreams.size === 0)
      throw new Error(`${path} has no recorded responses: npm run dev -- <app> --real <upstream>=<URL> --record`);
    const server = createServer((request, response) => {
      respond(request, response).catch(() => response.destroy());
    });
    const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      const [, upstream = '', target = '/'] = /^\/([^/?]+)(.*)$/.exec(request.url ?? '') ?? [];
      const found = find(upstreams.get(upstream) ?? [], request.method ?? 'GET', target, await bodyHash(request));
      if (found !== undefined) return send(response, found);
      const missing = `${upstream} ${request.method} ${target}`;
      services.missed.push(missing);
      response.writeHead(501, { 'content-type': 'application/problem+json' });
      response.end(JSON.stringify({ title: 'Not recorded', status: 501, detail: missing }));
    };
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('unreachable: it listens on a port');
    const services = new RecordedServices(server, `http://127.0.0.1:${address.port}`, [...upstreams.keys()].toSorted());
    return services;
  }

  /** The address of an upstream, for `urls` of `bff.yaml`. */
  url(upstream: string): string {
    return `${this.#url}/${upstream}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

function send(response: ServerResponse, { response: { status, headers, body, bodyText } }: Recorded): void {
  const text = body === undefined ? bodyText : JSON.stringify(body);
  response.writeHead(status, headers);
  response.end(text);
}

function find(all: readonly Served[], method: string, target: string, hash: string | undefined): Served | undefined {
  const { path, query } = partsOf(target);
  return all.find(
    (one) =>
      one.request.method === method &&
      one.request.bodySha256 === hash &&
      one.path.test(path) &&
      one.query.length === query.length &&
      one.query.every(([name, value], at) => name === query[at]?.[0] && value.test(query[at][1])),
  );
}

function readFolder(folder: string): readonly Served[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .toSorted()
    .map((name) => {
      const file = join(folder, name);
      const recorded: unknown = JSON.parse(readFileSync(file, 'utf8'));
      if (!isRecorded(recorded)) throw new Error(`${file} is no recorded response: it has no request and response`);
      const { path, query } = partsOf(recorded.request.target);
      return {
        ...recorded,
        file,
        path: pattern(path),
        query: query.map(([key, value]) => [key, pattern(value)] as const),
      };
    });
}

function isRecorded(value: unknown): value is Recorded {
  if (typeof value !== 'object' || value === null || !('request' in value) || !('response' in value)) return false;
  const { request, response } = value;
  if (typeof request !== 'object' || request === null || typeof response !== 'object' || response === null)
    return false;
  const isRequest = 'method' in request && 'target' in request && typeof request.target === 'string';
  return isRequest && 'status' in response && 'headers' in response;
}

/** Order of the query does not matter. */
function partsOf(target: string): { path: string; query: readonly (readonly [string, string])[] } {
  const at = target.indexOf('?');
  const query = new URLSearchParams(at < 0 ? '' : target.slice(at + 1));
  query.sort();
  return { path: at < 0 ? target : target.slice(0, at), query: [...query] };
}

/** `[redacted]` stands for what was taken out of the recorded request. */
function pattern(text: string): RegExp {
  const pieces = text.split('[redacted]').map((piece) => piece.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`));
  return new RegExp(`^${pieces.join('.*')}$`, 's');
}

async function bodyHash(request: IncomingMessage): Promise<string | undefined> {
  const hash = createHash('sha256');
  let isEmpty = true;
  for await (const piece of request) {
    isEmpty = false;
    hash.update(piece);
  }
  return isEmpty ? undefined : hash.digest('hex');
}
