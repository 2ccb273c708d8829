import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { ProblemError, problemOf, type Problem } from '@frontage/core';
import type { Exchange } from './exchange.js';
import { writeProblem } from './responder.js';

/** Bytes that the framing of a chunked body may take besides what it carries: a fixed part, and so many for each byte carried. */
const framing = { bytes: 32 * 1024, perByte: 16 };
/** Node reads at most this much at once, so this much may have been read and not been parsed. */
const readAheadBytes = 64 * 1024;
/** The time between two looks at a body that brings nothing, in milliseconds. */
const checkEveryMs = 1000;

const readKey = Symbol('frontage.bytesRead');

interface Counted extends Socket {
  /** Bytes that the requests before this one took; `undefined` where there was none, `NaN` where it is not known. */
  [readKey]?: number;
}

/** Remembers where on its connection a request ended, so that the framing of the next one can be measured. */
export function markEnd({ complete, socket }: IncomingMessage): void {
  const counted: Counted = socket;
  counted[readKey] = complete ? socket.bytesRead : Number.NaN;
}

/**
 * Bounds the body of a request for every reader: by its declared size before anything is read, and, without a declared size, by the
 * bytes that arrive. The framing of chunks is bounded too: leading zeros of a size and extensions carry nothing (RFC 9112 section 7.1).
 * @throws ProblemError GW_PAYLOAD_TOO_LARGE where the declared size is above `maxBytes`
 */
export function boundBody(exchange: Exchange, maxBytes: number): void {
  const { headers } = exchange.request;
  if (headers['transfer-encoding'] !== undefined) return countChunks(exchange, maxBytes);
  const declared = headers['content-length'];
  if (declared === undefined || Number(declared) <= maxBytes) return;
  const { code, ...rest } = tooLarge(maxBytes);
  throw new ProblemError(code, rest);
}

function countChunks(exchange: Exchange, maxBytes: number): void {
  const { request, response } = exchange;
  const socket: Counted = request.socket;
  // Pipelined behind a request that has not ended: where that one ends is not known.
  const before = response.socket === null ? Number.NaN : (socket[readKey] ?? 0);
  const start = Number.isNaN(before) ? socket.bytesRead : before;
  const push = request.push.bind(request);
  let received = 0;
  let lastRead = socket.bytesRead;
  const watch = setInterval(() => {
    if (socket.destroyed || request.complete) clearInterval(watch);
    else if (isBloated(socket.bytesRead - readAheadBytes)) refuse(bloated);
  }, checkEveryMs).unref();
  const isBloated = (read: number): boolean => read - start - received > framing.bytes + framing.perByte * received;
  const refuse = (problem: Problem): false => {
    clearInterval(watch);
    request.push = () => false;
    writeProblem(exchange, problem);
    return false;
  };
  request.push = (chunk: unknown, encoding) => {
    const read = socket.bytesRead;
    if (chunk === null) {
      clearInterval(watch);
      return isBloated(read) ? refuse(bloated) : push(chunk, encoding);
    }
    // Of what was read just now, later chunks may be a part; all that was read before has been parsed.
    if (read !== lastRead && isBloated(lastRead)) return refuse(bloated);
    lastRead = read;
    received += chunk instanceof Uint8Array ? chunk.length : 0;
    return received > maxBytes ? refuse(tooLarge(maxBytes)) : push(chunk, encoding);
  };
}

const close = { connection: 'close' };

const tooLarge = (maxBytes: number) =>
  problemOf('GW_PAYLOAD_TOO_LARGE', { detail: `The body may have at most ${maxBytes} bytes.`, headers: close });

const bloated = problemOf('GW_BAD_REQUEST', {
  detail: 'The chunks of the body are framed with more bytes than they carry.',
  headers: close,
});
