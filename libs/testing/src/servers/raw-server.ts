import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A request as it arrived; nothing is refused. */
export interface RawRequest {
  readonly method: string;
  readonly target: string;
  /** By lower-case name; the last one of a name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** 0 for the first request of the server. */
  readonly index: number;
  /** 0 for the first connection of the server: the same number is the same connection. */
  readonly connection: number;
}

/** Handles the connection as the test needs. Ready-made ones are in {@link rawReplies}. */
export type RawReply = (socket: Socket, request: RawRequest) => void;

/** Largest request in bytes; tests send less. */
const maxRequests = 10_000;

/** An upstream that speaks raw TCP, for responses that no HTTP server would write. */
export class RawServer {
  /** Handles requests from now on. */
  reply: RawReply;
  /** The requests that arrived, in order. */
  readonly requests: RawRequest[] = [];
  readonly #server: Server;
  readonly #open = new Set<Socket>();
  #connections = 0;

  private constructor(reply: RawReply) {
    this.reply = reply;
    this.#server = createServer((socket) => this.#accept(socket));
  }

  /** Listens on a free port of 127.0.0.1. */
  static async start(reply: RawReply): Promise<RawServer> {
    const server = new RawServer(reply);
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Number of all connections so far. */
  get connectionCount(): number {
    return this.#connections;
  }

  get openConnections(): number {
    return this.#open.size;
  }

  /** Waits until all callers have closed their connections. */
  async untilIdle(): Promise<void> {
    // Not events.once, which treats the reset of a connection as a failure.
    const closed = (socket: Socket): Promise<void> =>
      new Promise((resolve) => void socket.once('close', () => resolve()));
    while (this.#open.size > 0) await Promise.all(Array.from(this.#open, closed));
  }

  async stop(): Promise<void> {
    for (const socket of this.#open) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #accept(socket: Socket): void {
    const connection = this.#connections++;
    this.#open.add(socket);
    socket.once('close', () => this.#open.delete(socket));
    // Callers reset connections: these tests are about that.
    socket.on('error', () => {});
    let pending = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      pending = Buffer.concat([pending, chunk]);
      for (let parsed = parseRequest(pending); parsed !== undefined; parsed = parseRequest(pending)) {
        pending = pending.subarray(parsed.length);
        const request = { ...parsed.request, index: this.requests.length, connection };
        if (this.requests.length < maxRequests) this.requests.push(request);
        this.reply(socket, request);
      }
    });
  }
}

interface Parsed {
  readonly request: Omit<RawRequest, 'index' | 'connection'>;
  /** Number of its bytes. */
  readonly length: number;
}

/** The first complete request of the bytes. */
function parseRequest(bytes: Buffer): Parsed | undefined {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd < 0) return undefined;
  const [start = '', ...lines] = bytes.toString('latin1', 0, headEnd).split('\r\n');
  const [method = '', target = ''] = start.split(' ');
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );
  const bodyAt = headEnd + 4;
  if (headers['transfer-encoding'] === 'chunked') {
    const end = bytes.indexOf('0\r\n\r\n', bodyAt);
    if (end < 0) return undefined;
    const chunks = bytes.toString('utf8', bodyAt, end).split('\r\n');
    const body = chunks.filter((_, index) => index % 2 === 1).join('');
    return { request: { method, target, headers, body }, length: end + 5 };
  }
  const length = bodyAt + Number(headers['content-length'] ?? 0);
  if (bytes.length < length) return undefined;
  return { request: { method, target, headers, body: bytes.toString('utf8', bodyAt, length) }, length };
}
