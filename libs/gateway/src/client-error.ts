import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { errorCodes, type ErrorCode } from '@frontage/core';
import { isParting } from './inbound/parting.js';
import { problemDetails, securityHeaders } from './responder.js';

/** What the parser of Node says of bytes that are no request; all else is a malformed one. */
const codes: Readonly<Record<string, ErrorCode>> = {
  HPE_HEADER_OVERFLOW: 'GW_HEADERS_TOO_LARGE',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 'GW_PAYLOAD_TOO_LARGE',
  ERR_HTTP_REQUEST_TIMEOUT: 'GW_REQUEST_TIMEOUT',
};

/** Answers bytes that never became a request, and closes: what follows on such a connection cannot be told apart (RELIABILITY H1). */
export function answerClientError(error: Error & { readonly code?: string }, socket: Socket): void {
  // The last response of the connection is on its way; what came behind it does not matter.
  if (isParting(socket)) return;
  // Node's own mark of an answer under way: nothing is written into the middle of it.
  const answering = '_httpMessage' in socket && socket._httpMessage != null;
  if (error.code === 'ECONNRESET' || !socket.writable || answering) {
    socket.destroy();
    return;
  }
  const { status, headers, body } = answerOf(codes[error.code ?? ''] ?? 'GW_BAD_REQUEST');
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

function answerOf(code: ErrorCode): {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
} {
  const { status } = errorCodes[code];
  const requestId = randomUUID();
  const body = JSON.stringify(problemDetails({ code, status }, requestId));
  const headers = {
    'content-type': 'application/problem+json; charset=utf-8',
    'content-length': String(Buffer.byteLength(body)),
    'cache-control': 'no-store',
    'x-request-id': requestId,
    ...Object.fromEntries(securityHeaders),
  };
  return { status, headers, body };
}
