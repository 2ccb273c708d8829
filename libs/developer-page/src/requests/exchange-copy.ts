import type { IncomingMessage, ServerResponse } from 'node:http';

/** Bytes that are kept of a body, 256 KiB. */
const maxBytes = 262_144;

/** A request and its response as far as they are kept, in memory of this process alone. */
export interface ExchangeCopy {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly requestHeaders: readonly string[];
  readonly requestBody: BodyCopy;
  readonly responseBody: BodyCopy;
  /** Name and value, as they were sent; read when the response has ended. */
  responseHeaders(): readonly (readonly [name: string, value: string])[];
}

/** The beginning of a body. */
export class BodyCopy {
  readonly #chunks: Buffer[] = [];
  #size = 0;
  /** It was longer than what is kept, so that nothing of it is. */
  isTooLong = false;

  add(chunk: unknown, encoding: unknown): void {
    if (this.isTooLong) return;
    const bytes = bytesOf(chunk, encoding);
    if (bytes === undefined) return;
    this.#size += bytes.length;
    if (this.#size > maxBytes) {
      this.isTooLong = true;
      this.#chunks.length = 0;
    } else this.#chunks.push(bytes);
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#chunks);
  }
}

function bytesOf(chunk: unknown, encoding: unknown): Buffer | undefined {
  if (typeof chunk === 'string')
    return Buffer.from(chunk, typeof encoding === 'string' && Buffer.isEncoding(encoding) ? encoding : 'utf8');
  return chunk instanceof Uint8Array ? Buffer.from(chunk) : undefined;
}

/**
 * Copies the bytes of an exchange as they pass: the response where it is written, the request where the parser of Node puts it into the
 * stream, so that nothing is read that the app would not have read.
 */
export function copyExchange(request: IncomingMessage, response: ServerResponse): ExchangeCopy {
  const requestBody = new BodyCopy();
  const responseBody = new BodyCopy();
  const push = request.push.bind(request);
  request.push = (chunk: unknown, encoding?: BufferEncoding): boolean => {
    requestBody.add(chunk, encoding);
    return push(chunk, encoding);
  };
  const write = response.write.bind(response);
  response.write = (...args: unknown[]): boolean => {
    responseBody.add(args[0], args[1]);
    return Reflect.apply(write, response, args);
  };
  const end = response.end.bind(response);
  response.end = (...args: unknown[]): ServerResponse => {
    responseBody.add(args[0], args[1]);
    return Reflect.apply(end, response, args);
  };
  let sent: readonly (readonly [string, string])[] = [];
  const writeHead = response.writeHead.bind(response);
  response.writeHead = (...args: unknown[]): ServerResponse => {
    sent = pairsOf(args.at(-1));
    return Reflect.apply(writeHead, response, args);
  };
  return {
    method: request.method ?? 'GET',
    target: request.url ?? '/',
    requestHeaders: request.rawHeaders,
    requestBody,
    responseBody,
    responseHeaders: () => [...pairsOf(response.getHeaders()), ...sent],
  };
}

/** Header fields as `writeHead` takes them: an object, or names and values in turn. */
function pairsOf(headers: unknown): readonly (readonly [string, string])[] {
  if (Array.isArray(headers)) {
    const flat: readonly unknown[] = headers;
    return flat.flatMap((name, at) => (at % 2 === 0 ? [[String(name), String(flat[at + 1])] as const] : []));
  }
  if (typeof headers !== 'object' || headers === null) return [];
  return Object.entries(headers).map(([name, value]) => [name, String(value)] as const);
}
