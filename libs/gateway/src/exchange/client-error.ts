import { randomUUID } from 'node:crypto';
import { ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { problemOf, type ErrorCode } from '@frontage/core';
import { exchangeOf } from './exchange.js';
import { isParting } from './parting.js';
import { problemResponse } from './problem-response.js';
import { writeProblem } from './responder.js';

/** Error codes of Node's parser with a problem of their own; every other one is a malformed request. */
const codes: ReadonlyMap<string, ErrorCode> = new Map([
  ['HPE_HEADER_OVERFLOW', 'GW_HEADERS_TOO_LARGE'],
  ['HPE_CHUNK_EXTENSIONS_OVERFLOW', 'GW_PAYLOAD_TOO_LARGE'],
  ['ERR_HTTP_REQUEST_TIMEOUT', 'GW_REQUEST_TIMEOUT'],
]);

const close = { headers: { connection: 'close' } };

/**
 * Responds to bytes that are no request, or no body of the request before them, and closes: later bytes on such a connection cannot
 * be told apart (RELIABILITY H1).
 * @param commonHeaders of every response, flat
 */
export const clientErrorResponder =
  (commonHeaders: readonly string[]) =>
  (error: ClientError, socket: Socket): void =>
    respondToClientError(error, socket, commonHeaders);

type ClientError = Error & { readonly code?: string };

function respondToClientError(error: ClientError, socket: Socket, commonHeaders: readonly string[]): void {
  // The last response of the connection is on its way; what came behind it does not matter.
  if (isParting(socket)) return;
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const code = codes.get(error.code ?? '') ?? 'GW_BAD_REQUEST';
  // Node's own mark of the response that the connection belongs to.
  const current = '_httpMessage' in socket ? socket._httpMessage : undefined;
  if (current !== undefined && current !== null) {
    if (current instanceof ServerResponse && isResponseToOwnBody(current, code)) return;
    // Nothing is written into the middle of another request's response.
    socket.destroy();
    return;
  }
  const problem = problemOf(code, close);
  const { headers, body } = problemResponse(problem, randomUUID(), commonHeaders);
  const head = [
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${String(value)}`),
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

/** The error stands in the body of the very request that waits for this response: then that request gets this response. */
function isResponseToOwnBody(response: ServerResponse, code: ErrorCode): boolean {
  const exchange = exchangeOf(response.req);
  if (exchange === undefined || response.req.complete || response.headersSent) return false;
  writeProblem(exchange, problemOf(code, close));
  return true;
}
