import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReceivedResponse } from './recorded-response.js';

/** Fields of one connection, RFC 9110 section 7.6.1, and those that `fetch` sets itself. */
const ofConnection: ReadonlySet<string> = new Set(
  'connection keep-alive proxy-authenticate proxy-authorization te trailer transfer-encoding upgrade host expect content-length'.split(
    ' ',
  ),
);

export interface RecordingProxyOptions {
  /** Address of the real upstream, without a slash at the end. */
  readonly target: string;
  /** Longest request or response body that is recorded, in bytes; longer ones pass unrecorded. */
  readonly maxBytes: number;
  /** Gets each response with all its bytes, after the app has them. */
  onReceived(response: ReceivedResponse): void;
  /** Gets the reason why a response was not recorded. */
  onSkipped(request: string, reason: string): void;
}

/** A server on the loopback that passes every request on to one upstream, and hands out its responses. */
export class RecordingProxy {
  private constructor(
    readonly url: string,
    private readonly server: Server,
  ) {}

  static async start(options: RecordingProxyOptions): Promise<RecordingProxy> {
    const server = createServer((request, response) => {
      // The app sees a failed connection, as it does without this server.
      passOn(request, response, options).catch(() => response.destroy());
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('unreachable: it listens on a port');
    return new RecordingProxy(`http://127.0.0.1:${address.port}`, server);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}

async function passOn(
  request: IncomingMessage,
  response: ServerResponse,
  options: RecordingProxyOptions,
): Promise<void> {
  const { target, maxBytes } = options;
  const { method = 'GET', url = '/' } = request;
  const ended = new AbortController();
  response.once('close', () => ended.abort());
  const sent = new Copy(maxBytes);
  const hasBody = request.headers['content-length'] !== undefined || request.headers['transfer-encoding'] !== undefined;
  const upstream = await fetch(`${target}${url}`, {
    method,
    headers: sentHeaders(request),
    redirect: 'manual',
    signal: ended.signal,
    ...(hasBody && { body: Readable.toWeb(request.pipe(sent)), duplex: 'half' }),
  });
  // `fetch` has decoded the body.
  const gone = new Set([...ofConnection, 'content-encoding']);
  response.writeHead(upstream.status, [...upstream.headers].filter(([name]) => !gone.has(name)).flat());
  const received = new Copy(maxBytes);
  if (upstream.body === null) response.end();
  else await pipeline(Readable.fromWeb(upstream.body), received, response);
  const bodies = [sent.bytes(), received.bytes()] as const;
  const [requestBody, body] = bodies;
  if (requestBody === undefined || body === undefined)
    return options.onSkipped(`${method} ${url}`, `its body has more than ${maxBytes} bytes`);
  return options.onReceived({
    method,
    target: url,
    requestBody,
    status: upstream.status,
    headers: upstream.headers,
    body,
  });
}

/** Passes bytes on, and keeps them as long as they are few. */
class Copy extends Transform {
  readonly #maxBytes: number;
  #pieces: Buffer[] | undefined = [];
  #length = 0;

  constructor(maxBytes: number) {
    super();
    this.#maxBytes = maxBytes;
  }

  override _transform(piece: Buffer, _: BufferEncoding, done: (error: null, piece: Buffer) => void): void {
    this.#length += piece.length;
    if (this.#length > this.#maxBytes) this.#pieces = undefined;
    this.#pieces?.push(piece);
    done(null, piece);
  }

  /** Undefined where there were too many. */
  bytes(): Uint8Array | undefined {
    return this.#pieces && Buffer.concat(this.#pieces);
  }
}

/** The fields of a request, each with all its values. */
function sentHeaders({ rawHeaders }: IncomingMessage): Headers {
  const headers = new Headers();
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    if (!ofConnection.has(name.toLowerCase())) headers.append(name, rawHeaders[at + 1] ?? '');
  }
  return headers;
}
